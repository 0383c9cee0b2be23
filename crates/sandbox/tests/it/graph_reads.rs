//! Reads: templates with paging, numbers, accounts, tokens.

use sandbox::{SandboxConfig, seed};
use serde_json::{Value, json};

use crate::support::Caller;

async fn caller() -> Caller {
    Caller::start(SandboxConfig::for_tests()).await
}

/// Follows `paging.next` to the end and gives the pages.
async fn pages(caller: &Caller, path: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut next = Some(caller.url(path));
    while let Some(url) = next {
        let answer = caller.ask(caller.client.get(url).bearer_auth(seed::TOKEN)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        pages.push(answer.body["data"].as_array().expect("a list").clone());
        next = answer.body["paging"].get("next").map(|url| url.as_str().expect("a full address").to_owned());
    }
    pages
}

#[tokio::test]
async fn templates_come_in_several_pages_without_gap_or_repetition() {
    let caller = caller().await;
    let pages = pages(&caller, &format!("/v24.0/{}/message_templates?limit=100", seed::ACCOUNT_ID)).await;
    assert!(pages.len() >= 3, "{} pages", pages.len());
    let ids: Vec<&Value> = pages.iter().flatten().map(|template| &template["id"]).collect();
    let mut unique = ids.clone();
    unique.sort_by_key(|id| id.to_string());
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    assert!(pages.iter().flatten().all(|template| template["components"].is_array()));
    for status in ["APPROVED", "PENDING", "REJECTED", "PAUSED"] {
        assert!(pages.iter().flatten().any(|template| template["status"] == status), "{status}");
    }
}

#[tokio::test]
async fn a_page_can_be_walked_back_and_filters_stay_in_the_links() {
    let caller = caller().await;
    let path =
        format!("/v24.0/{}/message_templates?limit=3&fields=name,status&status=APPROVED", seed::ACCOUNT_ID);
    let first = caller.get(&path).await.body;
    assert!(first["paging"].get("previous").is_none());
    let next = first["paging"]["next"].as_str().expect("more pages");
    let second = caller.ask(caller.client.get(next).bearer_auth(seed::TOKEN)).await.body;
    assert!(
        second["data"].as_array().expect("a list").iter().all(|template| template["status"] == "APPROVED")
    );
    assert!(second["data"][0].get("components").is_none(), "only the wanted fields");
    let previous = second["paging"]["previous"].as_str().expect("a page before");
    let back = caller.ask(caller.client.get(previous).bearer_auth(seed::TOKEN)).await.body;
    assert_eq!(back["data"], first["data"]);
}

#[tokio::test]
async fn a_bad_cursor_has_its_own_code() {
    let caller = caller().await;
    let answer = caller.get(&format!("/v24.0/{}/message_templates?after=bm9ib2R5", seed::ACCOUNT_ID)).await;
    assert_eq!(answer.code(), 131059);
}

#[tokio::test]
async fn named_and_positional_templates_carry_their_examples() {
    let caller = caller().await;
    let named = caller
        .get(&format!("/v24.0/{}/message_templates?name=loyalty_points&language=pt_BR", seed::ACCOUNT_ID))
        .await;
    let template = &named.body["data"][0];
    assert_eq!(template["parameter_format"], "NAMED");
    let body =
        template["components"].as_array().and_then(|all| all.iter().find(|part| part["type"] == "BODY"));
    let examples = &body.expect("a body")["example"]["body_text_named_params"];
    assert_eq!(examples[0], json!({ "param_name": "first_name", "example": "Larissa" }));
    let single = caller.get(&format!("/v24.0/{}", template["id"].as_str().expect("an id"))).await;
    assert_eq!(single.body["name"], "loyalty_points");
}

#[tokio::test]
async fn a_number_has_default_fields_and_wanted_ones() {
    let caller = caller().await;
    let plain = caller.get(&format!("/v24.0/{}", seed::NUMBER_ID)).await.body;
    assert_eq!(plain["display_phone_number"], "+351 910 000 187");
    assert_eq!(plain["verified_name"], "Brasa Coffee");
    assert_eq!(plain["throughput"], json!({ "level": "STANDARD" }));
    assert!(plain.get("is_on_biz_app").is_none(), "not among the default fields");
    let fields = "is_on_biz_app,whatsapp_business_manager_messaging_limit,throughput{level},status";
    let wanted = caller.get(&format!("/v24.0/{}?fields={fields}", seed::BIZ_APP_NUMBER_ID)).await.body;
    assert_eq!(wanted["is_on_biz_app"], true);
    assert_eq!(wanted["whatsapp_business_manager_messaging_limit"], "TIER_100K");
    assert_eq!(wanted["id"], seed::BIZ_APP_NUMBER_ID, "the id always comes along");
    assert!(wanted.get("verified_name").is_none());
}

#[tokio::test]
async fn one_unknown_field_fails_the_read_and_v24_fields_are_unknown_before() {
    let caller = caller().await;
    let unknown =
        caller.get(&format!("/v24.0/{}?fields=verified_name,messaging_limit_tier", seed::NUMBER_ID)).await;
    assert_eq!((unknown.status, unknown.code()), (400, 100));
    let early = caller
        .get(&format!("/v23.0/{}?fields=whatsapp_business_manager_messaging_limit", seed::NUMBER_ID))
        .await;
    assert_eq!(early.code(), 100);
}

#[tokio::test]
async fn an_account_lists_its_own_numbers_only() {
    let caller = caller().await;
    let answer = caller
        .get(&format!("/v24.0/{}/phone_numbers?fields=id,display_phone_number", seed::ACCOUNT_ID))
        .await;
    let ids: Vec<&str> = answer.body["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|number| number["id"].as_str())
        .collect();
    assert!(ids.contains(&seed::NUMBER_ID) && !ids.contains(&seed::OTHER_NUMBER_ID), "{ids:?}");
    let account = caller
        .get(&format!("/v24.0/{}?fields=id,name,account_review_status,currency", seed::ACCOUNT_ID))
        .await;
    assert_eq!(account.body["name"], "Brasa Coffee");
    let url = caller.url(&format!("/v24.0/{}/phone_numbers", seed::ACCOUNT_ID));
    let stranger = caller.ask(caller.client.get(url).bearer_auth(seed::TOKEN_OF_OTHER_ACCOUNT)).await;
    assert_eq!((stranger.code(), stranger.body["error"]["error_subcode"].as_u64()), (100, Some(33)));
}

#[tokio::test]
async fn debug_token_tells_about_good_and_bad_tokens() {
    let caller = caller().await;
    let app = format!("{}|{}", seed::APP_ID, seed::APP_SECRET);
    let debug = |input: &str, bearer: &str| {
        let url = caller.url("/v24.0/debug_token");
        caller.client.get(url).query(&[("input_token", input)]).bearer_auth(bearer)
    };
    let good = caller.ask(debug(seed::TOKEN, &app)).await.body;
    assert_eq!(good["data"]["is_valid"], true);
    assert_eq!(good["data"]["expires_at"], 0);
    assert_eq!(good["data"]["app_id"], seed::APP_ID);
    let scopes = good["data"]["granular_scopes"].as_array().expect("scopes");
    let sending =
        scopes.iter().find(|scope| scope["scope"] == "whatsapp_business_messaging").expect("may send");
    assert_eq!(sending["target_ids"], json!([seed::ACCOUNT_ID, seed::OTHER_ACCOUNT_ID]));
    for (input, subcode) in [("nobody's token", Value::Null), (seed::EXPIRED_TOKEN, json!(463))] {
        let bad = caller.ask(debug(input, seed::TOKEN)).await;
        assert_eq!(bad.status, 200);
        assert_eq!(bad.body["data"]["is_valid"], false);
        assert_eq!(bad.body["data"]["error"]["code"], 190);
        assert_eq!(bad.body["data"]["error"]["subcode"], subcode);
    }
    assert_eq!(caller.ask(debug(seed::TOKEN, "nobody")).await.code(), 190);
}

#[tokio::test]
async fn unknown_things_answer_like_graph() {
    let caller = caller().await;
    let object = caller.get("/v24.0/123456").await;
    assert_eq!((object.status, object.code()), (400, 100));
    assert_eq!(object.body["error"]["error_subcode"], 33);
    assert_eq!(caller.get("/v24.0/1/2/3/4").await.code(), 2500);
}
