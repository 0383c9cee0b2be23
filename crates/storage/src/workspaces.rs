//! Workspaces, and who may do what in them.

use domain::Timestamp;
use domain::account::{PersonName, WorkspaceName};
use domain::address::EmailAddress;
use domain::address::country::CountryCode;
use domain::ids::{UserId, WorkspaceId};
use domain::workspace::Role;

use crate::{Connection, StorageError};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The workspace.
    pub id: WorkspaceId,
    /// What it is called.
    pub name: WorkspaceName,
    /// IANA name of the zone its times are shown in.
    pub time_zone: String,
    /// Country assumed for imported numbers without `+`.
    pub default_country: Option<CountryCode>,
}

/// A workspace a person belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What it is called.
    pub name: WorkspaceName,
    /// What the person may do there.
    pub role: Role,
}

/// A person who belongs to a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// What the person is called.
    pub name: PersonName,
    /// What the person signs in with.
    pub email: EmailAddress,
    /// What the person may do.
    pub role: Role,
    /// Whether the person has chosen a password; until then an invitation is open or has run out.
    pub joined: bool,
    /// When the open invitation runs out.
    pub invitation_expires_at: Option<Timestamp>,
}

/// How far a workspace has come: which of the first steps are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// A sender is connected.
    pub has_sender: bool,
    /// There is a contact.
    pub has_contacts: bool,
    /// There is a template that may be sent.
    pub has_template: bool,
    /// A campaign was launched.
    pub has_campaign: bool,
}

fn unreadable(table: &'static str, column: &'static str) -> StorageError {
    StorageError::Unreadable { table, column }
}

struct WorkspaceRow {
    workspace_id: uuid::Uuid,
    name: String,
    time_zone: String,
    default_country: Option<String>,
}

impl TryFrom<WorkspaceRow> for Workspace {
    type Error = StorageError;

    fn try_from(row: WorkspaceRow) -> Result<Self, StorageError> {
        let country = row.default_country.map(|code| code.parse()).transpose();
        Ok(Self {
            id: row.workspace_id.into(),
            name: row.name.parse().map_err(|_| unreadable("workspaces", "name"))?,
            time_zone: row.time_zone,
            default_country: country.map_err(|_| unreadable("workspaces", "default_country"))?,
        })
    }
}

