//! Everything a campaign needs, set up through the product's own use cases where they matter to what is tried.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use domain::campaign::{Audience, CampaignName};
use domain::channel::{Channel, RatePlan};
use domain::ids::{CampaignId, ChannelAccountId, ListId, TemplateId, UserId, WorkspaceId};
use domain::schedule::{LocalMoment, Schedule, Start, Undo};
use domain::template::{ContactField, VariableMapping, VariableSource};
use secrecy::SecretString;
use service::Services;
use service::access::{Grant, WorkspaceAccess, authorize};
use service::accounts::first_run::{FirstRun, set_up};
use service::accounts::password::NewPassword;
use service::campaigns::{Draft, Launched};
use service::clock::{Clock, id_entropy};
use service::secrets::{KeyRing, bound_to};
use service::settings::{Settings, WhatsAppSettings};
use storage::channel_accounts::{self, Connected, SealedCredential};
use storage::dispatches::read::DispatchRow;
use storage::templates::{self, SyncedTemplate};

/// The key that seals on a stage, and what a worker process of the stage is configured with.
pub const KEY: [u8; 32] = [7; 32];
/// The app secret of a stage's webhooks.
pub const APP_SECRET: &str = "sandbox-app-secret";
/// A template of the sandbox with one variable; paused there until a test approves it.
pub const TEMPLATE_NAME: &str = "summer_iced";
/// The word of the webhook's handshake.
pub const VERIFY_TOKEN: &str = "sandbox-verify-token";

/// A workspace ready to launch campaigns.
pub struct Stage {
    /// The use cases, as a server or worker process would hold them.
    pub services: Services,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its owner.
    pub owner: UserId,
    /// Its sender.
    pub sender: ChannelAccountId,
    /// An approved template with one variable.
    pub template: TemplateId,
    /// The list that people are added to.
    pub list: ListId,
}

/// What use cases need, for a database and a Graph.
///
/// # Errors
///
/// If the database cannot be reached.
pub async fn services(database_url: &str, graph_url: &str, connections_max: u32) -> Result<Services> {
    let pool =
        service::database::connect(&SecretString::from(database_url.to_owned()), connections_max).await?;
    let secrets = KeyRing::new("k1", [("k1", &KEY)])?;
    let settings = Settings {
        public_origin: "http://127.0.0.1:8080".to_owned(),
        setup_token: None,
        settlement: Duration::from_secs(24 * 3_600),
        whatsapp: WhatsAppSettings {
            graph_url: graph_url.to_owned(),
            graph_version: "v24.0".to_owned(),
            app_id: Some("1000000000000001".to_owned()),
            app_secret: Some(SecretString::from(APP_SECRET)),
            webhook_verify_token: Some(SecretString::from(VERIFY_TOKEN)),
        },
        pusher: None,
    };
    Ok(Services::new(pool, Clock::System, secrets, runtime::http::client()?, settings))
}

/// A plan with this rate.
pub fn plan(rate_per_second: u32, batch_size: u32) -> RatePlan {
    let positive = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
    RatePlan { rate_per_second: positive(rate_per_second), batch_size: positive(batch_size) }
}

