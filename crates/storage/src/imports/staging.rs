//! The rows of a file on their way in: a table that only this transaction sees, filled by `COPY`.
//!
//! Queries on it are not checked at compile time: the table exists only while an import runs.

use domain::ids::ContactId;
use domain::import::{ConsentClaim, ContactDraft};
use sqlx::postgres::PgCopyIn;

use crate::{Connection, StorageError};

/// Makes the table; it goes with the transaction.
pub async fn begin_staging(conn: &mut Connection) -> Result<(), StorageError> {
    sqlx::query(
        "create temporary table staged (
            line integer not null,
            candidate uuid not null,
            phone text,
            region text,
            email text,
            name text not null,
            attributes jsonb not null,
            claim \"char\" not null
        ) on commit drop",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A stream of rows into the table. Dropped unfinished, it fails the transaction.
pub struct CopyIn<'c>(PgCopyIn<&'c mut Connection>);

impl std::fmt::Debug for CopyIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CopyIn")
    }
}

/// Begins the stream.
pub async fn copy_in(conn: &mut Connection) -> Result<CopyIn<'_>, StorageError> {
    let mut copy = conn.copy_in_raw("copy staged from stdin (format binary)").await?;
    copy.send(&b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"[..]).await?;
    Ok(CopyIn(copy))
}

impl CopyIn<'_> {
    /// Sends rows.
    pub async fn send(&mut self, rows: &StagedRows) -> Result<(), StorageError> {
        self.0.send(rows.bytes.as_slice()).await?;
        Ok(())
    }

    /// Ends the stream: how many rows arrived.
    pub async fn finish(mut self) -> Result<u64, StorageError> {
        self.0.send(&(-1_i16).to_be_bytes()[..]).await?;
        Ok(self.0.finish().await?)
    }

    /// Gives up. The transaction cannot go on.
    pub async fn abort(self) -> Result<(), StorageError> {
        Ok(self.0.abort("the import was given up").await?)
    }
}

/// A row for the table.
#[derive(Debug, Clone, Copy)]
pub struct StagedRow<'a> {
    /// The line in the file, from 1.
    pub line: u32,
    /// The id the contact gets if it is new.
    pub candidate: ContactId,
    /// The contact.
    pub contact: &'a ContactDraft,
    /// What the row says about consent, or what the whole import says.
    pub claim: ConsentClaim,
}

/// Rows in the form `COPY` takes. Making them is work for a thread that may block.
#[derive(Debug, Default)]
pub struct StagedRows {
    bytes: Vec<u8>,
}

const COLUMNS: i16 = 8;
/// Before the text of a `jsonb` in binary form.
const JSONB_VERSION: u8 = 1;

impl StagedRows {
    /// How many bytes there are.
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds a row.
    pub fn push(&mut self, row: StagedRow<'_>) -> Result<(), StorageError> {
        let contact = row.contact;
        self.bytes.extend_from_slice(&COLUMNS.to_be_bytes());
        self.field(&i32::try_from(row.line).unwrap_or(i32::MAX).to_be_bytes());
        self.field(row.candidate.uuid().as_bytes());
        self.nullable(contact.phone.as_ref().map(|phone| phone.number.as_str()));
        self.nullable(
            contact.phone.as_ref().and_then(|phone| phone.region.as_ref()).map(|region| region.as_str()),
        );
        self.nullable(contact.email.as_ref().map(|email| email.as_str()));
        self.field(contact.name.as_str().as_bytes());
        self.attributes(contact)?;
        self.field(match row.claim {
            ConsentClaim::Agreed => b"a",
            ConsentClaim::NotAgreed => b"n",
            ConsentClaim::OptedOut => b"o",
        });
        Ok(())
    }

    fn field(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(&length(bytes.len()));
        self.bytes.extend_from_slice(bytes);
    }

    fn nullable(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.field(text.as_bytes()),
            None => self.bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }

    fn attributes(&mut self, contact: &ContactDraft) -> Result<(), StorageError> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0, 0, 0, 0, JSONB_VERSION, b'{']);
        for (index, (key, value)) in contact.attributes.iter().enumerate() {
            if index > 0 {
                self.bytes.push(b',');
            }
            let unreadable = |_| StorageError::Unreadable { table: "staged", column: "attributes" };
            serde_json::to_writer(&mut self.bytes, key).map_err(unreadable)?;
            self.bytes.push(b':');
            serde_json::to_writer(&mut self.bytes, value).map_err(unreadable)?;
        }
        self.bytes.push(b'}');
        let written = length(self.bytes.len() - start - 4);
        self.bytes[start..start + 4].copy_from_slice(&written);
        Ok(())
    }
}

/// Fields are bounded far below the limit of the protocol.
fn length(bytes: usize) -> [u8; 4] {
    i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes()
}
