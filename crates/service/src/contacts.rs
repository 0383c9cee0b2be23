//! People, and the addresses they are reached at.

use domain::address::country::CountryCode;
use domain::address::{Address, EmailAddress, PhoneNumber};
use domain::contact::{Attributes, ConsentProof, ContactName};
use domain::ids::{ContactId, ListId};
use storage::StorageError;
pub use storage::contacts::{Contact, ContactAddress, Direction, Found};
use storage::contacts::{Search, Terms};

use crate::Services;
use crate::access::{Read, Send, WorkspaceAccess};
use crate::clock::id_entropy;

#[cfg(test)]
mod tests;

/// Contacts on one page.
pub const PAGE_SIZE: usize = 50;
/// How far contacts are counted exactly; beyond it is “more than”.
pub const COUNTED_MAX: i64 = 100_000;

/// Why a contact was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// There is no such contact in this workspace.
    #[error("there is no such contact")]
    NotFound,
    /// Somebody has this address already.
    #[error("another contact has this {}", match address { Address::Phone(_) => "number", _ => "email address" })]
    AddressTaken {
        /// Which.
        address: Address,
        /// Who.
        by: Option<ContactId>,
    },
    /// A new contact without any address.
    #[error("a contact needs a phone number or an email address")]
    NoAddress,
    /// There is no such list in this workspace.
    #[error("there is no such list")]
    NoSuchList,
    /// Consent cannot be confirmed: it was withdrawn, or there is no such address.
    #[error("consent that was withdrawn can be given again only by the person")]
    Withdrawn,
    /// The database did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A page of contacts, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The contacts.
    pub contacts: Vec<Found>,
    /// Whether there are newer ones.
    pub has_newer: bool,
    /// Whether there are older ones.
    pub has_older: bool,
}

/// How many contacts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// At least so many.
    pub counted: i64,
    /// Exactly so many.
    pub is_exact: bool,
}

/// Contacts whose name has words that begin like those of `text`, or whose number or email address begins like it.
///
/// Without text everybody is found. A number without a country code is taken for one of `country`.
pub async fn find(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    text: &str,
    country: Option<CountryCode>,
    list: Option<ListId>,
    direction: Direction,
) -> Result<Page, StorageError> {
    let search = match (terms(text, country), list) {
        (Some(terms), list) => Search::Matching(terms, list),
        (None, Some(list)) => Search::OnList(list),
        (None, None) => Search::Everyone,
    };
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let mut conn = services.connection().await?;
    let mut contacts =
        storage::contacts::page(&mut conn, access.workspace(), &search, direction, limit).await?;
    let has_more = contacts.len() > PAGE_SIZE;
    Ok(match direction {
        Direction::NewerThan(_) => {
            if has_more {
                contacts.remove(0);
            }
            Page { contacts, has_newer: has_more, has_older: true }
        }
        Direction::FromNewest | Direction::OlderThan(_) => {
            contacts.truncate(PAGE_SIZE);
            Page { contacts, has_newer: direction != Direction::FromNewest, has_older: has_more }
        }
    })
}

/// What a searched text may be the beginning of.
fn terms(text: &str, country: Option<CountryCode>) -> Option<Terms> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let digits = text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_number =
        digits.len() >= 3 && text.chars().all(|c| c.is_ascii_digit() || "+ -()./\u{a0}".contains(c));
    if is_number {
        let phone = match PhoneNumber::parse(text, country) {
            Ok(phone) => phone.number.as_str().to_owned(),
            Err(_) if text.starts_with('+') => format!("+{digits}"),
            Err(_) => match (digits.strip_prefix("00"), country) {
                (Some(abroad), _) => format!("+{abroad}"),
                (None, Some(country)) => {
                    format!("+{}{}", country.calling_code(), digits.trim_start_matches('0'))
                }
                (None, None) => format!("+{digits}"),
            },
        };
        return Some(Terms { phone: Some(phone), ..Terms::default() });
    }
    let words = text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    let email = (words.len() == 1).then(|| text.to_lowercase());
    let name_words = if text.contains('@') { Vec::new() } else { words };
    Some(Terms { name_words, phone: None, email })
}

/// How many contacts the workspace has.
pub async fn count(services: &Services, access: &WorkspaceAccess<Read>) -> Result<Count, StorageError> {
    let mut conn = services.connection().await?;
    let counted = storage::contacts::count_up_to(&mut conn, access.workspace(), COUNTED_MAX).await?;
    Ok(Count { counted, is_exact: counted < COUNTED_MAX })
}

/// A contact with everything that is known.
pub async fn get(
    services: &Services,
    access: &WorkspaceAccess<Read>,
    id: ContactId,
) -> Result<Option<Contact>, StorageError> {
    storage::contacts::get(&mut *services.connection().await?, access.workspace(), id).await
}

