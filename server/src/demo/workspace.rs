//! The workspace of the demonstration: owner, sender, people.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context, anyhow};
use bytes::Bytes;
use domain::ids::{ChannelAccountId, ListId, UserId, WorkspaceId};
use domain::import::{ColumnMapping, Mapping, Target};
use secrecy::SecretString;
use service::Services;
use service::access::{Grant, Send, WorkspaceAccess, authorize};
use service::accounts::first_run::{self, FirstRun};
use service::accounts::password::NewPassword;
use service::accounts::{sign_in, workspaces};
use service::channel_accounts::{self, ConnectWhatsApp};
use service::imports::{ImportRequest, ListChoice, import_csv};

use super::{DemoOptions, people, say};

/// What the owner signs in with.
pub const EMAIL: &str = "demo@fanfare.example";
const TOKEN: &str = "sandbox-token";
const NUMBER_ID: &str = "300000000000004";
const ACCOUNT_ID: &str = "200000000000001";

/// Positions in the endless row of invented people at which each list starts.
const REGULARS: (&str, u32, u32) = ("Regulars", 50_000, 180);
const TASTING: (&str, u32, u32) = ("Porto tasting", 50_500, 120);
const CLUB: &str = "Club members";

/// Where the demonstration happens.
pub struct Home {
    pub workspace: WorkspaceId,
    pub owner: UserId,
    pub sender: ChannelAccountId,
    pub club: ListId,
    pub regulars: ListId,
    pub tasting: ListId,
}

impl Home {
    /// The owner's right to do something.
    pub async fn access<G: Grant>(&self, services: &Services) -> anyhow::Result<WorkspaceAccess<G>> {
        authorize(services, self.owner, self.workspace).await.map_err(|error| anyhow!("{error}"))
    }
}

/// Makes what is missing; what an earlier demonstration made is used again.
pub async fn prepare(services: &Services, options: &DemoOptions) -> anyhow::Result<Home> {
    let (owner, workspace) = account(services, options).await?;
    let access =
        |_| async move { authorize(services, owner, workspace).await.map_err(|error| anyhow!("{error}")) };
    let sender = sender(services, owner, workspace).await?;
    let access: WorkspaceAccess<Send> = access(()).await?;
    let club = list(services, &access, CLUB, 0, options.recipients).await?;
    let (regulars, tasting) = (
        list(services, &access, REGULARS.0, REGULARS.1, REGULARS.2).await?,
        list(services, &access, TASTING.0, TASTING.1, TASTING.2).await?,
    );
    Ok(Home { workspace, owner, sender, club, regulars, tasting })
}

async fn account(services: &Services, options: &DemoOptions) -> anyhow::Result<(UserId, WorkspaceId)> {
    let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let password = SecretString::from(options.password.clone());
    let email = EMAIL.parse().context("the owner's address")?;
    if first_run::is_needed(services).await? {
        say("Setting up the workspace Brasa Coffee");
        let first = FirstRun {
            name: "Inês Duarte".parse()?,
            email,
            password: NewPassword::parse(password)?,
            workspace_name: "Brasa Coffee".parse()?,
            time_zone: "Europe/Lisbon".parse()?,
            default_country: Some("PT".parse()?),
            setup_token: services.settings.setup_token.clone(),
        };
        return Ok(first_run::set_up(services, first, client).await?);
    }
    let owner = sign_in::sign_in(services, &email, password, client)
        .await
        .context("this database is in use by somebody else; the demonstration needs one of its own")?;
    let memberships = workspaces::of_user(services, owner).await?;
    let home =
        memberships.first().context("the owner of the demonstration belongs to no workspace any more")?;
    Ok((owner, home.workspace))
}

async fn sender(
    services: &Services,
    owner: UserId,
    workspace: WorkspaceId,
) -> anyhow::Result<ChannelAccountId> {
    let right = |error| anyhow!("{error}");
    let reads = authorize(services, owner, workspace).await.map_err(|error| right(error.to_string()))?;
    let known = channel_accounts::list(services, &reads).await?;
    let ours = |account: &&channel_accounts::ChannelAccount| {
        account.state.cannot_send().is_none()
            && account.whatsapp.as_ref().is_some_and(|number| number.phone_number_id == NUMBER_ID)
    };
    if let Some(account) = known.iter().find(ours) {
        return Ok(account.id);
    }
    say("Connecting a WhatsApp number of the sandbox");
    let administers =
        authorize(services, owner, workspace).await.map_err(|error| right(error.to_string()))?;
    let new = ConnectWhatsApp {
        name: "Brasa Coffee Club".parse()?,
        token: SecretString::from(TOKEN),
        phone_number_id: NUMBER_ID.parse()?,
        waba_id: ACCOUNT_ID.parse()?,
    };
    Ok(channel_accounts::connect_whatsapp(services, &administers, new).await?.id)
}

/// The list with this many people on it, imported if they are not there yet.
async fn list(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    name: &str,
    from: u32,
    people: u32,
) -> anyhow::Result<ListId> {
    // A list per size, so that a demonstration of another size leaves earlier ones as they were.
    let name = if name == CLUB && people != 5_000 { format!("{name} ({people})") } else { name.to_owned() };
    let find = || async {
        let reads = access.require()?;
        let lists = service::lists::all(services, &reads).await?;
        anyhow::Ok(lists.into_iter().find(|list| list.name.as_str() == name))
    };
    if let Some(list) = find().await?.filter(|list| list.members == i64::from(people)) {
        return Ok(list.id);
    }
    say(&format!("Importing {people} people into the list {name}"));
    let request = ImportRequest {
        file_name: "club-members.csv".to_owned(),
        mapping: mapping()?,
        default_country: Some("PT".parse()?),
        list: ListChoice::Named(name.parse()?),
        proof: Some(serde_json::from_value(serde_json::json!({
            "source": "Paper form in the shop",
            "wording": "Yes, send me news about coffee over WhatsApp.",
        }))?),
    };
    let file = futures::stream::iter([Ok::<_, Infallible>(Bytes::from(people::csv(from, people)))]);
    import_csv(services, access, request, file).await?;
    Ok(find().await?.context("the list was not made")?.id)
}

fn mapping() -> anyhow::Result<Mapping> {
    let column = |heading: &str, target: Target| ColumnMapping { heading: heading.to_owned(), target };
    Ok(Mapping::new(vec![
        column("Name", Target::Name),
        column("Mobile", Target::Phone),
        column("City", "attribute:city".parse()?),
        column("Points", "attribute:points".parse()?),
        column("Favourite", "attribute:favourite".parse()?),
        column("Newsletter", Target::Consent),
    ])?)
}
