//! Coming in, and what each role may do there.

use domain::ids::WorkspaceId;
use domain::workspace::Role;
use reqwest::StatusCode;
use sqlx::PgPool;

use crate::world::{OWNER, PASSWORD, World, first_run};

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn the_first_visitor_becomes_the_owner_and_nobody_after(pool: PgPool) {
    let world = World::start(&pool).await;
    let visitor = world.browser();
    assert_eq!(visitor.get("/").await.location(), "/setup");
    assert_eq!(visitor.get("/login").await.location(), "/setup");
    let owner = world.set_up().await;
    let dashboard = owner.get("/").await;
    assert!(dashboard.says("Your workspace is ready") && dashboard.says("0 of 4 done"), "{}", dashboard.body);
    assert!(!owner.get("/").await.says("Your workspace is ready"), "a notice is shown once");

    let second = world.browser();
    assert_eq!(second.get("/setup").await.location(), "/login");
    let refused = second.post("/setup", &first_run()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(second.get("/").await.location(), "/login");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn of_many_first_runs_at_once_one_wins(pool: PgPool) {
    let world = World::start(&pool).await;
    let runs =
        (0..20).map(|_| async { world.browser().post("/setup", &first_run()).await.location().to_owned() });
    let won = futures::future::join_all(runs).await.into_iter().filter(|location| location == "/").count();
    assert_eq!(won, 1);
    let people: i64 =
        sqlx::query_scalar("select count(*) from users").fetch_one(&pool).await.expect("a count");
    assert_eq!(people, 1);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_refused_form_keeps_what_was_typed_but_no_password(pool: PgPool) {
    let world = World::start(&pool).await;
    let browser = world.browser();
    let mut fields = first_run();
    fields[1].1 = "not an address";
    fields[2].1 = "sesame";
    assert_eq!(browser.post("/setup", &fields).await.location(), "/setup");
    let page = browser.get("/setup").await;
    assert!(page.says("2 things to fix") && page.says("value=\"Brasa Coffee\""), "{}", page.body);
    assert!(page.says("At least 10 characters") || page.says("at least 10 characters"));
    assert!(!page.says("sesame"), "a password came back");
    let kept: String = sqlx::query_scalar("select string_agg(record::text, ' ') from sessions")
        .fetch_one(&pool)
        .await
        .expect("the session");
    assert!(!kept.contains("sesame"), "a password was kept");
    assert!(!browser.get("/setup").await.says("things to fix"), "mistakes are shown once");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_set_up_word_is_asked_for_if_configured(pool: PgPool) {
    let world = World::start_with(&pool, &[("FANFARE_SERVER__SETUP_TOKEN", "open sesame")]).await;
    let browser = world.browser();
    assert!(browser.get("/setup").await.says("Set-up word"));
    assert_eq!(browser.post("/setup", &first_run()).await.location(), "/setup");
    let fields: Vec<_> = first_run().into_iter().chain([("setup_token", "open sesame")]).collect();
    assert_eq!(browser.post("/setup", &fields).await.location(), "/");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn signing_in_and_out(pool: PgPool) {
    let world = World::start(&pool).await;
    world.set_up().await;
    let browser = world.browser();
    assert_eq!(browser.get("/settings/team?x=1").await.location(), "/login?next=/settings/team%3Fx%3D1");
    let answer = browser
        .post(
            "/login",
            &[("email", "Ines@Brasa.example"), ("password", PASSWORD), ("next", "/settings/team?x=1")],
        )
        .await;
    assert_eq!(answer.location(), "/settings/team?x=1");
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(browser.get("/login").await.location(), "/", "nobody signs in twice");
    let cookie = format!("{}={}", server::router::SESSION_COOKIE, answer.cookie().expect("a session"));
    assert_eq!(browser.post("/sign-out", &[]).await.location(), "/login");
    assert_eq!(browser.get("/").await.location(), "/login");
    // A copy of the cookie is worth nothing afterwards.
    assert_eq!(world.browser().get_with("/", &[("cookie", &cookie)]).await.location(), "/login");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn sign_in_leads_nowhere_else(pool: PgPool) {
    let world = World::start(&pool).await;
    world.set_up().await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let fields = [("email", OWNER), ("password", PASSWORD), ("next", next)];
        assert_eq!(world.browser().post("/login", &fields).await.location(), "/");
    }
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn guessing_is_slowed_down_and_says_nothing_about_accounts(pool: PgPool) {
    let world = World::start(&pool).await;
    world.set_up().await;
    let mut pages = Vec::new();
    for email in [OWNER, "nobody@brasa.example"] {
        let browser = world.browser();
        browser.sign_in(email, "a wrong password").await;
        let page = browser.get("/login").await;
        assert!(page.says("Email and password don’t match. 4 tries left."), "{}", page.body);
        pages.push(page.between("<form", "</form>").expect("a form").replace(email, ""));
        for _ in 0..4 {
            browser.sign_in(email, "a wrong password").await;
        }
        assert!(browser.get("/login").await.says("That was the last try for now."));
        // Even the right one has to wait.
        browser.sign_in(email, PASSWORD).await;
        let page = browser.get("/login").await;
        assert!(page.says("Too many attempts. Try again in"), "{}", page.body);
    }
    assert_eq!(pages[0], pages[1], "an account that exists answers like one that does not");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_planted_session_is_worth_nothing(pool: PgPool) {
    let world = World::start(&pool).await;
    world.set_up().await;
    let attacker = world.browser();
    let planted = attacker.sign_in(OWNER, "a wrong password").await;
    let planted = planted.cookie().expect("a visitor has a session after a mistake").to_owned();
    let cookie = format!("{}={planted}", server::router::SESSION_COOKIE);
    let victim = world.browser();
    let headers = [("origin", world.origin.as_str()), ("cookie", cookie.as_str())];
    let signed_in = victim.post_with("/login", &headers, &[("email", OWNER), ("password", PASSWORD)]).await;
    let given = signed_in.cookie().expect("a session");
    assert_ne!(given, planted, "the id changes at sign-in");
    assert_eq!(attacker.get("/").await.location(), "/login");
    let kept: i64 =
        sqlx::query_scalar("select count(*) from sessions where record::text like '%' || $1 || '%'")
            .bind(given)
            .fetch_one(&pool)
            .await
            .expect("a count");
    assert_eq!(kept, 0, "the id itself is kept nowhere");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_invitation_is_good_once(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let link = world.invite(&owner, "tom@brasa.example", Role::Member).await;
    assert!(!owner.get("/settings/team").await.says("/invitation/"), "the link is shown once");
    let kept: String = sqlx::query_scalar(
        "select string_agg(t, ' ') from (select record::text t from sessions union all
                                         select invitations::text from invitations) all_of_it",
    )
    .fetch_one(&pool)
    .await
    .expect("what is kept");
    let token = link.rsplit('/').next().expect("a token");
    assert!(!kept.contains(token), "the token is kept in the clear");

    let tom = world.browser();
    assert!(tom.get(&link).await.says("Welcome, Tom Reis"));
    assert_eq!(tom.post(&link, &[("password", "short")]).await.location(), link);
    assert!(tom.get(&link).await.says("at least 10 characters"));
    assert_eq!(tom.post(&link, &[("password", PASSWORD)]).await.location(), "/");
    assert_eq!(tom.get("/").await.status, StatusCode::OK);
    let late = world.browser();
    assert!(late.get(&link).await.says("not good any more"));
    late.post(&link, &[("password", "another password")]).await;
    assert_eq!(world.browser().sign_in("tom@brasa.example", PASSWORD).await.location(), "/");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn an_invitation_runs_out_and_is_replaced(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let first = world.invite(&owner, "tom@brasa.example", Role::Member).await;
    let user: uuid::Uuid =
        sqlx::query_scalar("select user_id from invitations").fetch_one(&pool).await.expect("the invitation");
    let id = domain::ids::UserId::from(user).to_string();
    owner.post("/settings/team/link", &[("user", &id)]).await;
    let page = owner.get("/settings/team").await;
    let second = format!(
        "/invitation/{}",
        page.between(&format!("{}/invitation/", world.origin), "\"").expect("a link")
    );
    assert!(world.browser().get(&first).await.says("not good any more"));
    assert!(world.browser().get(&second).await.says("Welcome, Tom Reis"));
    sqlx::query("update invitations set expires_at = now() - interval '1 second'")
        .execute(&pool)
        .await
        .expect("a change");
    assert!(world.browser().get(&second).await.says("not good any more"));
    assert!(owner.get("/settings/team").await.says("Invitation ran out"));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn each_role_sees_and_does_what_it_may(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    for (role, status) in [
        (Role::Viewer, StatusCode::FORBIDDEN),
        (Role::Member, StatusCode::FORBIDDEN),
        (Role::Admin, StatusCode::SEE_OTHER),
    ] {
        let person = world.join(&owner, &format!("{role}@brasa.example"), role).await;
        assert_eq!(person.get("/settings/workspace").await.status, StatusCode::OK);
        let fields = [("name", "Brasa"), ("time_zone", "UTC"), ("default_country", "")];
        let answer = person.post("/settings/workspace", &fields).await;
        assert_eq!(answer.status, status, "{role}");
        let may_add = person.get("/settings/team").await.says("Add a person");
        assert_eq!(may_add, status == StatusCode::SEE_OTHER, "{role}");
    }
    let stranger = world.browser();
    assert_eq!(
        stranger.post("/settings/workspace", &[("name", "Mine")]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_role_counts_from_the_next_click(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let tom = world.join(&owner, "tom@brasa.example", Role::Admin).await;
    let workspace = [("name", "Brasa"), ("time_zone", "UTC"), ("default_country", "")];
    assert_eq!(tom.post("/settings/workspace", &workspace).await.status, StatusCode::SEE_OTHER);
    let id = user_id(&pool, "tom@brasa.example").await;
    owner.post("/settings/team/role", &[("user", &id), ("role", "viewer")]).await;
    assert_eq!(tom.post("/settings/workspace", &workspace).await.status, StatusCode::FORBIDDEN);
    owner.post("/settings/team/remove", &[("user", &id)]).await;
    assert_eq!(tom.get("/").await.status, StatusCode::NOT_FOUND);
    assert_eq!(tom.post("/settings/workspace", &workspace).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn owners_are_touched_by_owners_and_one_always_stays(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let admin = world.join(&owner, "tom@brasa.example", Role::Admin).await;
    let (ines, tom) = (user_id(&pool, OWNER).await, user_id(&pool, "tom@brasa.example").await);
    let answer = admin.post("/settings/team/role", &[("user", &ines), ("role", "viewer")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = admin.post("/settings/team/role", &[("user", &tom), ("role", "owner")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for form in ["/settings/team/role", "/settings/team/remove"] {
        owner.post(form, &[("user", &ines), ("role", "admin")]).await;
        assert!(owner.get("/settings/team").await.says("This is the last owner."));
    }
    owner.post("/settings/team/role", &[("user", &tom), ("role", "owner")]).await;
    assert_eq!(owner.post("/settings/team/remove", &[("user", &ines)]).await.location(), "/");
    assert_eq!(owner.get("/").await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn who_makes_a_workspace_owns_it_alone(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let tom = world.join(&owner, "tom@brasa.example", Role::Admin).await;
    let form = "/settings/workspace/new";
    assert!(tom.get("/").await.says("New workspace"));
    tom.post(form, &[("name", " "), ("time_zone", "UTC"), ("default_country", "")]).await;
    assert_eq!(tom.get(form).await.status, StatusCode::OK, "refused, and still in the old workspace");
    let fields = [("name", "Aveiro roastery"), ("time_zone", "UTC"), ("default_country", "PT")];
    assert_eq!(tom.post(form, &fields).await.location(), "/");
    let team = tom.get("/settings/team").await;
    assert!(team.says("Aveiro roastery") && team.says("tom@brasa.example") && team.says("Owner"));
    assert!(!team.says(OWNER));
    assert!(!owner.get("/").await.says("Aveiro roastery"));
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn another_workspace_looks_like_nothing(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    let other = uuid::Uuid::from_u128(7);
    sqlx::query("insert into workspaces values ($1, 'Other', 'UTC', null, now())")
        .bind(other)
        .execute(&pool)
        .await
        .expect("one");
    for workspace in
        [WorkspaceId::from(other).to_string(), WorkspaceId::from(uuid::Uuid::nil()).to_string(), "x".into()]
    {
        let answer = owner.post("/switch-workspace", &[("workspace", &workspace), ("section", "/")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.says("There is nothing here"));
    }
    sqlx::query("insert into memberships select $1, user_id, 'viewer', now() from users")
        .bind(other)
        .execute(&pool)
        .await
        .expect("one");
    let workspace = WorkspaceId::from(other).to_string();
    let answer =
        owner.post("/switch-workspace", &[("workspace", &workspace), ("section", "/settings/team")]).await;
    assert_eq!(answer.location(), "/settings/team");
    let fields = [("name", "Mine"), ("time_zone", "UTC"), ("default_country", "")];
    assert_eq!(
        owner.post("/settings/workspace", &fields).await.status,
        StatusCode::FORBIDDEN,
        "a viewer there"
    );
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn a_new_password_ends_the_other_sessions(pool: PgPool) {
    let world = World::start(&pool).await;
    let here = world.set_up().await;
    let elsewhere = world.browser();
    elsewhere.sign_in(OWNER, PASSWORD).await;
    let wrong = [("present", "not this one"), ("password", "spring harvest 2027")];
    here.post("/settings/password", &wrong).await;
    assert!(here.get("/settings").await.says("This is not your present password."));
    assert_eq!(elsewhere.get("/").await.status, StatusCode::OK);
    let right = [("present", PASSWORD), ("password", "spring harvest 2027")];
    assert_eq!(here.post("/settings/password", &right).await.location(), "/settings");
    assert_eq!(here.get("/").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/").await.location(), "/login");
    assert_eq!(world.browser().sign_in(OWNER, "spring harvest 2027").await.location(), "/");
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn what_has_run_out_is_removed(pool: PgPool) {
    let world = World::start(&pool).await;
    let owner = world.set_up().await;
    world.browser().sign_in(OWNER, "a wrong password").await;
    world.invite(&owner, "tom@brasa.example", Role::Member).await;
    assert_eq!(service::sessions::sweep(&world.services).await.expect("swept"), 0);
    sqlx::query("update sessions set expires_at = now() where user_id is null")
        .execute(&pool)
        .await
        .expect("a change");
    sqlx::query("update invitations set expires_at = now()").execute(&pool).await.expect("a change");
    assert_eq!(service::sessions::sweep(&world.services).await.expect("swept"), 2);
    assert_eq!(owner.get("/").await.status, StatusCode::OK);
}

async fn user_id(pool: &PgPool, email: &str) -> String {
    let id: uuid::Uuid = sqlx::query_scalar("select user_id from users where email = $1")
        .bind(email)
        .fetch_one(pool)
        .await
        .expect("one");
    domain::ids::UserId::from(id).to_string()
}