/// The names of the fields that the workspace's newest contacts have.
pub async fn attribute_keys(
    services: &Services,
    access: &WorkspaceAccess<Read>,
) -> Result<Vec<String>, StorageError> {
    storage::contacts::attribute_keys(&mut *services.connection().await?, access.workspace()).await
}

/// A contact to be added by hand.
#[derive(Debug, Clone)]
pub struct NewContact {
    /// The name; may be empty.
    pub name: ContactName,
    /// The number.
    pub phone: Option<PhoneNumber>,
    /// The email address.
    pub email: Option<EmailAddress>,
    /// Fields of the workspace's own.
    pub attributes: Attributes,
    /// Where and to what the person agreed; `None` if the person did not.
    pub proof: Option<ConsentProof>,
    /// The list to put the contact on.
    pub list: Option<ListId>,
}

/// Adds a contact.
pub async fn create(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    new: NewContact,
) -> Result<ContactId, ContactError> {
    let addresses =
        new.phone.map(Address::Phone).into_iter().chain(new.email.map(Address::Email)).collect::<Vec<_>>();
    if addresses.is_empty() {
        return Err(ContactError::NoAddress);
    }
    let now = services.clock.now();
    let workspace = access.workspace();
    let id = ContactId::mint(now, id_entropy());
    let mut tx = services.begin().await?;
    storage::contacts::lock_shared(&mut tx, workspace).await?;
    storage::contacts::insert(&mut tx, workspace, id, &new.name, &new.attributes, now).await?;
    for address in addresses {
        let inserted =
            storage::contacts::insert_address(&mut tx, workspace, id, &address, new.proof.as_ref(), now)
                .await;
        if let Err(error) = inserted {
            drop(tx);
            return Err(taken(services, access, error, address).await);
        }
    }
    if let Some(list) = new.list {
        if storage::lists::get(&mut tx, workspace, list).await?.is_none() {
            return Err(ContactError::NoSuchList);
        }
        storage::lists::add_members(&mut tx, workspace, list, &[id], now).await?;
    }
    tx.commit().await.map_err(StorageError::from)?;
    Ok(id)
}

/// Names who has an address that could not be added.
async fn taken(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    error: StorageError,
    address: Address,
) -> ContactError {
    if error.constraint() != Some(storage::contacts::ADDRESS_KEY) {
        return error.into();
    }
    let by = async {
        let mut conn = services.connection().await?;
        let value = address.as_str();
        storage::contacts::find_by_address(&mut conn, access.workspace(), address.kind(), value).await
    };
    match by.await {
        Ok(by) => ContactError::AddressTaken { address, by },
        Err(error) => error.into(),
    }
}

/// Rewrites name and fields of a contact.
pub async fn update(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ContactId,
    name: &ContactName,
    attributes: &Attributes,
) -> Result<(), ContactError> {
    let now = services.clock.now();
    let mut conn = services.connection().await?;
    if storage::contacts::update(&mut conn, access.workspace(), id, name, attributes, now).await? {
        Ok(())
    } else {
        Err(ContactError::NotFound)
    }
}

/// Adds an address to a contact.
pub async fn add_address(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ContactId,
    address: Address,
    proof: Option<&ConsentProof>,
) -> Result<(), ContactError> {
    let workspace = access.workspace();
    let mut tx = services.begin().await?;
    storage::contacts::lock_shared(&mut tx, workspace).await?;
    if storage::contacts::get(&mut tx, workspace, id).await?.is_none() {
        return Err(ContactError::NotFound);
    }
    let now = services.clock.now();
    if let Err(error) = storage::contacts::insert_address(&mut tx, workspace, id, &address, proof, now).await
    {
        drop(tx);
        return Err(taken(services, access, error, address).await);
    }
    tx.commit().await.map_err(StorageError::from)?;
    Ok(())
}

/// Records that the person agreed. Refused where consent was withdrawn.
pub async fn confirm_consent(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ContactId,
    address: &Address,
    proof: &ConsentProof,
) -> Result<(), ContactError> {
    let now = services.clock.now();
    let mut conn = services.connection().await?;
    let workspace = access.workspace();
    if storage::contacts::confirm_consent(&mut conn, workspace, id, address, proof, now).await? {
        return Ok(());
    }
    let there = storage::contacts::get(&mut conn, workspace, id).await?.is_some();
    Err(if there { ContactError::Withdrawn } else { ContactError::NotFound })
}

/// Removes a contact with its addresses and memberships. Opt-outs of its addresses stay.
pub async fn delete(
    services: &Services,
    access: &WorkspaceAccess<Send>,
    id: ContactId,
) -> Result<(), ContactError> {
    if storage::contacts::delete(&mut *services.connection().await?, access.workspace(), id).await? {
        Ok(())
    } else {
        Err(ContactError::NotFound)
    }
}
