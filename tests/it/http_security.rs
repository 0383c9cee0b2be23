//! What a browser, and somebody who is none, gets over HTTP.

use reqwest::StatusCode;
use sqlx::PgPool;

use crate::world::{OWNER, PASSWORD, World};

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_form_of_another_site_does_nothing(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let fields = [("name", "Hijacked"), ("time_zone", "UTC"), ("default_country", "")];
    let foreign: [&[(&str, &str)]; 5] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ];
    for headers in foreign {
        let answer = owner.post_with("/settings/workspace", headers, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(answer.says("This came from another site"), "{}", answer.body);
    }
    let name: String =
        sqlx::query_scalar("select name from workspaces").fetch_one(&pool).await.expect("a name");
    assert_eq!(name, "Brasa Coffee");
    let own = owner.post_with("/settings/workspace", &[("sec-fetch-site", "same-origin")], &fields).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_socket_of_another_site_is_not_opened(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket"), ("origin", "https://evil.example")];
    assert_eq!(owner.get_with("/", &upgrade).await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn pages_say_what_may_run_in_them(pool: PgPool) {
    let world = World::start(&pool).await;
    let first = world.browser().get("/setup").await;
    let policy = first.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "style-src 'self';",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    let second = world.browser().get("/setup").await;
    assert_ne!(second.header("content-security-policy"), policy, "a nonce is used once");
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    assert_eq!(first.header("referrer-policy"), "same-origin");
    assert_eq!(first.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(first.header("cache-control"), "no-store");
    assert_eq!(first.header("strict-transport-security"), "", "nothing about TLS without TLS");
    assert!(!first.says(" style=\""), "an inline style would be refused");
    assert_eq!(first.header("x-request-id").len(), 16);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_cookie_is_guarded(pool: PgPool) {
    let world = World::start(&pool).await;
    world.set_up().await;
    let answer = world.browser().sign_in(OWNER, PASSWORD).await;
    let cookie = answer.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let fields = [("email", OWNER), ("password", PASSWORD)];
    let answer = world.browser().post("/login", &fields).await;
    assert!(!answer.header("set-cookie").contains("Max-Age"), "{}", answer.header("set-cookie"));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn over_tls_the_cookie_is_secure_and_stays_so(pool: PgPool) {
    let world = World::start_with(&pool, &[("FANFARE_SERVER__PUBLIC_URL", "https://fanfare.example")]).await;
    world.set_up().await;
    let answer = world.browser().sign_in(OWNER, PASSWORD).await;
    assert!(answer.header("set-cookie").contains("Secure"), "{}", answer.header("set-cookie"));
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("connect-src 'self' wss://fanfare.example"), "{policy}");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_is_not_there_says_so(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    for browser in [owner, world.browser()] {
        let answer = browser.get("/nowhere").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.says("There is nothing here"), "{}", answer.body);
    }
    assert_eq!(world.browser().get("/sign-out").await.status, StatusCode::NOT_FOUND, "a form has no page");
    assert_eq!(world.browser().get("/pkg/nothing.js").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.browser().get("/pkg/../fanfare.toml").await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_form_has_a_size(pool: PgPool) {
    let world = World::start(&pool).await;
    let long = "x".repeat(2 * 1024 * 1024);
    let answer = world.browser().post("/login", &[("email", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.says("This is too large"), "{}", answer.body);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn health_is_told_without_a_session(pool: PgPool) {
    let world = World::start(&pool).await;
    assert_eq!(world.browser().get("/healthz").await.body, "ok\n");
    assert_eq!(world.browser().get("/readyz").await.body, "ready\n");
    assert_eq!(world.browser().get("/metrics").await.status, StatusCode::OK);
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&pool)
        .await
        .expect("a change");
    let answer = world.browser().get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.says("server migrate"), "{}", answer.body);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_theme_is_kept_in_a_cookie_and_drawn_by_the_server(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    assert!(!owner.get("/").await.says("data-theme"));
    let referer = format!("{}/settings?x=1", world.origin);
    let headers = [("origin", world.origin.as_str()), ("referer", &referer)];
    assert_eq!(owner.post_with("/theme", &headers, &[("theme", "dark")]).await.location(), "/settings?x=1");
    assert!(owner.get("/").await.says("data-theme=\"dark\""));
    owner.post("/theme", &[("theme", "system")]).await;
    assert!(!owner.get("/").await.says("data-theme"));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn server_functions_are_for_people_who_are_signed_in(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let stranger = world.browser();
    let paths = server::server_functions().into_iter().chain(["/api/nothing"]);
    for path in paths {
        let answer = stranger.call(path, "{}").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.says("\"kind\":\"unauthenticated\""), "{path}: {}", answer.body);
    }
    assert_eq!(owner.call("/api/nothing", "{}").await.status, StatusCode::NOT_FOUND);
}
