//! The form that connects a number: what is wrong is said on it, and nothing is stored.

use anyhow::Result;
use sandbox::{RunningSandbox, Sandbox, SandboxConfig, seed};
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::state;
use crate::world::{Browser, World};

const PATH: &str = "/channels/connect/whatsapp";

async fn owner(pool: &PgPool, graph_url: &str) -> (World, Browser) {
    let settings = [
        ("FANFARE_WHATSAPP__GRAPH_URL", graph_url),
        ("FANFARE_WHATSAPP__APP_ID", seed::APP_ID),
        ("FANFARE_WHATSAPP__APP_SECRET", seed::APP_SECRET),
    ];
    let world = World::start_with(pool, &settings).await;
    let owner = world.set_up().await;
    (world, owner)
}

fn fields<'a>(token: &'a str, number: &'a str, account: &'a str) -> [(&'static str, &'a str); 4] {
    [("name", "Brasa Coffee"), ("phone_number_id", number), ("waba_id", account), ("token", token)]
}

/// Posts the form and expects to be told this, with nothing stored and the token nowhere.
async fn refused(pool: &PgPool, owner: &Browser, fields: &[(&str, &str)], sentence: &str) -> Result<()> {
    let before = state::of_everything(pool).await;
    let answer = owner.post(PATH, fields).await;
    assert_eq!(answer.location(), PATH, "{sentence}: {}", answer.body);
    let page = owner.get(PATH).await;
    assert!(page.says(sentence), "{sentence:?} is not on the page: {}", page.body);
    assert!(page.says("value=\"Brasa Coffee\""), "what was typed is still there");
    let token = fields[3].1;
    if !token.is_empty() {
        assert!(!page.says(token), "the token came back");
        let kept: i64 =
            sqlx::query_scalar("select count(*) from sessions where record::text like '%' || $1 || '%'")
                .bind(token)
                .fetch_one(pool)
                .await?;
        assert_eq!(kept, 0, "the token was kept in the session");
    }
    let after = state::of_everything(pool).await;
    assert_eq!(state::differences(&before, &after), Vec::<String>::new(), "{sentence}");
    Ok(())
}

async fn sandbox() -> Result<RunningSandbox> {
    Ok(Sandbox::start(SandboxConfig::for_tests()).await?)
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_meta_does_not_accept_is_said_on_the_form(pool: PgPool) -> Result<()> {
    let graph = sandbox().await?;
    let (_world, owner) = owner(&pool, graph.base_url()).await;
    let (number, account) = (seed::NUMBER_ID, seed::ACCOUNT_ID);
    let long = "x".repeat(20_000);
    for (fields, sentence) in [
        (fields("", number, account), "not a token"),
        (fields("two words", number, account), "not a token"),
        (fields(&long, number, account), "does not accept this token"),
        (fields("sandbox-token-of-nobody", number, account), "does not accept this token"),
        (fields(seed::EXPIRED_TOKEN, number, account), "does not accept this token"),
        (fields(seed::REVOKED_TOKEN, number, account), "does not accept this token"),
        (fields(seed::TOKEN_WITHOUT_MESSAGING, number, account), "whatsapp_business_messaging"),
        (
            fields(seed::TOKEN, seed::OTHER_NUMBER_ID, account),
            "does not belong to this WhatsApp Business account",
        ),
        (fields(seed::TOKEN, "399999999999999", account), "knows no number"),
        (fields(seed::TOKEN, number, "299999999999999"), "knows no WhatsApp Business account"),
        (fields(seed::TOKEN, "+351 910 000 187", account), "digits"),
        (fields(seed::TOKEN, "", account), "Fill this in."),
        (fields(seed::TOKEN, "1/../2", account), "digits"),
    ] {
        refused(&pool, &owner, &fields, sentence).await?;
    }
    let answer = owner.post(PATH, &fields(seed::TOKEN, number, account)).await;
    assert_eq!(answer.location(), "/channels", "the right one is taken: {}", answer.body);
    refused(&pool, &owner, &fields(seed::TOKEN, number, account), "connected").await?;
    graph.shutdown().await;
    Ok(())
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn without_an_answer_from_meta_nothing_is_stored(pool: PgPool) -> Result<()> {
    // A port that nobody listens on any more.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let nobody = format!("http://{}", listener.local_addr()?);
    drop(listener);
    let (_world, owner) = owner(&pool, &nobody).await;
    let fields = fields(seed::TOKEN, seed::NUMBER_ID, seed::ACCOUNT_ID);
    refused(&pool, &owner, &fields, "Meta could not be reached").await
}
