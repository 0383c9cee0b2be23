//! Lists: hand-kept sets of contacts.

use domain::Timestamp;
use domain::contact::ListName;
use domain::ids::{ContactId, ListId, WorkspaceId};

use crate::{Connection, StorageError};

/// A list and how many contacts are on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The list.
    pub id: ListId,
    /// What it is called.
    pub name: ListName,
    /// Contacts on it.
    pub members: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The unique index that refuses a second list of the same name, in any case of letters.
pub const NAME_KEY: &str = "lists_name_key";

const fn unreadable(column: &'static str) -> StorageError {
    StorageError::Unreadable { table: "lists", column }
}

struct Row {
    list_id: uuid::Uuid,
    name: String,
    members: i64,
    created_at: Timestamp,
}

impl TryFrom<Row> for List {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.list_id.into(),
            name: row.name.parse().map_err(|_| unreadable("name"))?,
            members: row.members,
            created_at: row.created_at,
        })
    }
}

/// Adds an empty list. Breaks [`NAME_KEY`] if there is one of this name.
pub async fn insert(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ListId,
    name: &ListName,
    now: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into lists (workspace_id, list_id, name, created_at) values ($1, $2, $3, $4)",
        workspace.uuid(),
        id.uuid(),
        name.as_str(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Renames a list; `false` if there is none. Breaks [`NAME_KEY`] if another has this name.
pub async fn rename(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ListId,
    name: &ListName,
) -> Result<bool, StorageError> {
    let renamed = sqlx::query!(
        "update lists set name = $3 where workspace_id = $1 and list_id = $2",
        workspace.uuid(),
        id.uuid(),
        name.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(renamed.rows_affected() == 1)
}

/// Removes a list, not the contacts on it; `false` if there is none.
pub async fn delete(conn: &mut Connection, workspace: WorkspaceId, id: ListId) -> Result<bool, StorageError> {
    let deleted = sqlx::query!(
        "delete from lists where workspace_id = $1 and list_id = $2",
        workspace.uuid(),
        id.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Reads a list.
pub async fn get(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ListId,
) -> Result<Option<List>, StorageError> {
    sqlx::query_as!(
        Row,
        r#"select l.list_id, l.name, l.created_at,
                  (select count(*) from list_members m
                    where m.workspace_id = $1 and m.list_id = l.list_id) as "members!"
             from lists l
            where l.workspace_id = $1 and l.list_id = $2"#,
        workspace.uuid(),
        id.uuid(),
    )
    .fetch_optional(conn)
    .await?
    .map(List::try_from)
    .transpose()
}

/// The list of this name, whatever the case of its letters.
pub async fn find_by_name(
    conn: &mut Connection,
    workspace: WorkspaceId,
    name: &ListName,
) -> Result<Option<ListId>, StorageError> {
    let id = sqlx::query_scalar!(
        "select list_id from lists where workspace_id = $1 and lower(name) = lower($2)",
        workspace.uuid(),
        name.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(Into::into))
}

/// Every list of a workspace, by name.
pub async fn all(conn: &mut Connection, workspace: WorkspaceId) -> Result<Vec<List>, StorageError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select l.list_id, l.name, l.created_at, coalesce(m.members, 0) as "members!"
             from lists l
             left join (select list_id, count(*) as members
                          from list_members where workspace_id = $1 group by list_id) m using (list_id)
            where l.workspace_id = $1
            order by lower(l.name), l.list_id"#,
        workspace.uuid(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(List::try_from).collect()
}

/// Puts contacts on a list; those already there stay. How many were added.
///
/// A list or a contact of another workspace breaks a foreign key.
pub async fn add_members(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ListId,
    contacts: &[ContactId],
    now: Timestamp,
) -> Result<u64, StorageError> {
    let contacts = contacts.iter().map(|contact| contact.uuid()).collect::<Vec<_>>();
    let added = sqlx::query!(
        "insert into list_members (workspace_id, list_id, contact_id, added_at)
         select $1, $2, contact_id, $4 from unnest($3::uuid[]) as contact_id order by contact_id
         on conflict do nothing",
        workspace.uuid(),
        id.uuid(),
        &contacts,
        now,
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected())
}

/// Takes contacts off a list. How many were on it.
pub async fn remove_members(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ListId,
    contacts: &[ContactId],
) -> Result<u64, StorageError> {
    let contacts = contacts.iter().map(|contact| contact.uuid()).collect::<Vec<_>>();
    let removed = sqlx::query!(
        "delete from list_members where workspace_id = $1 and list_id = $2 and contact_id = any ($3)",
        workspace.uuid(),
        id.uuid(),
        &contacts,
    )
    .execute(conn)
    .await?;
    Ok(removed.rows_affected())
}

/// Whether every one of these lists exists.
pub async fn all_exist(
    conn: &mut Connection,
    workspace: WorkspaceId,
    lists: &[ListId],
) -> Result<bool, StorageError> {
    let ids: Vec<uuid::Uuid> = lists.iter().map(|list| list.uuid()).collect();
    let missing = sqlx::query_scalar!(
        r#"select exists (
               select from unnest($2::uuid[]) as wanted (list_id)
                where not exists (
                    select from lists l where l.workspace_id = $1 and l.list_id = wanted.list_id)) as "missing!""#,
        workspace.uuid(),
        &ids,
    )
    .fetch_one(conn)
    .await?;
    Ok(!missing)
}
