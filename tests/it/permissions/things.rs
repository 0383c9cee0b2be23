//! What a workspace has in it that a request may name, each made when it is asked for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail};
use domain::address::Address;
use domain::channel::Channel;
use domain::ids::{CampaignId, ChannelAccountId};
use domain::import::{ColumnMapping, Mapping, Target};
use domain::schedule::Undo;
use domain::workspace::Role;
use futures::stream;
use sandbox::{RunningSandbox, seed};
use service::accounts::members::{self, NewMember};
use service::clock::id_entropy;
use service::contacts::NewContact;
use service::imports::{ImportRequest, ListChoice};
use service::{campaigns, contacts, imports, lists, suppressions};
use sqlx::PgPool;
use storage::channel_accounts::{Connected, SealedCredential};
use tests::stage::{Stage, plan};

use super::cast::Cast;

/// People on the stage's list.
pub const AUDIENCE: i64 = 3;
/// A file with one number.
pub const FILE: &str = "Phone\n+351912345678\n";

static SERIAL: AtomicU32 = AtomicU32::new(1);

fn serial() -> u32 {
    SERIAL.fetch_add(1, Ordering::Relaxed)
}

/// The things of one request: a name stands for the same thing throughout.
pub struct Things<'a> {
    stage: &'a Stage,
    pool: &'a PgPool,
    graph: &'a RunningSandbox,
    made: BTreeMap<String, String>,
}

impl<'a> Things<'a> {
    /// Nothing yet.
    pub fn of(cast: &'a Cast) -> Self {
        Self { stage: &cast.stage, pool: &cast.pool, graph: &cast.graph, made: BTreeMap::new() }
    }

