//! Browser sessions, by the digest of their cookie.

use domain::Timestamp;
use domain::ids::UserId;
use serde_json::Value;
use uuid::Uuid;

use crate::{Connection, StorageError};

/// SHA-256 of a session's cookie value.
pub type SessionDigest = [u8; 32];

/// One session as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSession {
    /// What the session remembers.
    pub record: Value,
    /// Whose it is, once signed in.
    pub user: Option<UserId>,
    /// When it ends unless it is used before.
    pub expires_at: Timestamp,
}

/// Adds a session. `false` if there is one with this digest already.
pub async fn insert(
    conn: &mut Connection,
    digest: &SessionDigest,
    session: &StoredSession,
) -> Result<bool, StorageError> {
    let added = sqlx::query!(
        "insert into sessions (session_digest, record, user_id, expires_at) values ($1, $2, $3, $4)
         on conflict (session_digest) do nothing",
        &digest[..],
        session.record,
        session.user.map(Uuid::from),
        session.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Overwrites a session. `false` if it is gone: a session that was ended elsewhere must not come back to life because a
/// request under way saves it.
pub async fn update(
    conn: &mut Connection,
    digest: &SessionDigest,
    session: &StoredSession,
) -> Result<bool, StorageError> {
    let changed = sqlx::query!(
        "update sessions set record = $2, user_id = $3, expires_at = $4 where session_digest = $1",
        &digest[..],
        session.record,
        session.user.map(Uuid::from),
        session.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// A session that has not ended.
pub async fn get(
    conn: &mut Connection,
    digest: &SessionDigest,
    now: Timestamp,
) -> Result<Option<StoredSession>, StorageError> {
    let row = sqlx::query!(
        "select record, user_id, expires_at from sessions where session_digest = $1 and expires_at > $2",
        &digest[..],
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| StoredSession {
        record: row.record,
        user: row.user_id.map(UserId::from),
        expires_at: row.expires_at,
    }))
}

/// Ends a session.
pub async fn delete(conn: &mut Connection, digest: &SessionDigest) -> Result<(), StorageError> {
    sqlx::query!("delete from sessions where session_digest = $1", &digest[..]).execute(conn).await?;
    Ok(())
}

/// Ends every session of a person but, if given, this one.
pub async fn delete_of_user(
    conn: &mut Connection,
    user: UserId,
    except: Option<&SessionDigest>,
) -> Result<u64, StorageError> {
    let ended = sqlx::query!(
        "delete from sessions where user_id = $1 and session_digest is distinct from $2",
        user.uuid(),
        except.map(|digest| &digest[..]),
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected())
}

/// Removes up to `rows_max` sessions that ended before `now`.
pub async fn delete_expired(
    conn: &mut Connection,
    now: Timestamp,
    rows_max: i64,
) -> Result<u64, StorageError> {
    let removed = sqlx::query!(
        "delete from sessions where session_digest in (
             select session_digest from sessions where expires_at <= $1 order by expires_at limit $2)",
        now,
        rows_max,
    )
    .execute(conn)
    .await?;
    Ok(removed.rows_affected())
}
