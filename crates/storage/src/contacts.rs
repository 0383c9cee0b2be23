//! People, and the addresses they are reached at.

use domain::Timestamp;
use domain::address::country::CountryCode;
use domain::address::{Address, AddressKind};
use domain::contact::{Attributes, Consent, ConsentProof, ContactName, ListName, SuppressionReason};
use domain::ids::{ContactId, ListId, WorkspaceId};

use crate::{Connection, StorageError};

mod search;

pub use search::{Direction, Found, Search, Terms, count_up_to, page};

/// A person with everything that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The contact.
    pub id: ContactId,
    /// The name; may be empty.
    pub name: ContactName,
    /// Fields of the workspace's own.
    pub attributes: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When name or attributes changed last.
    pub updated_at: Timestamp,
    /// Where the person is reached, the oldest first.
    pub addresses: Vec<ContactAddress>,
    /// The lists it is on, by name.
    pub lists: Vec<(ListId, ListName)>,
}

/// An address of a contact, with consent and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactAddress {
    /// The address.
    pub address: Address,
    /// The country of a phone number's plan.
    pub region: Option<CountryCode>,
    /// Whether the person agreed.
    pub consent: Consent,
    /// Where that comes from.
    pub consent_source: Option<String>,
    /// The words the person saw.
    pub consent_wording: Option<String>,
    /// Since when consent is what it is.
    pub consent_changed_at: Option<Timestamp>,
    /// Why it is never sent to, if so, where that came from, and since when.
    pub suppression: Option<(SuppressionReason, String, Timestamp)>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The primary key that refuses an address that another contact has.
pub const ADDRESS_KEY: &str = "addresses_pkey";

const fn unreadable(table: &'static str, column: &'static str) -> StorageError {
    StorageError::Unreadable { table, column }
}

/// Makes an address of the two columns that hold it.
fn address_of(kind: &str, value: String) -> Result<Address, StorageError> {
    let unreadable_value = || unreadable("addresses", "value");
    match kind.parse().map_err(|_| unreadable("addresses", "kind"))? {
        AddressKind::Phone => value.parse().map(Address::Phone).map_err(|_| unreadable_value()),
        AddressKind::Email => value.parse().map(Address::Email).map_err(|_| unreadable_value()),
        AddressKind::WhatsappUser => Ok(Address::WhatsappUser(value)),
    }
}

/// Reads a contact.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ContactId,
) -> Result<Option<Contact>, StorageError> {
    let Some(row) = sqlx::query!(
        "select name, attributes, created_at, updated_at from contacts
          where workspace_id = $1 and contact_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(&mut *conn)
    .await?
    else {
        return Ok(None);
    };
    let attributes =
        serde_json::from_value(row.attributes).map_err(|_| unreadable("contacts", "attributes"))?;
    Ok(Some(Contact {
        id,
        name: row.name.parse().map_err(|_| unreadable("contacts", "name"))?,
        attributes,
        created_at: row.created_at,
        updated_at: row.updated_at,
        addresses: addresses(conn, workspace, id).await?,
        lists: lists(conn, workspace, id).await?,
    }))
}

async fn addresses(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ContactId,
) -> Result<Vec<ContactAddress>, StorageError> {
    let rows = sqlx::query!(
        r#"select a.kind, a.value, a.region, a.consent, a.consent_source, a.consent_wording, a.consent_changed_at,
                  a.created_at, s.reason as "reason?", s.source as "source?", s.created_at as "suppressed_at?"
             from addresses a
             left join suppressions s
               on s.workspace_id = a.workspace_id and s.kind = a.kind and s.value = a.value
            where a.workspace_id = $1 and a.contact_id = $2
            order by a.created_at, a.kind desc, a.value"#,
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let reason = row.reason.map(|reason| reason.parse()).transpose();
            let reason = reason.map_err(|_| unreadable("suppressions", "reason"))?;
            Ok(ContactAddress {
                address: address_of(&row.kind, row.value)?,
                region: row.region.and_then(|region| region.parse().ok()),
                consent: row.consent.parse().map_err(|_| unreadable("addresses", "consent"))?,
                consent_source: row.consent_source,
                consent_wording: row.consent_wording,
                consent_changed_at: row.consent_changed_at,
                suppression: match (reason, row.source, row.suppressed_at) {
                    (Some(reason), Some(source), Some(at)) => Some((reason, source, at)),
                    _ => None,
                },
                created_at: row.created_at,
            })
        })
        .collect()
}

async fn lists(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ContactId,
) -> Result<Vec<(ListId, ListName)>, StorageError> {
    let rows = sqlx::query!(
        "select l.list_id, l.name
           from list_members m join lists l using (workspace_id, list_id)
          where m.workspace_id = $1 and m.contact_id = $2
          order by lower(l.name)",
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.list_id.into(), row.name.parse().map_err(|_| unreadable("lists", "name"))?)))
        .collect()
}

/// Until the transaction ends, nobody else settles who is who in this workspace: an import holds this.
pub async fn lock(conn: &mut Connection, workspace: WorkspaceId) -> Result<(), StorageError> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('contacts:' || $1::uuid::text, 0))::text as "held""#,
        workspace.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Until the transaction ends, no import settles who is who in this workspace; other changes of single contacts may.
