//! The calls, one for each use case.

use std::fmt::Debug;

use anyhow::Result;
use domain::campaign::CampaignName;
use domain::dispatch::TryAgain;
use domain::workspace::Role;
use secrecy::SecretString;
use service::access::Administer;
use service::accounts::members::{self, MemberError, NewMember};
use service::accounts::workspaces;
use service::campaigns::{
    self, CampaignQuery, Click, ControlError, Draft, DraftError, LaunchError, ListPlace, Place,
    PreflightError, RecipientFilter, TryAgainError, UndoError,
};
use service::channel_accounts::{self, ConnectError, ConnectWhatsApp};
use service::contacts::{self, ContactError, Direction};
use service::imports::{self, ImportError, ListChoice};
use service::lists::{self, ListError};
use service::live::LiveHub;
use service::suppressions::{self, SuppressionError};
use service::templates::{self, TemplateQuery};

use super::elsewhere::{Elsewhere, file, import_request, new_contact, proof};

/// What a call got.
#[derive(Debug)]
pub enum Got {
    /// It was told that there is no such thing, or got an empty answer.
    Nothing,
    /// It works on the workspace that is looked from and names nothing else.
    Own,
    /// Something.
    Something(String),
}

fn refused<T: Debug, E: Debug>(result: Result<T, E>, not_found: impl Fn(&E) -> bool) -> Got {
    match result {
        Err(error) if not_found(&error) => Got::Nothing,
        other => Got::Something(format!("{other:?}")),
    }
}

fn empty<T: Debug>(found: impl IntoIterator<Item = T>) -> Got {
    found.into_iter().next().map_or(Got::Nothing, |found| Got::Something(format!("{found:?}")))
}

/// For what says whether or how much was done.
fn none<T: Debug + Default + PartialEq>(done: T) -> Got {
    if done == T::default() { Got::Nothing } else { Got::Something(format!("{done:?}")) }
}

/// Calls a use case with ids of here and a right from elsewhere. `None` for one that is not known.
pub async fn call(use_case: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let Some((module, name)) = use_case.split_once("::") else { return Ok(None) };
    match module {
        "accounts" => accounts(name, it).await,
        "campaigns" => match campaign_reads(name, it).await? {
            None => campaign_changes(name, it).await,
            got => Ok(got),
        },
        "channel_accounts" => senders(name, it).await,
        "contacts" => people(name, it).await,
        "imports" => files(name, it).await,
        "lists" => on_lists(name, it).await,
        "live" | "suppressions" | "templates" => others(use_case, it).await,
        _ => Ok(None),
    }
}

async fn accounts(name: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right::<Administer>().await?;
    let no_member = |error: &MemberError| matches!(error, MemberError::NotMember);
    Ok(Some(match name {
        "list" => {
            let found = members::list(services, &right.require()?).await?;
            empty(found.into_iter().filter(|found| found.user == it.member))
        }
        "add" => {
            let new = NewMember {
                name: "Rui".parse()?,
                email: "rui@elsewhere.example".parse()?,
                role: Role::Viewer,
            };
            members::add(services, &right, new).await?;
            Got::Own
        }
        "renew_invitation" => {
            refused(members::renew_invitation(services, &right, it.member).await, no_member)
        }
        "set_role" => refused(members::set_role(services, &right, it.member, Role::Admin).await, no_member),
        "remove" => refused(members::remove(services, &right, it.member).await, no_member),
        "get" => {
            workspaces::get(services, &right.require()?).await?;
            Got::Own
        }
        "progress" => {
            workspaces::progress(services, &right.require()?).await?;
            Got::Own
        }
        "create" => {
            workspaces::create(services, &right, "Third".parse()?, "UTC".parse()?, None).await?;
            Got::Own
        }
        "update" => {
            workspaces::update(services, &right, "Renamed".parse()?, "UTC".parse()?, None).await?;
            Got::Own
        }
        _ => return Ok(None),
    }))
}

async fn campaign_reads(name: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right().await?;
    Ok(Some(match name {
        "get" => empty(campaigns::get(services, &right, it.running).await?),
        "chosen" => empty(campaigns::chosen(services, &right, it.running).await?),
        "contact_fields" => {
            campaigns::contact_fields(services, &right).await?;
            Got::Own
        }
        "sent_message" => empty(campaigns::sent_message(services, &right, it.running).await?),
        "list" => {
            let mut found = Vec::new();
            for place in [ListPlace::Newest, ListPlace::Before(it.draft), ListPlace::After(it.running)] {
                let query = CampaignQuery { place, ..CampaignQuery::default() };
                let page = campaigns::list(services, &right, &query).await?;
                found.extend(
                    page.campaigns.into_iter().filter(|one| [it.draft, it.running].contains(&one.id)),
                );
            }
            empty(found)
        }
        "figures" => empty(campaigns::figures(services, &right).await?.days),
        "sending" => empty(campaigns::sending(services, &right).await?),
        "preflight" => refused(campaigns::preflight(services, &right, it.draft).await, |error| {
            matches!(error, PreflightError::NotFound)
        }),
        "progress" => empty(campaigns::progress(services, &right, it.running).await?),
        "recipients" => empty(
            campaigns::recipients(services, &right, it.running, RecipientFilter::All, None, Place::default())
                .await?,
        ),
        _ => return Ok(None),
    }))
}

