//! A workspace with everything in it, and a person who is looking from another one.

use anyhow::Result;
use domain::address::Address;
use domain::campaign::{Audience, CampaignName};
use domain::contact::{Attributes, ConsentProof};
use domain::ids::{CampaignId, ChannelAccountId, ContactId, ImportId, ListId, TemplateId, UploadId, UserId};
use domain::import::{ColumnMapping, Mapping, Target};
use domain::template::VariableMapping;
use domain::workspace::Role;
use futures::stream;
use service::Services;
use service::access::{Grant, WorkspaceAccess, authorize};
use service::accounts::members::{self, NewMember};
use service::campaigns::{Draft, DraftError};
use service::contacts::{ContactError, NewContact};
use service::imports::{ImportError, ImportRequest, ListChoice};
use service::lists::ListError;
use service::{campaigns, contacts, imports, lists, suppressions};
use sqlx::{ConnectOptions, PgPool};
use tests::stage::{self, Stage};
use uuid::Uuid;

use crate::state;

/// What is here, and a right that is from elsewhere. The person is the same in both: only the workspace differs.
pub struct Elsewhere {
    pub stage: Stage,
    pub draft: CampaignId,
    pub running: CampaignId,
    pub sender: ChannelAccountId,
    pub template: TemplateId,
    pub list: ListId,
    pub contact: ContactId,
    pub address: Address,
    pub suppressed: Address,
    pub member: UserId,
    pub import: ImportId,
    pub upload: UploadId,
    looking_from: Uuid,
    pool: PgPool,
}

/// One person, without consent.
pub fn new_contact(number: &str, list: Option<ListId>) -> NewContact {
    NewContact {
        name: "Teresa Vidal".parse().expect("a name"),
        phone: Some(number.parse().expect("a number")),
        email: None,
        attributes: Attributes::default(),
        proof: None,
        list,
    }
}

/// A file of people, the second of whom cannot be read.
pub fn file() -> impl futures::Stream<Item = std::io::Result<axum::body::Bytes>> + Send + Unpin {
    stream::iter([Ok("Phone\n+351912345678\nnobody\n".into())])
}

/// What is to be done with it.
pub fn import_request(list: ListChoice) -> ImportRequest {
    let column = ColumnMapping { heading: "Phone".to_owned(), target: Target::Phone };
    ImportRequest {
        file_name: "people.csv".to_owned(),
        mapping: Mapping::new(vec![column]).expect("a mapping"),
        default_country: None,
        list,
        proof: None,
    }
}

/// Where somebody agreed.
pub fn proof() -> ConsentProof {
    ConsentProof::new("Paper form", "Send me offers").expect("a proof")
}

impl Elsewhere {
    /// Puts one of everything into a workspace, and makes another one to look from.
    pub async fn look_from(pool: PgPool) -> Result<Self> {
        let url = pool.connect_options().to_url_lossy().to_string();
        let services = stage::services(&url, "http://127.0.0.1:1", 6).await?;
        let stage = Stage::set(services, "300000000000001", "200000000000001", stage::plan(10, 10)).await?;
        stage.add_people(351_920_000_000, 3).await?;
        let services = &stage.services;
        let send = stage.access().await?;
        let list = lists::create(services, &send, &"Regulars".parse()?).await?;
        let contact = contacts::create(services, &send, new_contact("+351930000001", Some(list))).await?;
        let suppressed = Address::Phone("+351930000002".parse()?);
        suppressions::add(services, &send, &suppressed).await?;
        let running = stage.draft().await?;
        stage.launch(running).await?;
        let new =
            NewMember { name: "Tom Reis".parse()?, email: "tom@brasa.example".parse()?, role: Role::Member };
        members::add(services, &stage.access().await?, new).await?;
        let member: Uuid = sqlx::query_scalar("select user_id from users where email = 'tom@brasa.example'")
            .fetch_one(&pool)
            .await?;
        let looking_from: Uuid = sqlx::query_scalar(
            "with elsewhere as (
                 insert into workspaces (workspace_id, name, time_zone, created_at)
                 values (gen_random_uuid(), 'Elsewhere', 'UTC', now()) returning workspace_id)
             insert into memberships (workspace_id, user_id, role, created_at)
             select workspace_id, $1, 'owner', now() from elsewhere returning workspace_id",
        )
        .bind(stage.owner.uuid())
        .fetch_one(&pool)
        .await?;
        Ok(Self {
            draft: stage.draft().await?,
            running,
            sender: stage.sender,
            template: stage.template,
            list,
            contact,
            address: Address::Phone("+351930000001".parse()?),
            suppressed,
            member: member.into(),
            import: imports::import_csv(services, &send, import_request(ListChoice::None), file()).await?.id,
            upload: imports::keep_upload(services, &send, "people.csv", file()).await?,
            looking_from,
            pool,
            stage,
        })
    }

    /// The same, looking from where everything is.
    pub fn seen_from_here(self) -> Self {
        Self { looking_from: self.stage.workspace.uuid(), ..self }
    }

    /// The use cases.
    pub fn services(&self) -> &Services {
        &self.stage.services
    }

    /// A right to the workspace that is looked from.
    pub async fn right<G: Grant>(&self) -> Result<WorkspaceAccess<G>> {
        Ok(authorize(self.services(), self.stage.owner, self.looking_from.into()).await?)
    }

    /// What there is in the workspace that is looked at.
    pub async fn state_here(&self) -> String {
        state::of_workspace(&self.pool, self.stage.workspace.uuid()).await
    }

    /// Chooses things of this workspace for things of the other: what, and whether it was refused.
    pub async fn choose_foreign_things(&self) -> Result<Vec<(&'static str, bool)>> {
        let services = self.services();
        let right = self.right().await?;
        let own_list = lists::create(services, &right, &"Mine".parse()?).await?;
        let own_contact = contacts::create(services, &right, new_contact("+351930000009", None)).await?;
        let name = CampaignName::parse("Mine")?;
        let own = campaigns::create(services, &right, &name).await?;
        let draft = Draft {
            name,
            channel_account: None,
            further_senders: Vec::new(),
            template: None,
            audience: None,
            variables: VariableMapping::default(),
            schedule: Default::default(),
        };
        let unknown = async |draft: Draft| {
            matches!(campaigns::save(services, &right, own, draft).await, Err(DraftError::Unknown(_)))
        };
        let lists = vec![own_list, self.list];
        Ok(vec![
            ("a list", unknown(Draft { audience: Some(Audience { lists }), ..draft.clone() }).await),
            ("a template", unknown(Draft { template: Some(self.template), ..draft.clone() }).await),
            ("a sender", unknown(Draft { channel_account: Some(self.sender), ..draft }).await),
            (
                "a list for a new contact",
                matches!(
                    contacts::create(services, &right, new_contact("+351930000010", Some(self.list))).await,
                    Err(ContactError::NoSuchList)
                ),
            ),
            (
                "a list for an import",
                matches!(
                    imports::import_csv(
                        services,
                        &right,
                        import_request(ListChoice::Existing(self.list)),
                        file()
                    )
                    .await,
                    Err(ImportError::NoSuchList)
                ),
            ),
            (
                "a contact for a list",
                matches!(
                    lists::add_members(services, &right, own_list, &[own_contact, self.contact]).await,
                    Err(ListError::NoSuchContact)
                ),
            ),
        ])
    }
}
