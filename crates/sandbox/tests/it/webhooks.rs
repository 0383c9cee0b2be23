//! What is posted, how it is signed, and in what order it comes.

use sandbox::{Behaviour, DelayRange, FailureShare, InboundReply, SandboxConfig, seed};
use serde_json::{Value, json};

use crate::support::{Callback, Caller, harvest, text, values, welcome};

fn with_behaviour(behaviour: Behaviour) -> SandboxConfig {
    SandboxConfig { behaviour, ..SandboxConfig::for_tests() }
}

#[tokio::test]
async fn statuses_come_in_order_with_reference_price_and_person() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&callback.url)).await;
    let sent = caller.send(welcome("+351912000001")).await;
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.history(sent.wamid()), ["sent", "delivered", "read"]);
    for status in callback.statuses() {
        assert_eq!(status["biz_opaque_callback_data"], "r=+351912000001");
        assert_eq!(status["recipient_id"], "351912000001");
        assert!(status["timestamp"].as_str().is_some_and(|seconds| seconds.parse::<u64>().is_ok()));
        assert_eq!(status.get("pricing").is_some(), status["status"] != "read", "{status}");
    }
    let body = callback.posts()[0].json();
    assert_eq!(body["object"], "whatsapp_business_account");
    assert_eq!(body["entry"][0]["id"], seed::ACCOUNT_ID);
    assert!(body["entry"][0].get("time").is_none(), "absent for message events");
    assert_eq!(body["entry"][0]["changes"][0]["field"], "messages");
    let value = &values(&body)[0];
    assert_eq!(
        value["metadata"],
        json!({ "display_phone_number": "351910000187", "phone_number_id": seed::NUMBER_ID })
    );
    assert_eq!(value["contacts"][0]["wa_id"], "351912000001");
}

#[tokio::test]
async fn the_exact_bytes_are_signed_and_are_ascii() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&callback.url)).await;
    let mut body = welcome("+351912000001");
    body["biz_opaque_callback_data"] = json!("Inês ☕ 🙏");
    caller.send(body).await;
    caller.sandbox.webhooks_settled().await;
    for post in callback.posts() {
        assert!(post.is_signed());
        assert!(post.body.is_ascii());
        assert!(String::from_utf8_lossy(&post.body).contains("In\\u00eas \\u2615 \\ud83d\\ude4f"));
    }
    assert!(callback.statuses().iter().all(|status| status["biz_opaque_callback_data"] == "Inês ☕ 🙏"));
}

#[tokio::test]
async fn a_refused_post_comes_again_with_the_same_bytes() {
    let callback = Callback::start_with(3, true).await;
    let behaviour = Behaviour {
        retry_first_ms: 5,
        flush_after_ms: 0,
        read_share: 0.0,
        delivered_share: 0.0,
        ..Behaviour::flawless()
    };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&callback.url)).await;
    caller.send(welcome("+351912000001")).await;
    caller.sandbox.webhooks_settled().await;
    let posts = callback.posts();
    assert_eq!(posts.len(), 4);
    assert!(posts.iter().all(|post| post.body == posts[0].body && post.signature == posts[0].signature));
    let webhooks = caller.sandbox.ledger().webhooks;
    assert_eq!((webhooks.confirmed, webhooks.failed_tries, webhooks.lost), (1, 3, 0));
}

#[tokio::test]
async fn a_post_is_given_up_after_its_last_repetition() {
    let callback = Callback::start_with(u16::MAX, false).await;
    let behaviour =
        Behaviour { retry_first_ms: 1, retries_max: 2, delivered_share: 0.0, ..Behaviour::flawless() };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&callback.url)).await;
    caller.send(welcome("+351912000001")).await;
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.posts().len(), 3);
    assert_eq!(caller.sandbox.ledger().webhooks.lost, 1);
}

#[tokio::test]
async fn a_forged_post_comes_before_the_true_one() {
    let behaviour = Behaviour { wrong_signature_share: 1.0, delivered_share: 0.0, ..Behaviour::flawless() };
    let sound = Callback::start_with(0, true).await;
    let caller = Caller::start(with_behaviour(behaviour.clone()).with_webhook(&sound.url)).await;
    caller.send(welcome("+351912000001")).await;
    caller.sandbox.webhooks_settled().await;
    let signed: Vec<bool> = sound.posts().iter().map(crate::support::Received::is_signed).collect();
    assert_eq!(signed, [false, true]);
    assert_eq!(caller.sandbox.ledger().webhooks.forgeries_believed, 0);
    let gullible = Callback::start().await;
    caller.sandbox.set_webhook(Some(&gullible.url));
    caller.send(welcome("+351912000002")).await;
    caller.sandbox.webhooks_settled().await;
    assert_eq!(caller.sandbox.ledger().webhooks.forgeries_believed, 1);
}