async fn campaign_changes(name: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right().await?;
    let not_found = |error: &ControlError| matches!(error, ControlError::NotFound);
    Ok(Some(match name {
        "create" => {
            campaigns::create(services, &right, &CampaignName::parse("Mine")?).await?;
            Got::Own
        }
        "save" => {
            let draft = Draft {
                name: CampaignName::parse("Mine")?,
                channel_account: None,
                further_senders: Vec::new(),
                template: None,
                audience: None,
                variables: Default::default(),
                schedule: Default::default(),
            };
            refused(campaigns::save(services, &right, it.draft, draft).await, |error| {
                matches!(error, DraftError::NotFound)
            })
        }
        "delete_draft" => none(campaigns::delete_draft(services, &right, it.draft).await?),
        "pause" => refused(campaigns::pause(services, &right, it.running).await, not_found),
        "resume" => refused(campaigns::resume(services, &right, it.running).await, not_found),
        "cancel" => refused(campaigns::cancel(services, &right, it.running).await, not_found),
        "schedule" => {
            let key = "from-elsewhere".parse()?;
            refused(campaigns::schedule(services, &right, it.draft, &key, None).await, |error| {
                matches!(error, LaunchError::NotFound)
            })
        }
        "unschedule" => refused(campaigns::unschedule(services, &right, it.draft).await, not_found),
        "scheduled_by" => empty(campaigns::scheduled_by(services, &right.require()?, it.draft).await?),
        "undo" => refused(campaigns::undo(services, &right, it.running).await, |error| {
            matches!(error, UndoError::NotFound)
        }),
        "second_try" => {
            empty(campaigns::second_try(services, &right.require()?, it.running, TryAgain::Failed).await?)
        }
        "try_again" => {
            let key = "from-elsewhere".parse()?;
            let click = Click { what: TryAgain::Failed, key, expected: 1, twice_is_fine: false };
            refused(campaigns::try_again(services, &right, it.running, &click).await, |error| {
                matches!(error, TryAgainError::NotFound)
            })
        }
        "launch" => {
            let key = "from-elsewhere".parse()?;
            refused(campaigns::launch(services, &right, it.draft, &key, None).await, |error| {
                matches!(error, LaunchError::NotFound)
            })
        }
        _ => return Ok(None),
    }))
}

async fn senders(name: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right::<Administer>().await?;
    let token = SecretString::from("sandbox-token");
    let not_found = |error: &ConnectError| matches!(error, ConnectError::NotFound);
    Ok(Some(match name {
        "list" => empty(channel_accounts::list(services, &right.require()?).await?),
        "get" => empty(channel_accounts::get(services, &right.require()?, it.sender).await?),
        "allowance" => empty(channel_accounts::allowance(services, &right.require()?, it.sender).await?),
        "handed_over_today" => {
            none(channel_accounts::handed_over_today(services, &right.require()?, it.sender).await?)
        }
        "running_dispatches" => {
            none(channel_accounts::running_dispatches(services, &right.require()?, it.sender).await?)
        }
        "disconnect" => none(channel_accounts::disconnect(services, &right, it.sender).await?),
        "connect_whatsapp" => {
            let new = ConnectWhatsApp {
                name: "Mine".parse()?,
                token,
                phone_number_id: "300000000000001".parse()?,
                waba_id: "200000000000001".parse()?,
            };
            // A number has one home, and who that is is not said.
            refused(channel_accounts::connect_whatsapp(services, &right, new).await, |error| {
                error.to_string().contains("another workspace")
            })
        }
        "replace_token" => {
            refused(channel_accounts::replace_token(services, &right, it.sender, &token).await, not_found)
        }
        "refresh" => {
            refused(channel_accounts::refresh(services, &right.require()?, it.sender).await, not_found)
        }
        _ => return Ok(None),
    }))
}

