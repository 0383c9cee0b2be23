//! People who sign in, and invitations to do so.
//!
//! A person is not of one workspace, so nothing here takes one; what a person may do in a workspace is a membership,
//! in [`crate::workspaces`].

use domain::Timestamp;
use domain::account::PersonName;
use domain::address::EmailAddress;
use domain::ids::UserId;

use crate::{Connection, StorageError};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The person.
    pub id: UserId,
    /// What the person signs in with.
    pub email: EmailAddress,
    /// What the person is called.
    pub name: PersonName,
}

/// What is needed to check a password. Holds no `Debug` on purpose.
pub struct Credentials {
    /// Whose.
    pub user: UserId,
    /// argon2id in PHC form; `None` until an invitation was followed.
    pub password_hash: Option<String>,
}

struct Row {
    user_id: uuid::Uuid,
    email: String,
    name: String,
}

impl TryFrom<Row> for User {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let unreadable = |column| StorageError::Unreadable { table: "users", column };
        Ok(Self {
            id: row.user_id.into(),
            email: row.email.parse().map_err(|_| unreadable("email"))?,
            name: row.name.parse().map_err(|_| unreadable("name"))?,
        })
    }
}

/// Whether anybody has an account.
pub async fn any_exist(conn: &mut Connection) -> Result<bool, StorageError> {
    let exist =
        sqlx::query_scalar!("select exists (select from users) as \"exist!\"").fetch_one(conn).await?;
    Ok(exist)
}

/// Until the transaction ends, nobody else creates a first account.
pub async fn lock_first_run(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('fanfare.first_run')) as \"locked: ()\"")
        .fetch_one(conn)
        .await?;
    Ok(())
}

/// Adds a person. The constraint `users_email_key` refuses an email that is taken.
pub async fn insert(
    conn: &mut Connection,
    user: &User,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into users (user_id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)",
        user.id.uuid(),
        user.email.as_str(),
        user.name.as_str(),
        password_hash,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A person by id.
pub async fn get(conn: &mut Connection, user: UserId) -> Result<Option<User>, StorageError> {
    let row = sqlx::query_as!(Row, "select user_id, email, name from users where user_id = $1", user.uuid())
        .fetch_optional(conn)
        .await?;
    row.map(User::try_from).transpose()
}

/// A person by email.
pub async fn find_by_email(
    conn: &mut Connection,
    email: &EmailAddress,
) -> Result<Option<User>, StorageError> {
    let row = sqlx::query_as!(
        Row,
        "select user_id, email, name from users where lower(email) = lower($1)",
        email.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    row.map(User::try_from).transpose()
}

/// What a sign-in with this email is checked against.
pub async fn credentials_by_email(
    conn: &mut Connection,
    email: &EmailAddress,
) -> Result<Option<Credentials>, StorageError> {
    let row = sqlx::query!(
        "select user_id, password_hash from users where lower(email) = lower($1)",
        email.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Credentials { user: row.user_id.into(), password_hash: row.password_hash }))
}

/// What a person's present password is checked against.
pub async fn credentials(conn: &mut Connection, user: UserId) -> Result<Option<Credentials>, StorageError> {
    let row = sqlx::query!("select user_id, password_hash from users where user_id = $1", user.uuid())
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| Credentials { user: row.user_id.into(), password_hash: row.password_hash }))
}

/// Sets a password.
pub async fn set_password(conn: &mut Connection, user: UserId, hash: &str) -> Result<(), StorageError> {
    sqlx::query!("update users set password_hash = $2 where user_id = $1", user.uuid(), hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Replaces a hash by one of the same password with other parameters, unless the password was changed meanwhile.
pub async fn upgrade_hash(
    conn: &mut Connection,
    user: UserId,
    old: &str,
    new: &str,
) -> Result<(), StorageError> {
    sqlx::query!(
        "update users set password_hash = $3 where user_id = $1 and password_hash = $2",
        user.uuid(),
        old,
        new,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// SHA-256 of the token in an invitation's link.
pub type TokenDigest = [u8; 32];

/// Invites a person; an earlier invitation of the same person is void.
pub async fn put_invitation(
    conn: &mut Connection,
    user: UserId,
    digest: &TokenDigest,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into invitations (user_id, token_digest, created_at, expires_at) values ($1, $2, $3, $4)
         on conflict (user_id) do update
            set token_digest = excluded.token_digest, created_at = excluded.created_at,
                expires_at = excluded.expires_at",
        user.uuid(),
        &digest[..],
        now,
        expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The person an invitation is for, while it is good.
pub async fn find_invited(
    conn: &mut Connection,
    digest: &TokenDigest,
    now: Timestamp,
) -> Result<Option<User>, StorageError> {
    let row = sqlx::query_as!(
        Row,
        "select u.user_id, u.email, u.name
           from invitations i join users u using (user_id)
          where i.token_digest = $1 and i.expires_at > $2",
        &digest[..],
        now,
    )
    .fetch_optional(conn)
    .await?;
    row.map(User::try_from).transpose()
}

/// Uses an invitation up. `None` if it is void, expired or was used already: only one of two at once gets the person.
pub async fn take_invitation(
    conn: &mut Connection,
    digest: &TokenDigest,
    now: Timestamp,
) -> Result<Option<UserId>, StorageError> {
    let user = sqlx::query_scalar!(
        "delete from invitations where token_digest = $1 and expires_at > $2 returning user_id",
        &digest[..],
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(user.map(UserId::from))
}

/// Removes up to `rows_max` invitations that nobody followed in time.
pub async fn delete_expired_invitations(
    conn: &mut Connection,
    now: Timestamp,
    rows_max: i64,
) -> Result<u64, StorageError> {
    let removed = sqlx::query!(
        "delete from invitations where user_id in (
             select user_id from invitations where expires_at <= $1 order by expires_at limit $2)",
        now,
        rows_max,
    )
    .execute(conn)
    .await?;
    Ok(removed.rows_affected())
}
