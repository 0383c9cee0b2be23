//! Where webhooks go: subscription, overrides, handshakes.

use sandbox::{SandboxConfig, seed};
use serde_json::json;

use crate::support::{Callback, Caller, welcome};

fn apps() -> String {
    format!("/v24.0/{}/subscribed_apps", seed::ACCOUNT_ID)
}

/// Accounts as a fresh customer has them.
fn unsubscribed() -> SandboxConfig {
    let mut config = SandboxConfig::for_tests();
    config.world.accounts.values_mut().for_each(|account| account.subscribed = false);
    config
}

#[tokio::test]
async fn nothing_arrives_without_a_subscription() {
    let callback = Callback::start().await;
    let caller = Caller::start(unsubscribed().with_webhook(&callback.url)).await;
    let deaf = caller.send(welcome("+351912000001")).await;
    assert_eq!(caller.get(&apps()).await.body["data"], json!([]));
    assert_eq!(caller.post(&apps(), json!({})).await.body, json!({ "success": true }));
    let heard = caller.send(welcome("+351912000002")).await;
    caller.sandbox.webhooks_settled().await;
    assert!(callback.history(deaf.wamid()).is_empty());
    assert_eq!(callback.history(heard.wamid()).len(), 3);
    let listed = caller.get(&apps()).await.body;
    assert_eq!(listed["data"][0]["whatsapp_business_api_data"]["id"], seed::APP_ID);
    let url = caller.url(&apps());
    caller.ask(caller.client.delete(url).bearer_auth(seed::TOKEN)).await;
    assert_eq!(caller.get(&apps()).await.body["data"], json!([]));
}

#[tokio::test]
async fn an_override_needs_its_handshake_and_takes_precedence() {
    let (app_level, account_level, number_level) =
        (Callback::start().await, Callback::start().await, Callback::start().await);
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&app_level.url)).await;
    let wrong = json!({ "override_callback_uri": account_level.url, "verify_token": "wrong" });
    assert_eq!(caller.post(&apps(), wrong).await.code(), 2200);
    let nobody =
        json!({ "override_callback_uri": "http://127.0.0.1:9/hook", "verify_token": seed::VERIFY_TOKEN });
    assert_eq!(caller.post(&apps(), nobody).await.code(), 2200);
    let right = json!({ "override_callback_uri": account_level.url, "verify_token": seed::VERIFY_TOKEN });
    assert_eq!(caller.post(&apps(), right).await.status, 200);
    assert_eq!(caller.get(&apps()).await.body["data"][0]["override_callback_uri"], account_level.url);
    let by_account = caller.send(welcome("+351912000001")).await;
    caller.sandbox.webhooks_settled().await;
    let configuration = json!({ "webhook_configuration": { "override_callback_uri": number_level.url, "verify_token": seed::VERIFY_TOKEN } });
    assert_eq!(caller.post(&format!("/v24.0/{}", seed::NUMBER_ID), configuration).await.status, 200);
    let by_number = caller.send(welcome("+351912000002")).await;
    caller.sandbox.webhooks_settled().await;
    assert!(app_level.posts().is_empty());
    assert_eq!(account_level.history(by_account.wamid()).len(), 3);
    assert_eq!(number_level.history(by_number.wamid()).len(), 3);
    let number = caller.get(&format!("/v24.0/{}?fields=webhook_configuration", seed::NUMBER_ID)).await.body;
    assert_eq!(number["webhook_configuration"]["phone_number"], number_level.url);
    // A subscription without a body takes the account's override away.
    caller.post(&apps(), json!({})).await;
    assert!(caller.get(&apps()).await.body["data"][0].get("override_callback_uri").is_none());
}

#[tokio::test]
async fn the_app_sets_its_own_callback() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests()).await;
    let path = format!("/v24.0/{}/subscriptions", seed::APP_ID);
    let body = json!({ "object": "whatsapp_business_account", "callback_url": callback.url,
        "verify_token": seed::VERIFY_TOKEN, "fields": "messages" });
    assert_eq!(caller.post(&path, body.clone()).await.code(), 15, "not with a customer's token");
    let app = format!("{}|{}", seed::APP_ID, seed::APP_SECRET);
    let request = caller.client.post(caller.url(&path)).bearer_auth(&app).json(&body);
    assert_eq!(caller.ask(request).await.body, json!({ "success": true }));
    let sent = caller.send(welcome("+351912000001")).await;
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.history(sent.wamid()).len(), 3);
    assert!(caller.sandbox.verify_webhook().await);
}