#[tokio::test]
async fn a_batch_holds_as_many_events_as_allowed() {
    let callback = Callback::start().await;
    let behaviour = Behaviour {
        sent_after_ms: DelayRange(0, 0),
        delivered_share: 0.0,
        batch_max: 40,
        flush_after_ms: 300,
        ..Behaviour::flawless()
    };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&callback.url)).await;
    for person in 0..100 {
        caller.send(welcome(&format!("+3519120{person:05}"))).await;
    }
    caller.sandbox.webhooks_settled().await;
    let sizes: Vec<usize> = callback
        .posts()
        .iter()
        .map(|post| {
            values(&post.json()).iter().map(|value| value["statuses"].as_array().map_or(0, Vec::len)).sum()
        })
        .collect();
    assert_eq!(sizes.iter().sum::<usize>(), 100);
    assert!(sizes.iter().all(|size| *size <= 40), "{sizes:?}");
    assert!(sizes.iter().any(|size| *size > 1), "{sizes:?}");
}

#[tokio::test]
async fn fates_can_be_foretold() {
    let callback = Callback::start().await;
    let behaviour = Behaviour {
        failures: vec![FailureShare { code: 131026, share: 0.2 }, FailureShare { code: 131049, share: 0.1 }],
        delivered_share: 0.8,
        read_share: 0.5,
        duplicated_share: 0.3,
        shuffled: true,
        ..Behaviour::flawless()
    };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&callback.url)).await;
    let mut sent = Vec::new();
    for person in 0..120 {
        let to = format!("+3519120{person:05}");
        sent.push((caller.send(welcome(&to)).await.wamid().to_owned(), to));
    }
    caller.sandbox.webhooks_settled().await;
    for (wamid, to) in sent {
        let fate = caller.sandbox.behaviour().fate_of(&to, sandbox::world::Category::Marketing);
        let mut expected = Vec::new();
        if fate.failure.is_some() {
            expected.push("failed");
        } else {
            expected.push("sent");
            expected.extend(fate.delivered.then_some("delivered"));
            expected.extend(fate.read.then_some("read"));
        }
        if fate.duplicated {
            expected.extend(expected.clone());
        }
        let (mut history, mut expected): (Vec<String>, Vec<&str>) = (callback.history(&wamid), expected);
        history.sort();
        expected.sort_unstable();
        assert_eq!(history, expected, "{to}");
    }
}

#[tokio::test]
async fn special_numbers_do_what_they_are_for() {
    let callback = Callback::start().await;
    let behaviour = Behaviour { magic_numbers: true, ..Behaviour::flawless() };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&callback.url)).await;
    let mut wamids = std::collections::BTreeMap::new();
    for position in (1..=16).filter(|position| *position != 14) {
        let answer =
            caller.send(harvest(&format!("+351912{}", 990_000 + position), &["Ana", "20%", "x"])).await;
        wamids.insert(position, answer.wamid().to_owned());
        let expected = if position == 13 { "held_for_quality_assessment" } else { "accepted" };
        assert_eq!(answer.body["messages"][0]["message_status"], expected);
    }
    assert_eq!(caller.send(welcome("+351912990014")).await.code(), 131030);
    caller.sandbox.webhooks_settled().await;
    let failed_with = |position: u32| {
        let statuses = callback.statuses();
        let failed = statuses.iter().find(|status| status["id"] == wamids[&position].as_str());
        failed.map(|status| (status["status"].clone(), status["errors"][0]["code"].clone()))
    };
    for (position, code) in
        [(1, 131026), (2, 131049), (3, 131050), (4, 130472), (5, 131053), (13, 132015), (16, 131047)]
    {
        assert_eq!(failed_with(position), Some((json!("failed"), json!(code))), "special number {position}");
    }
    assert_eq!(callback.history(&wamids[&6]), ["sent"]);
    assert_eq!(callback.history(&wamids[&7]), ["sent", "read"]);
    assert_eq!(callback.history(&wamids[&9]).len(), 6);
    assert!(callback.history(&wamids[&12]).is_empty());
    let inbound = callback.inbound();
    let stop = inbound.iter().find(|message| message["from"] == "351912990010").expect("an answer");
    assert_eq!((&stop["type"], &stop["text"]["body"]), (&json!("text"), &json!("STOP")));
    let pressed = inbound.iter().find(|message| message["from"] == "351912990015").expect("a pressed button");
    assert_eq!(pressed["button"], json!({ "payload": "BAG|42", "text": "Guardem-me um saco" }));
    assert_eq!(pressed["context"]["id"], wamids[&15].as_str());
}