impl Stage {
    /// Sets a workspace up in a migrated, empty database.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn set(
        services: Services,
        phone_number_id: &str,
        waba_id: &str,
        plan: RatePlan,
    ) -> Result<Self> {
        let (owner, workspace) = first_run(&services).await?;
        let now = services.clock.now();
        let mut stage = Self {
            sender: ChannelAccountId::mint(now, id_entropy()),
            template: TemplateId::mint(now, id_entropy()),
            list: ListId::mint(now, id_entropy()),
            services,
            workspace,
            owner,
        };
        stage.connect(stage.sender, phone_number_id, waba_id, plan).await?;
        stage.add_template(waba_id).await?;
        stage.add_list("Everyone").await?;
        Ok(stage)
    }

    /// Adds an empty list; people who are added and campaigns that are drafted from now on belong to it.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn add_list(&mut self, name: &str) -> Result<()> {
        self.list = ListId::mint(self.services.clock.now(), id_entropy());
        sqlx::query("insert into lists (workspace_id, list_id, name, created_at) values ($1, $2, $3, now())")
            .bind(self.workspace.uuid())
            .bind(self.list.uuid())
            .bind(name)
            .execute(&self.services.pool)
            .await?;
        Ok(())
    }

    /// Connects one more number; `sender` stays the first one. With `World::with_numbers` the sandbox has as many as wanted.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn add_number(
        &self,
        phone_number_id: &str,
        waba_id: &str,
        plan: RatePlan,
    ) -> Result<ChannelAccountId> {
        let sender = ChannelAccountId::mint(self.services.clock.now(), id_entropy());
        self.connect(sender, phone_number_id, waba_id, plan).await?;
        Ok(sender)
    }

    async fn connect(
        &self,
        sender: ChannelAccountId,
        phone_number_id: &str,
        waba_id: &str,
        plan: RatePlan,
    ) -> Result<()> {
        let binding = bound_to(self.workspace.uuid(), sender.uuid());
        let sealed = self.services.secrets.seal(&SecretString::from("sandbox-token"), &binding);
        let now = self.services.clock.now();
        let mut conn = self.services.pool.acquire().await?;
        let new = Connected {
            id: sender,
            channel: Channel::WhatsApp,
            name: "Brasa Coffee",
            credential: SealedCredential { key_id: sealed.key_id, bytes: sealed.bytes },
            credential_expires_at: None,
            plan,
            connected_by: self.owner,
            at: now,
        };
        channel_accounts::insert(&mut conn, self.workspace, &new).await?;
        sqlx::query(
            "insert into whatsapp_numbers (workspace_id, channel_account_id, phone_number_id, waba_id, display_phone_number,
                                           verified_name, quality_rating, throughput_level, on_business_app, checked_at)
             values ($1, $2, $3, $4, '+351 910 000 187', 'Brasa Coffee', 'GREEN', 'STANDARD', false, now())",
        )
        .bind(self.workspace.uuid())
        .bind(sender.uuid())
        .bind(phone_number_id)
        .bind(waba_id)
        .execute(&mut *conn)
        .await?;
        Ok(())
    }

    async fn add_template(&mut self, waba_id: &str) -> Result<()> {
        let body = serde_json::json!([{
            "type": "BODY",
            "text": "Hi {{1}}, iced coffee season is here and your first one is half price this week.",
            "example": { "body_text": [["Ana"]] },
        }]);
        let template = SyncedTemplate {
            id: self.template,
            provider_template_id: "1".to_owned(),
            name: TEMPLATE_NAME.to_owned(),
            language: "en".to_owned(),
            category: "MARKETING".to_owned(),
            state: "APPROVED".to_owned(),
            parameter_format: "POSITIONAL".to_owned(),
            components: body,
            rejected_reason: None,
            quality: None,
        };
        let mut conn = self.services.pool.acquire().await?;
        templates::upsert(&mut conn, self.workspace, waba_id, &[template], self.services.clock.now()).await?;
        Ok(())
    }

    /// Adds people who opted in, with numbers counting up from this one.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn add_people(&self, first_number: i64, people: i64) -> Result<()> {
        sqlx::query(
            "with made as (
                 insert into contacts (workspace_id, contact_id, name, attributes, created_at, updated_at)
                 select $1, gen_random_uuid(), 'Person ' || n, '{}', now(), now() from generate_series($2::bigint, $2 + $3 - 1) n
              returning contact_id, name
             ),
             reached as (
                 insert into addresses (workspace_id, kind, value, contact_id, region, consent, created_at)
                 select $1, 'phone', '+' || split_part(name, ' ', 2), contact_id, 'PT', 'confirmed', now() from made
             )
             insert into list_members (workspace_id, list_id, contact_id, added_at) select $1, $4, contact_id, now() from made",
        )
        .bind(self.workspace.uuid())
        .bind(first_number)
        .bind(people)
        .bind(self.list.uuid())
        .execute(&self.services.pool)
        .await?;
        sqlx::raw_sql("analyze contacts, addresses, list_members").execute(&self.services.pool).await?;
        Ok(())
    }

    /// The owner's right to do something.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn access<G: Grant>(&self) -> Result<WorkspaceAccess<G>> {
        authorize(&self.services, self.owner, self.workspace).await.map_err(|error| anyhow!("{error}"))
    }

    /// A draft that could be launched.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn draft(&self) -> Result<CampaignId> {
        self.draft_with(Schedule::default()).await
    }

    /// A draft that starts in the morning of a day, or with the click, and can be taken back for so long.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn timed_draft(&self, day: Option<&str>, undo: Undo) -> Result<CampaignId> {
        let start = match day {
            Some(day) => Start::At(LocalMoment::parse(day, "09:00", "Europe/Lisbon".parse()?)?),
            None => Start::Now,
        };
        self.draft_with(Schedule { start, undo, ..Schedule::default() }).await
    }

    /// A draft with a schedule.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn draft_with(&self, schedule: Schedule) -> Result<CampaignId> {
        let access = self.access().await?;
        let name = CampaignName::parse("Winter harvest launch")?;
        let campaign = service::campaigns::create(&self.services, &access, &name).await?;
        let first_name =
            VariableSource::Field { field: ContactField::FirstName, fallback: Some("there".to_owned()) };
        let draft = Draft {
            name,
            channel_account: Some(self.sender),
            further_senders: Vec::new(),
            template: Some(self.template),
            audience: Some(Audience { lists: vec![self.list] }),
            variables: VariableMapping(vec![first_name]),
            schedule,
        };
        service::campaigns::save(&self.services, &access, campaign, draft).await?;
        Ok(campaign)
    }

    /// Launches a draft with a key of its own.
    ///
    /// # Errors
    ///
    /// If it is not ready.
    pub async fn launch(&self, campaign: CampaignId) -> Result<Launched> {
        self.launch_reviewed(campaign, None).await
    }

    /// The same, as the button on the review page does it: with the number of people that was shown.
    ///
    /// # Errors
    ///
    /// If it is not ready, or for another number of people.
    pub async fn launch_reviewed(&self, campaign: CampaignId, people: Option<i64>) -> Result<Launched> {
        // The plans are the stage's own: as if Graph had just said them, a launch does not ask.
        sqlx::query("update whatsapp_numbers set checked_at = now() where workspace_id = $1")
            .bind(self.workspace.uuid())
            .execute(&self.services.pool)
            .await?;
        let access = self.access().await?;
        let key = format!("stage-{campaign}").parse()?;
        Ok(service::campaigns::launch(&self.services, &access, campaign, &key, people).await?)
    }

    /// The dispatch of a campaign with its counts.
    ///
    /// # Errors
    ///
    /// If it was not launched.
    pub async fn dispatch(&self, campaign: CampaignId) -> Result<DispatchRow> {
        let access = self.access().await?;
        let progress = service::campaigns::progress(&self.services, &access, campaign).await?;
        Ok(progress.and_then(|progress| progress.dispatch).context("the campaign was not launched")?.dispatch)
    }

    /// Waits until the dispatch of a campaign is as wanted; looks whenever it changed.
    ///
    /// # Errors
    ///
    /// If that does not happen in time; says how it stands.
    pub async fn until(
        &self,
        campaign: CampaignId,
        at_most: Duration,
        wanted: impl Fn(&DispatchRow) -> bool,
    ) -> Result<DispatchRow> {
        let deadline = tokio::time::Instant::now() + at_most;
        let mut ticks = tokio::time::interval(Duration::from_millis(25));
        loop {
            ticks.tick().await;
            // While Postgres restarts there is no answer; the deadline bounds the wait.
            let last = self.dispatch(campaign).await;
            match last {
                Ok(row) if wanted(&row) => return Ok(row),
                other if tokio::time::Instant::now() >= deadline => {
                    return Err(anyhow!("not in time: {other:?}"));
                }
                _ => {}
            }
        }
    }
}

async fn first_run(services: &Services) -> Result<(UserId, WorkspaceId)> {
    let first = FirstRun {
        name: "Inês Duarte".parse()?,
        email: "ines@brasa.example".parse()?,
        password: NewPassword::parse(SecretString::from("winter harvest 2026"))?,
        workspace_name: "Brasa Coffee".parse()?,
        time_zone: "Europe/Lisbon".parse()?,
        default_country: Some("PT".parse()?),
        setup_token: None,
    };
    Ok(set_up(services, first, IpAddr::V4(Ipv4Addr::LOCALHOST)).await?)
}
