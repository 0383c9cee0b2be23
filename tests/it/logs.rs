//! A whole campaign, from the first run to the replies, and what of it is in the log.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use domain::workspace::Role;
use reqwest::multipart::{Form, Part};
use sandbox::{InboundReply, Sandbox, SandboxConfig, seed};
use sqlx::PgPool;
use tests::stage::{APP_SECRET, TEMPLATE_NAME, VERIFY_TOKEN};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::world::{Browser, OWNER, PASSWORD, World};

/// All that an operator may reasonably switch on. At `trace`, the HTTP libraries print what goes over the wire. The jar
/// that cookies are kept in is the test's own browsers'.
const FILTER: &str = "debug,cookie_store=off,\
    app=trace,channels=trace,runtime=trace,server=trace,service=trace,storage=trace,worker=trace";
const NAME: &str = "Benedita Vasconcelos";
const EMAIL: &str = "benedita.vasconcelos@example.org";
/// As digits, so that it is found with and without `+`.
const PHONE: &str = "351936482715";
const WORDS: &str = "my cat is called Sardinha";

/// What was logged so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panicked while logging")).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked while logging").write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// Writes down what this process logs, as servers and workers do, from now on.
fn listen() -> Result<Log> {
    let log = Log::default();
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(log.clone());
    tracing_subscriber::registry().with(lines.with_filter(EnvFilter::try_new(FILTER)?)).try_init()?;
    Ok(log)
}

async fn world(pool: &PgPool, graph_url: &str) -> World {
    let settings = [
        ("FANFARE_WHATSAPP__GRAPH_URL", graph_url),
        ("FANFARE_WHATSAPP__APP_ID", seed::APP_ID),
        ("FANFARE_WHATSAPP__APP_SECRET", APP_SECRET),
        ("FANFARE_WHATSAPP__WEBHOOK_VERIFY_TOKEN", VERIFY_TOKEN),
    ];
    World::start_with(pool, &settings).await
}

/// The only option of a choice whose value begins like this.
fn id(page: &str, prefix: &str) -> Result<String> {
    let rest = page.split_once(prefix).with_context(|| format!("no {prefix} in {page}"))?.1;
    Ok(format!("{prefix}{}", &rest[..32]))
}

/// Does what people do, with mistakes in between, up to a campaign that can be launched: its id, and a session's.
async fn work(world: &World) -> Result<(Browser, String, String)> {
    let owner = world.set_up().await;
    world.browser().sign_in(OWNER, "winter harvest 2025").await;
    let session = world.browser().sign_in(OWNER, PASSWORD).await.cookie().context("a session")?.to_owned();
    world.join(&owner, "tom@brasa.example", Role::Member).await;
    let mut fields = [
        ("name", "Brasa Coffee"),
        ("phone_number_id", seed::NUMBER_ID),
        ("waba_id", seed::ACCOUNT_ID),
        ("token", seed::EXPIRED_TOKEN),
    ];
    owner.post("/channels/connect/whatsapp", &fields).await;
    fields[3].1 = seed::TOKEN;
    assert_eq!(owner.post("/channels/connect/whatsapp", &fields).await.location(), "/channels");

    let file = format!("Name,Phone,Email\n{NAME},+{PHONE},{EMAIL}\nNobody,+{PHONE}0000,nobody@\n");
    let form = [
        ("heading-0", "Name"),
        ("target-0", "name"),
        ("heading-1", "Phone"),
        ("target-1", "phone"),
        ("heading-2", "Email"),
        ("target-2", "email"),
        ("list", "new"),
        ("list_name", "Regulars"),
        ("consent", "agreed"),
        ("source", "Paper form"),
        ("wording", "Send me offers"),
    ];
    let form = form.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
    let form = form.part("file", Part::text(file).file_name("people.csv"));
    let answer = owner.post_file("/contacts/import/upload", "text/html", form).await;
    assert!(answer.location().starts_with("/contacts/imports/"), "{}", answer.body);
    owner.get(&format!("/contacts?q=%2B{PHONE}")).await;
    owner.get(&format!("/contacts?q={EMAIL}")).await;

    let answer = owner.post("/campaigns/new", &[("name", "Winter harvest"), ("sender", "")]).await;
    let campaign = id(answer.location(), "cmp_")?;
    let compose = format!("/campaigns/{campaign}/compose");
    let page = owner.get(&format!("{compose}?step=sender")).await;
    let sender = id(&page.body, "cha_")?;
    owner.post(&format!("{compose}/sender"), &[("name", "Winter harvest"), ("sender", &sender)]).await;
    let page = owner.get(&format!("/templates?q={TEMPLATE_NAME}")).await;
    owner.post(&format!("{compose}/template"), &[("template", &id(&page.body, "tpl_")?)]).await;
    let page = owner.get("/contacts/lists").await;
    owner.post(&format!("{compose}/audience"), &[("lists", &id(&page.body, "lst_")?)]).await;
    let variables = [("source_0", "first_name"), ("text_0", "there")];
    owner.post(&format!("{compose}/variables"), &variables).await;
    Ok((owner, campaign, session))
}

#[sqlx::test(migrator = "storage::MIGRATOR")]
async fn nothing_personal_and_nothing_secret_is_logged(pool: PgPool) -> Result<()> {
    let log = listen()?;
    let graph = Sandbox::start(SandboxConfig::for_tests()).await?;
    graph.set_template_status(TEMPLATE_NAME, "en", "APPROVED").map_err(|error| anyhow!("{error:?}"))?;
    let world = world(&pool, graph.base_url()).await;
    graph.set_webhook(Some(&format!("{}/webhooks/whatsapp", world.origin)));
    let (owner, campaign, session) = work(&world).await?;
    let launch = [("key", "click-of-the-log-test"), ("expected", "1")];
    let answer = owner.post(&format!("/campaigns/{campaign}/launch"), &launch).await;
    assert_eq!(answer.location(), format!("/campaigns/{campaign}"), "{}", answer.body);

    let stop = CancellationToken::new();
    let worker = worker::run(world.services.clone(), crate::sending::processes::quick(), stop.clone());
    let watching = async {
        until(&pool, "select read from dispatches").await;
        graph
            .add_inbound_reply(PHONE, InboundReply::Text(WORDS.to_owned()), None)
            .map_err(|error| anyhow!("{error:?}"))?;
        until(&pool, "select count(*)::int from inbound_messages").await;
        stop.cancel();
        anyhow::Ok(())
    };
    let (_, watched) = tokio::join!(worker, watching);
    watched?;
    owner.get(&format!("/campaigns/{campaign}")).await;
    owner.post("/sign-out", &[]).await;

    let log = log.text();
    for said in ["contacts were imported", "sender connected", "answered"] {
        assert!(log.contains(said), "the log was not listened to: {said}");
    }
    let hash = "$argon2id$";
    for secret in [
        PASSWORD,
        &session,
        "winter harvest 2025",
        hash,
        seed::TOKEN,
        APP_SECRET,
        VERIFY_TOKEN,
        NAME,
        EMAIL,
        PHONE,
        WORDS,
        OWNER,
        "tom@brasa.example",
        "/invitation/",
    ] {
        // The route of an invitation is a pattern, and no invitation.
        let line = log
            .lines()
            .map(|line| line.replace("/invitation/{token}", ""))
            .find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
    graph.shutdown().await;
    Ok(())
}

/// Waits until a number is no longer nought.
async fn until(pool: &PgPool, number: &'static str) {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let waiting = async {
        while sqlx::query_scalar::<_, i32>(number).fetch_one(pool).await.expect("a number") == 0 {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("in time");
}