pub async fn lock_shared(conn: &mut Connection, workspace: WorkspaceId) -> Result<(), StorageError> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock_shared(hashtextextended('contacts:' || $1::uuid::text, 0))::text as "held""#,
        workspace.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Adds a contact without addresses.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ContactId,
    name: &ContactName,
    attributes: &Attributes,
    now: Timestamp,
) -> Result<(), StorageError> {
    let attributes = serde_json::to_value(attributes).map_err(|_| unreadable("contacts", "attributes"))?;
    sqlx::query!(
        "insert into contacts (workspace_id, contact_id, name, attributes, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $5)",
        workspace.uuid(),
        id.uuid(),
        name.as_str(),
        attributes,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Rewrites name and attributes; `false` if there is no such contact.
pub async fn update(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ContactId,
    name: &ContactName,
    attributes: &Attributes,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let attributes = serde_json::to_value(attributes).map_err(|_| unreadable("contacts", "attributes"))?;
    let updated = sqlx::query!(
        "update contacts set name = $3, attributes = $4, updated_at = $5
          where workspace_id = $1 and contact_id = $2",
        workspace.uuid(),
        id.uuid(),
        name.as_str(),
        attributes,
        now,
    )
    .execute(conn)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Removes a contact with its addresses and memberships; suppressions of its addresses stay. `false` if there is none.
pub async fn delete(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ContactId,
) -> Result<bool, StorageError> {
    let deleted = sqlx::query!(
        "delete from contacts where workspace_id = $1 and contact_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Adds an address to a contact. Breaks [`ADDRESS_KEY`] if it is somebody's already.
///
/// With a proof its consent is confirmed, unless the address is suppressed because the person opted out or complained:
/// then it is withdrawn, whatever the proof.
pub async fn insert_address(
    conn: &mut Connection,
    workspace: WorkspaceId,
    contact: ContactId,
    address: &Address,
    proof: Option<&ConsentProof>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let region = match address {
        Address::Phone(phone) => phone.region(),
        Address::Email(_) | Address::WhatsappUser(_) => None,
    };
    sqlx::query!(
        "insert into addresses (workspace_id, kind, value, contact_id, region, consent, consent_source, consent_wording,
                                consent_changed_at, created_at)
         select $1, $2, $3, $4, $5,
                case when s.value is not null then 'withdrawn' when $6::text is not null then 'confirmed' else 'none' end,
                case when s.value is not null then s.source else $6 end,
                case when s.value is null then $7 end,
                case when s.value is not null then s.created_at when $6 is not null then $8::timestamptz end,
                $8
           from (values (1)) one (row)
           left join suppressions s
             on s.workspace_id = $1 and s.kind = $2 and s.value = $3 and s.reason in ('unsubscribed', 'complaint')",
        workspace.uuid(),
        address.kind().as_str(),
        address.as_str(),
        contact.uuid(),
        region.as_ref().map(CountryCode::as_str),
        proof.map(ConsentProof::source),
        proof.and_then(ConsentProof::wording),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes an address off a contact; `false` if it has no such address.
pub async fn delete_address(
    conn: &mut Connection,
    workspace: WorkspaceId,
    contact: ContactId,
    address: &Address,
) -> Result<bool, StorageError> {
    let deleted = sqlx::query!(
        "delete from addresses where workspace_id = $1 and kind = $2 and value = $3 and contact_id = $4",
        workspace.uuid(),
        address.kind().as_str(),
        address.as_str(),
        contact.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Records that the person agreed. `false` if there is no such address, or consent was withdrawn: that stays.
pub async fn confirm_consent(
    conn: &mut Connection,
    workspace: WorkspaceId,
    contact: ContactId,
    address: &Address,
    proof: &ConsentProof,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let confirmed = sqlx::query!(
        "update addresses
            set consent = 'confirmed', consent_source = $5, consent_wording = $6, consent_changed_at = $7
          where workspace_id = $1 and kind = $2 and value = $3 and contact_id = $4 and consent <> 'withdrawn'",
        workspace.uuid(),
        address.kind().as_str(),
        address.as_str(),
        contact.uuid(),
        proof.source(),
        proof.wording(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(confirmed.rows_affected() == 1)
}

/// The contact that has an address.
pub async fn find_by_address(
    conn: &mut Connection,
    workspace: WorkspaceId,
    kind: AddressKind,
    value: &str,
) -> Result<Option<ContactId>, StorageError> {
    let id = sqlx::query_scalar!(
        "select contact_id from addresses where workspace_id = $1 and kind = $2 and value = $3",
        workspace.uuid(),
        kind.as_str(),
        value,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(Into::into))
}

/// The names of the attributes that the newest contacts have, in alphabetical order: what a template may use.
pub async fn attribute_keys(
    conn: &mut Connection,
    workspace: WorkspaceId,
) -> Result<Vec<String>, StorageError> {
    let keys = sqlx::query_scalar!(
        r#"select distinct key as "key!"
             from (select attributes from contacts where workspace_id = $1 order by contact_id desc limit 1000) newest
            cross join lateral jsonb_object_keys(newest.attributes) as key
            order by 1"#,
        workspace.uuid(),
    )
    .fetch_all(conn)
    .await?;
    Ok(keys)
}