/// Adds a workspace.
pub async fn insert(
    conn: &mut Connection,
    workspace: &Workspace,
    now: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into workspaces (workspace_id, name, time_zone, default_country, created_at)
         values ($1, $2, $3, $4, $5)",
        workspace.id.uuid(),
        workspace.name.as_str(),
        workspace.time_zone,
        workspace.default_country.as_ref().map(CountryCode::as_str),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A workspace by id.
pub async fn get(conn: &mut Connection, workspace: WorkspaceId) -> Result<Option<Workspace>, StorageError> {
    let row = sqlx::query_as!(
        WorkspaceRow,
        "select workspace_id, name, time_zone, default_country from workspaces where workspace_id = $1",
        workspace.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    row.map(Workspace::try_from).transpose()
}

/// Changes name, time zone and country. `false` if there is no such workspace.
pub async fn update(conn: &mut Connection, workspace: &Workspace) -> Result<bool, StorageError> {
    let changed = sqlx::query!(
        "update workspaces set name = $2, time_zone = $3, default_country = $4 where workspace_id = $1",
        workspace.id.uuid(),
        workspace.name.as_str(),
        workspace.time_zone,
        workspace.default_country.as_ref().map(CountryCode::as_str),
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// What a person may do in a workspace; `None` if the person does not belong to it, or it does not exist.
pub async fn role_of(
    conn: &mut Connection,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<Role>, StorageError> {
    let role = sqlx::query_scalar!(
        "select role from memberships where workspace_id = $1 and user_id = $2",
        workspace.uuid(),
        user.uuid(),
    )
    .fetch_optional(conn)
    .await?;
    role.map(|role| role.parse().map_err(|_| unreadable("memberships", "role"))).transpose()
}

/// The workspaces a person belongs to, by name.
pub async fn of_user(conn: &mut Connection, user: UserId) -> Result<Vec<Membership>, StorageError> {
    let rows = sqlx::query!(
        "select w.workspace_id, w.name, m.role
           from memberships m join workspaces w using (workspace_id)
          where m.user_id = $1
          order by lower(w.name), w.workspace_id",
        user.uuid(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Membership {
                workspace: row.workspace_id.into(),
                name: row.name.parse().map_err(|_| unreadable("workspaces", "name"))?,
                role: row.role.parse().map_err(|_| unreadable("memberships", "role"))?,
            })
        })
        .collect()
}

/// The people of a workspace, by name.
pub async fn members(conn: &mut Connection, workspace: WorkspaceId) -> Result<Vec<Member>, StorageError> {
    let rows = sqlx::query!(
        r#"select u.user_id, u.name, u.email, m.role, u.password_hash is not null as "joined!",
                  i.expires_at as "invitation_expires_at?"
             from memberships m
             join users u using (user_id)
             left join invitations i on i.user_id = u.user_id
            where m.workspace_id = $1
            order by lower(u.name), u.user_id"#,
        workspace.uuid(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Member {
                user: row.user_id.into(),
                name: row.name.parse().map_err(|_| unreadable("users", "name"))?,
                email: row.email.parse().map_err(|_| unreadable("users", "email"))?,
                role: row.role.parse().map_err(|_| unreadable("memberships", "role"))?,
                joined: row.joined,
                invitation_expires_at: row.invitation_expires_at,
            })
        })
        .collect()
}

/// Adds a person to a workspace. `false` if the person belongs to it already.
pub async fn insert_member(
    conn: &mut Connection,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let added = sqlx::query!(
        "insert into memberships (workspace_id, user_id, role, created_at) values ($1, $2, $3, $4)
         on conflict (workspace_id, user_id) do nothing",
        workspace.uuid(),
        user.uuid(),
        role.as_str(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Until the transaction ends, nobody else changes who belongs to this workspace. The number of its owners.
pub async fn lock_members(conn: &mut Connection, workspace: WorkspaceId) -> Result<i64, StorageError> {
    sqlx::query!("select workspace_id from workspaces where workspace_id = $1 for update", workspace.uuid())
        .fetch_optional(&mut *conn)
        .await?;
    let owners = sqlx::query_scalar!(
        "select count(*) as \"owners!\" from memberships where workspace_id = $1 and role = 'owner'",
        workspace.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(owners)
}

/// Changes what a person may do. `false` if the person does not belong to the workspace.
pub async fn set_role(
    conn: &mut Connection,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
) -> Result<bool, StorageError> {
    let changed = sqlx::query!(
        "update memberships set role = $3 where workspace_id = $1 and user_id = $2",
        workspace.uuid(),
        user.uuid(),
        role.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Ends a person's membership. `false` if there was none.
pub async fn delete_member(
    conn: &mut Connection,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<bool, StorageError> {
    let removed = sqlx::query!(
        "delete from memberships where workspace_id = $1 and user_id = $2",
        workspace.uuid(),
        user.uuid(),
    )
    .execute(conn)
    .await?;
    Ok(removed.rows_affected() == 1)
}

/// Which of the first steps are done. Four index probes, whatever the size of the workspace.
pub async fn progress(conn: &mut Connection, workspace: WorkspaceId) -> Result<Progress, StorageError> {
    let progress = sqlx::query_as!(
        Progress,
        r#"select
               exists (select from channel_accounts where workspace_id = $1 and state = 'connected') as "has_sender!",
               exists (select from contacts where workspace_id = $1) as "has_contacts!",
               exists (select from templates where workspace_id = $1 and state = 'APPROVED') as "has_template!",
               exists (select from dispatches where workspace_id = $1) as "has_campaign!""#,
        workspace.uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(progress)
}