async fn people(name: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right().await?;
    let not_found = |error: &ContactError| matches!(error, ContactError::NotFound);
    let new_address = domain::address::Address::Phone("+351930000003".parse()?);
    Ok(Some(match name {
        "find" => {
            let mut found = Vec::new();
            for (text, list, direction) in [
                ("", None, Direction::FromNewest),
                ("Teresa", None, Direction::FromNewest),
                ("+351930000001", None, Direction::FromNewest),
                ("", Some(it.list), Direction::FromNewest),
            ] {
                let page = contacts::find(services, &right.require()?, text, None, list, direction).await?;
                found.extend(page.contacts.into_iter().filter(|found| found.id == it.contact));
            }
            empty(found)
        }
        "count" => {
            contacts::count(services, &right.require()?).await?;
            Got::Own
        }
        "get" => empty(contacts::get(services, &right.require()?, it.contact).await?),
        "attribute_keys" => empty(contacts::attribute_keys(services, &right.require()?).await?),
        "create" => {
            // The same number is another person there.
            contacts::create(services, &right, new_contact("+351930000001", None)).await?;
            Got::Own
        }
        "update" => refused(
            contacts::update(services, &right, it.contact, &"Mine".parse()?, &Default::default()).await,
            not_found,
        ),
        "add_address" => {
            refused(contacts::add_address(services, &right, it.contact, new_address, None).await, not_found)
        }
        "confirm_consent" => refused(
            contacts::confirm_consent(services, &right, it.contact, &it.address, &proof()).await,
            not_found,
        ),
        "delete" => refused(contacts::delete(services, &right, it.contact).await, not_found),
        _ => return Ok(None),
    }))
}

async fn files(name: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right().await?;
    let gone = |error: &ImportError| matches!(error, ImportError::NoSuchUpload);
    Ok(Some(match name {
        "get" => empty(imports::get(services, &right.require()?, it.import).await?),
        "newest" => {
            let found = imports::newest(services, &right.require()?, 10).await?;
            empty(found.into_iter().filter(|found| found.id == it.import))
        }
        "problems" => empty(imports::problems(services, &right.require()?, it.import, None).await?.problems),
        "all_problems" => empty(imports::all_problems(services, &right.require()?, it.import).await?),
        "keep_upload" => {
            imports::keep_upload(services, &right, "people.csv", file()).await?;
            Got::Own
        }
        "preview" => refused(imports::preview(services, &right, it.upload, None, None).await, gone),
        "import_upload" => {
            let request = import_request(ListChoice::None);
            refused(imports::import_upload(services, &right, it.upload, request).await, gone)
        }
        "discard" => none(imports::discard(services, &right, it.upload).await?),
        "import_csv" => {
            imports::import_csv(services, &right, import_request(ListChoice::None), file()).await?;
            Got::Own
        }
        _ => return Ok(None),
    }))
}

async fn on_lists(name: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right().await?;
    let not_found = |error: &ListError| matches!(error, ListError::NotFound);
    Ok(Some(match name {
        "all" => {
            empty(lists::all(services, &right.require()?).await?.into_iter().filter(|one| one.id == it.list))
        }
        "get" => empty(lists::get(services, &right.require()?, it.list).await?),
        "create" => {
            // The same name is another list there.
            lists::create(services, &right, &"Regulars".parse()?).await?;
            Got::Own
        }
        "rename" => refused(lists::rename(services, &right, it.list, &"Renamed".parse()?).await, not_found),
        "delete" => refused(lists::delete(services, &right, it.list).await, not_found),
        "add_members" => {
            refused(lists::add_members(services, &right, it.list, &[it.contact]).await, not_found)
        }
        "remove_members" => {
            refused(lists::remove_members(services, &right, it.list, &[it.contact]).await, not_found)
        }
        _ => return Ok(None),
    }))
}

async fn others(use_case: &str, it: &Elsewhere) -> Result<Option<Got>> {
    let services = it.services();
    let right = it.right().await?;
    Ok(Some(match use_case {
        "live::watch" => {
            let feed = LiveHub::watch(services, &right.require()?, it.running).await?;
            empty(feed.map(|_| "a feed"))
        }
        "suppressions::find" => {
            let found = suppressions::find(services, &right.require()?, "", None).await?.suppressions;
            empty(found.into_iter().filter(|found| found.value == it.suppressed.as_str()))
        }
        "suppressions::add" => {
            suppressions::add(services, &right, &it.address).await?;
            Got::Own
        }
        "suppressions::lift" => {
            refused(suppressions::lift(services, &right, &it.suppressed).await, |error| {
                matches!(error, SuppressionError::NotLiftable)
            })
        }
        "suppressions::opt_out" => {
            suppressions::opt_out(services, &right, &it.address).await?;
            Got::Own
        }
        "templates::list" => {
            let query = TemplateQuery { templates_max: 10, ..TemplateQuery::default() };
            empty(templates::list(services, &right.require()?, &query).await?)
        }
        "templates::count_by_state" => empty(templates::count_by_state(services, &right.require()?).await?),
        "templates::last_synced" => empty(templates::last_synced(services, &right.require()?).await?),
        "templates::get" => empty(templates::get(services, &right.require()?, it.template).await?),
        "templates::sync" => {
            none(templates::sync(services, &right).await?);
            Got::Own
        }
        _ => return Ok(None),
    }))
}