#[tokio::test]
async fn read_can_come_before_delivered() {
    let callback = Callback::start().await;
    let behaviour = Behaviour {
        magic_numbers: true,
        delivered_after_ms: DelayRange(10, 20),
        read_after_ms: DelayRange(300, 320),
        ..Behaviour::flawless()
    };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&callback.url)).await;
    let sent = caller.send(welcome("+351912990008")).await;
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.history(sent.wamid()), ["sent", "read", "delivered"]);
}

#[tokio::test]
async fn sent_can_come_before_the_http_answer() {
    let callback = Callback::start().await;
    let behaviour = Behaviour {
        before_answer_share: 1.0,
        answer_after_ms: DelayRange(2_000, 2_000),
        ..Behaviour::flawless()
    };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&callback.url)).await;
    tokio::select! {
        _ = caller.send(welcome("+351912000001")) => panic!("the answer came first"),
        () = callback.wait_for(1) => {}
    }
    assert_eq!(callback.statuses()[0]["status"], "sent");
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_event_behind() {
    // Connects, and never answers.
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let url = format!("http://{}/hook", deaf.local_addr().expect("a bound listener"));
    let behaviour = Behaviour {
        before_answer_share: 1.0,
        delivered_share: 0.0,
        post_timeout_ms: 900,
        retries_max: 0,
        ..Behaviour::flawless()
    };
    let caller = Caller::start(with_behaviour(behaviour).with_webhook(&url)).await;
    let request = caller
        .client
        .post(caller.url(&format!("/v24.0/{}/messages", seed::NUMBER_ID)))
        .bearer_auth(seed::TOKEN)
        .json(&welcome("+351912000001"))
        .timeout(std::time::Duration::from_millis(300));
    assert!(request.send().await.expect_err("the answer waits for the webhook").is_timeout());
    caller.sandbox.webhooks_settled().await;
    assert_eq!(caller.sandbox.ledger().webhooks.lost, 1);
}

#[tokio::test]
async fn free_form_text_needs_an_open_window() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&callback.url)).await;
    let closed = caller.send(text("+351912000001", "hello?")).await;
    assert_eq!(closed.status, 200, "accepted, and failed later");
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.history(closed.wamid()), ["failed"]);
    assert_eq!(callback.statuses()[0]["errors"][0]["code"], 131047);
    let inbound = caller
        .sandbox
        .add_inbound_reply("+351 912 000 001", InboundReply::Text("Olá 🙂".to_owned()), None)
        .expect("a person can always write");
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.inbound()[0]["id"], inbound.as_str());
    assert_eq!(callback.inbound()[0]["text"]["body"], "Olá 🙂");
    let open = caller.send(text("+351912000001", "hello!")).await;
    caller.sandbox.webhooks_settled().await;
    assert_eq!(callback.history(open.wamid()), ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn a_pressed_button_quotes_the_latest_message_that_has_it() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&callback.url)).await;
    let press = |label: &str| {
        caller.sandbox.add_inbound_reply("+351912000001", InboundReply::Button(label.to_owned()), None)
    };
    assert!(press("Sounds great").is_err(), "nothing was sent yet");
    let sent = caller.send_from(seed::BIZ_APP_NUMBER_ID, welcome("+351912000001")).await;
    press("Sounds great").expect("the button is there");
    caller.sandbox.webhooks_settled().await;
    let pressed = &callback.inbound()[0];
    assert_eq!(pressed["button"], json!({ "payload": "Sounds great", "text": "Sounds great" }));
    assert_eq!(pressed["context"], json!({ "from": "351910000188", "id": sent.wamid() }));
}

#[tokio::test]
async fn a_template_that_is_paused_tells_of_it() {
    let callback = Callback::start().await;
    let caller = Caller::start(SandboxConfig::for_tests().with_webhook(&callback.url)).await;
    caller.sandbox.set_template_status("winter_harvest", "pt_BR", "PAUSED").expect("the template exists");
    caller.sandbox.webhooks_settled().await;
    let body = callback.posts()[0].json();
    let change: &Value = &body["entry"][0]["changes"][0];
    assert_eq!(change["field"], "message_template_status_update");
    assert_eq!(change["value"]["event"], "PAUSED");
    assert_eq!(change["value"]["message_template_name"], "winter_harvest");
    assert_eq!(change["value"]["message_template_language"], "pt-BR");
    assert!(change["value"]["message_template_id"].is_u64());
    assert!(body["entry"][0]["time"].is_u64());
}
