//! Everybody who tries: nobody in particular, a member of each role, and the owner of another workspace.

use anyhow::{Context, Result, anyhow, ensure};
use domain::ids::WorkspaceId;
use domain::workspace::Role;
use reqwest::multipart::{Form, Part};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use sqlx::PgPool;
use tests::stage::{self, Stage};

use super::table::{Row, Sent};
use super::things::{AUDIENCE, FILE, Things};
use crate::world::{Answer, Browser, OWNER, PASSWORD, World};

/// Somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Without a session.
    Stranger,
    /// Of the workspace.
    Member(Role),
    /// The owner of another workspace, with ids of this one.
    Outsider,
}

impl Person {
    /// Everybody.
    pub const ALL: [Self; 6] = [
        Self::Stranger,
        Self::Outsider,
        Self::Member(Role::Viewer),
        Self::Member(Role::Member),
        Self::Member(Role::Admin),
        Self::Member(Role::Owner),
    ];

    fn email(self) -> String {
        match self {
            Self::Member(Role::Owner) => OWNER.to_owned(),
            Self::Member(role) => format!("{role}@brasa.example"),
            Self::Outsider | Self::Stranger => "ana@elsewhere.example".to_owned(),
        }
    }
}

/// A workspace, and everybody.
pub struct Cast {
    /// The workspace, with a sandbox as its Graph.
    pub stage: Stage,
    /// The database.
    pub pool: PgPool,
    elsewhere: WorkspaceId,
    people: Vec<(Person, Browser)>,
    _world: World,
    /// What the workspace takes for Meta.
    pub graph: RunningSandbox,
}

impl Cast {
    /// Sets everything up on an empty database.
    pub async fn gather(pool: PgPool) -> Result<Self> {
        let sandbox = Sandbox::start(SandboxConfig::for_tests()).await?;
        sandbox
            .set_template_status(stage::TEMPLATE_NAME, "en", "APPROVED")
            .map_err(|error| anyhow!("{error:?}"))?;
        let world = World::start_with(&pool, &[("FANFARE_WHATSAPP__GRAPH_URL", sandbox.base_url())]).await;
        let (number, account) = (sandbox::seed::NUMBER_ID, sandbox::seed::ACCOUNT_ID);
        let stage = Stage::set(world.services.clone(), number, account, stage::plan(10, 10)).await?;
        stage.add_people(351_920_000_000, AUDIENCE).await?;
        let owner = world.browser();
        assert_eq!(owner.sign_in(OWNER, PASSWORD).await.location(), "/");
        let mut people = vec![(Person::Stranger, world.browser())];
        let mut elsewhere = None;
        for person in Person::ALL {
            let browser = match person {
                Person::Stranger => continue,
                Person::Member(Role::Owner) => owner.clone(),
                Person::Member(role) => world.join(&owner, &person.email(), role).await,
                Person::Outsider => {
                    let browser = world.join(&owner, &person.email(), Role::Viewer).await;
                    elsewhere = Some(leave_for_another_workspace(&pool, &person.email()).await?);
                    browser.sign_in(&person.email(), PASSWORD).await;
                    browser
                }
            };
            people.push((person, browser));
        }
        let elsewhere = elsewhere.context("somebody has left")?;
        Ok(Self { stage, pool, elsewhere, people, _world: world, graph: sandbox })
    }

    /// The browser somebody uses.
    pub fn browser(&self, person: &Person) -> &Browser {
        let (_, browser) = self.people.iter().find(|(one, _)| one == person).expect("everybody is here");
        browser
    }

    /// For those who have just signed out, or are in a workspace they have just made.
    pub async fn come_back(&self, person: &Person) -> Result<()> {
        let home = match person {
            Person::Stranger => return Ok(()),
            Person::Member(_) => self.stage.workspace,
            Person::Outsider => self.elsewhere,
        };
        let browser = self.browser(person);
        browser.sign_in(&person.email(), PASSWORD).await;
        let home = home.to_string();
        let answer = browser.post("/switch-workspace", &[("workspace", &home), ("section", "/")]).await;
        ensure!(answer.location() == "/", "{person:?} cannot go home: {}", answer.body);
        Ok(())
    }
}

/// Makes somebody the owner of a workspace of their own.
async fn leave_for_another_workspace(pool: &PgPool, email: &str) -> Result<WorkspaceId> {
    let elsewhere: uuid::Uuid = sqlx::query_scalar(
        "with elsewhere as (
             insert into workspaces (workspace_id, name, time_zone, created_at)
             values (gen_random_uuid(), 'Elsewhere', 'UTC', now()) returning workspace_id)
         update memberships set workspace_id = elsewhere.workspace_id, role = 'owner'
           from elsewhere where user_id = (select user_id from users where email = $1)
         returning elsewhere.workspace_id",
    )
    .bind(email)
    .fetch_one(pool)
    .await?;
    Ok(elsewhere.into())
}

/// A row with things in the place of names.
pub struct Attempt {
    /// The path.
    pub path: String,
    sent: Sent,
    fields: Vec<(&'static str, String)>,
}

impl Attempt {
    /// Makes what the row names.
    pub async fn of(row: &Row, things: &mut Things<'_>) -> Result<Self> {
        let path = things.fill(row.path).await?;
        let mut fields = Vec::new();
        if let Sent::Fields(wanted) = row.sent {
            for (name, value) in wanted {
                fields.push((*name, things.fill(value).await?));
            }
        }
        Ok(Self { path, sent: row.sent, fields })
    }

    /// The fields of the form.
    pub fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

impl Browser {
    /// Sends what a row says.
    pub async fn send_attempt(&self, attempt: &Attempt) -> Answer {
        match attempt.sent {
            Sent::Nothing | Sent::Handshake => self.get(&attempt.path).await,
            Sent::Fields(_) => self.post(&attempt.path, &attempt.fields()).await,
            Sent::File => {
                let file = Part::text(FILE).file_name("people.csv");
                self.post_file(&attempt.path, "text/html", Form::new().part("file", file)).await
            }
        }
    }
}
