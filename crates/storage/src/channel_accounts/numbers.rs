//! WhatsApp numbers, each of which belongs to one sender of one workspace.

use domain::Timestamp;
use domain::ids::{ChannelAccountId, WorkspaceId};

use crate::{Connection, StorageError};

/// What Graph says about a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatsAppNumber {
    /// Graph's id of it.
    pub phone_number_id: String,
    /// The WhatsApp Business account it belongs to.
    pub waba_id: String,
    /// As people write it.
    pub display_phone_number: String,
    /// The business name people see.
    pub verified_name: String,
    /// `GREEN`, `YELLOW`, `RED`, … An open set.
    pub quality_rating: String,
    /// `STANDARD`, `HIGH`, … An open set; empty if Graph did not say.
    pub throughput_level: String,
    /// Whether it is also used in the WhatsApp Business app.
    pub on_business_app: bool,
    /// `TIER_…`; `None` if Graph did not say.
    pub messaging_limit: Option<String>,
    /// When Graph said all this.
    pub checked_at: Timestamp,
}

/// Adds or replaces what is known about the number of a sender. The unique index `whatsapp_numbers_phone_number_id_key`
/// refuses a number that belongs to another sender.
pub async fn put_number(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    number: &WhatsAppNumber,
) -> Result<(), StorageError> {
    sqlx::query!(
        "insert into whatsapp_numbers (workspace_id, channel_account_id, phone_number_id, waba_id,
                                       display_phone_number, verified_name, quality_rating, throughput_level,
                                       on_business_app, messaging_limit, checked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (workspace_id, channel_account_id) do update
            set phone_number_id = excluded.phone_number_id, waba_id = excluded.waba_id,
                display_phone_number = excluded.display_phone_number, verified_name = excluded.verified_name,
                quality_rating = excluded.quality_rating, throughput_level = excluded.throughput_level,
                on_business_app = excluded.on_business_app, messaging_limit = excluded.messaging_limit,
                checked_at = excluded.checked_at",
        workspace.uuid(),
        id.uuid(),
        number.phone_number_id,
        number.waba_id,
        number.display_phone_number,
        number.verified_name,
        number.quality_rating,
        number.throughput_level,
        number.on_business_app,
        number.messaging_limit,
        number.checked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The sender a number belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedNumber {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The sender.
    pub channel_account: ChannelAccountId,
    /// What the sender is called.
    pub name: String,
    /// Whether the sender is disconnected, so that the number may move.
    pub disconnected: bool,
}

/// Finds the sender of a number in the whole installation: a webhook names nothing but the number. The one question here
/// that does not ask for a workspace.
pub async fn find_by_phone_number_id(
    conn: &mut Connection,
    phone_number_id: &str,
) -> Result<Option<ConnectedNumber>, StorageError> {
    let row = sqlx::query!(
        r#"select n.workspace_id, n.channel_account_id, a.name, a.state = 'disconnected' as "disconnected!"
             from whatsapp_numbers n join channel_accounts a using (workspace_id, channel_account_id)
            where n.phone_number_id = $1"#,
        phone_number_id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| ConnectedNumber {
        workspace: row.workspace_id.into(),
        channel_account: row.channel_account_id.into(),
        name: row.name,
        disconnected: row.disconnected,
    }))
}

/// Takes a number from a sender that is disconnected, so that another workspace can connect it. `false` if the sender is
/// not disconnected or has not this number.
pub async fn release_number(
    conn: &mut Connection,
    workspace: WorkspaceId,
    id: ChannelAccountId,
    phone_number_id: &str,
) -> Result<bool, StorageError> {
    let released = sqlx::query!(
        "delete from whatsapp_numbers n
          using channel_accounts a
          where n.workspace_id = $1 and n.channel_account_id = $2 and n.phone_number_id = $3
            and a.workspace_id = $1 and a.channel_account_id = $2 and a.state = 'disconnected'",
        workspace.uuid(),
        id.uuid(),
        phone_number_id,
    )
    .execute(conn)
    .await?;
    Ok(released.rows_affected() == 1)
}