    /// A text with the names in braces replaced by things.
    pub async fn fill(&mut self, text: &str) -> Result<String> {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').context("a brace that is not closed")?;
            filled.push_str(before);
            filled.push_str(&self.thing(name).await?);
            rest = after;
        }
        Ok(filled + rest)
    }

    async fn thing(&mut self, name: &str) -> Result<String> {
        if let Some(word) = name.strip_prefix('=') {
            return Ok(word.to_owned());
        }
        if !self.made.contains_key(name) {
            self.make(name).await?;
        }
        self.made.get(name).cloned().with_context(|| format!("nothing is called {name}"))
    }

    fn keep(&mut self, name: &str, thing: impl ToString) {
        self.made.insert(name.to_owned(), thing.to_string());
    }

    async fn make(&mut self, name: &str) -> Result<()> {
        match name {
            "new_name" => self.keep(name, format!("Number {}", serial())),
            "new_email" => self.keep(name, format!("person{}@brasa.example", serial())),
            "new_phone" => self.keep(name, new_phone()),
            "number" => {
                let number = self.number();
                self.keep(name, number);
            }
            "key" => self.keep(name, format!("attempt-{}", serial())),
            "audience" => self.keep(name, AUDIENCE),
            "workspace" => self.keep(name, self.stage.workspace),
            "template" => self.keep(name, self.stage.template),
            "sender" => self.keep(name, self.stage.sender),
            "spare_sender" => {
                let sender = self.spare_sender().await?;
                self.keep(name, sender);
            }
            "draft" | "running" | "paused" | "finished" => self.campaign(name).await?,
            "timed_draft" | "scheduled" | "fresh" => self.timed(name).await?,
            "contact" | "phone" | "list_with_contact" => self.contact().await?,
            "list" => {
                let list_name = format!("List {}", serial()).parse()?;
                let list =
                    lists::create(&self.stage.services, &self.stage.access().await?, &list_name).await?;
                self.keep(name, list);
            }
            "suppressed" => {
                let phone = new_phone();
                let address = Address::Phone(phone.parse()?);
                suppressions::add(&self.stage.services, &self.stage.access().await?, &address).await?;
                self.keep(name, phone);
            }
            "member" | "token" => self.member().await?,
            "import" | "upload" => self.import(name).await?,
            other => bail!("nothing is called {other}"),
        }
        Ok(())
    }

    /// A number that Meta knows and nobody has connected.
    fn number(&self) -> String {
        let id = format!("3100000000{:05}", serial());
        self.graph.change_world(|world| {
            let mut number = world.numbers[seed::FAST_NUMBER_ID].clone();
            number.id.clone_from(&id);
            world.numbers.insert(id.clone(), number);
        });
        id
    }

    async fn campaign(&mut self, state: &str) -> Result<()> {
        let campaign = self.stage.draft().await?;
        if state != "draft" {
            self.stage.launch(campaign).await?;
        }
        if state == "paused" {
            campaigns::pause(&self.stage.services, &self.stage.access().await?, campaign).await?;
        }
        if state == "finished" {
            self.finish(campaign).await?;
        }
        self.keep(state, campaign);
        Ok(())
    }

    /// Ends a campaign as a worker does that is lost with everybody in the air.
    async fn finish(&self, campaign: CampaignId) -> Result<()> {
        for statement in [
            "update recipients set state = 'unknown', reason = 'worker_lost', settled_at = now()
              where state = 'pending' and dispatch_id in (select dispatch_id from dispatches where campaign_id = $1)",
            "insert into dispatch_reasons (workspace_id, dispatch_id, state, reason, recipients)
             select workspace_id, dispatch_id, 'unknown', 'worker_lost', pending from dispatches where campaign_id = $1",
            "update batches set state = 'done' where dispatch_id in (select dispatch_id from dispatches where campaign_id = $1)",
            "update dispatches set unknown = pending, pending = 0, state = 'finished', ended_at = now() where campaign_id = $1",
            "update campaigns set state = 'finished', ended_at = now() where campaign_id = $1",
        ] {
            sqlx::query(statement).bind(campaign.uuid()).execute(self.pool).await?;
        }
        Ok(())
    }

    /// A draft with a start, the same scheduled, or a campaign that was just launched and can be taken back.
    async fn timed(&mut self, name: &str) -> Result<()> {
        let start = if name == "fresh" { None } else { Some("2099-11-28") };
        let campaign = self.stage.timed_draft(start, Undo::Minute).await?;
        let (services, access) = (&self.stage.services, self.stage.access().await?);
        let key = format!("attempt-{}", serial()).parse()?;
        match name {
            "scheduled" => {
                campaigns::schedule(services, &access, campaign, &key, None).await?;
            }
            "fresh" => {
                campaigns::launch(services, &access, campaign, &key, None).await?;
            }
            _ => {}
        }
        self.keep(name, campaign);
        Ok(())
    }

    async fn contact(&mut self) -> Result<()> {
        let (services, access) = (&self.stage.services, self.stage.access().await?);
        let list = lists::create(services, &access, &format!("List {}", serial()).parse()?).await?;
        let phone = new_phone();
        let new = NewContact {
            name: "Teresa Vidal".parse()?,
            phone: Some(phone.parse()?),
            email: None,
            attributes: Default::default(),
            proof: None,
            list: Some(list),
        };
        let contact = contacts::create(services, &access, new).await?;
        self.keep("contact", contact);
        self.keep("phone", phone);
        self.keep("list_with_contact", list);
        Ok(())
    }

    async fn member(&mut self) -> Result<()> {
        let email = format!("invited{}@brasa.example", serial());
        let new = NewMember { name: "Tom Reis".parse()?, email: email.parse()?, role: Role::Member };
        let invitation = members::add(&self.stage.services, &self.stage.access().await?, new).await?;
        let user: uuid::Uuid = sqlx::query_scalar("select user_id from users where email = $1")
            .bind(email)
            .fetch_one(self.pool)
            .await?;
        self.keep("member", domain::ids::UserId::from(user));
        self.keep("token", invitation.context("somebody new is invited")?.token);
        Ok(())
    }

    async fn import(&mut self, name: &str) -> Result<()> {
        let (services, access) = (&self.stage.services, self.stage.access().await?);
        let body = stream::iter([Ok::<_, std::io::Error>(FILE.into())]);
        if name == "upload" {
            let upload = imports::keep_upload(services, &access, "people.csv", body).await?;
            self.keep(name, upload);
            return Ok(());
        }
        let mapping =
            Mapping::new(vec![ColumnMapping { heading: "Phone".to_owned(), target: Target::Phone }])?;
        let request = ImportRequest {
            file_name: "people.csv".to_owned(),
            mapping,
            default_country: None,
            list: ListChoice::None,
            proof: None,
        };
        self.keep(name, imports::import_csv(services, &access, request, body).await?.id);
        Ok(())
    }

    /// A sender that may be disconnected without anything else noticing. Graph is never asked about it.
    async fn spare_sender(&self) -> Result<ChannelAccountId> {
        let now = self.stage.services.clock.now();
        let id = ChannelAccountId::mint(now, id_entropy());
        let new = Connected {
            id,
            channel: Channel::WhatsApp,
            name: "Spare",
            credential: SealedCredential { key_id: "k1".to_owned(), bytes: vec![1] },
            credential_expires_at: None,
            plan: plan(1, 1),
            connected_by: self.stage.owner,
            at: now,
        };
        let mut conn = self.pool.acquire().await?;
        storage::channel_accounts::insert(&mut conn, self.stage.workspace, &new).await?;
        Ok(id)
    }
}

fn new_phone() -> String {
    format!("+35193{:07}", serial())
}
