//! What can go wrong between us and Postgres.

/// A question to the database that was not answered.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A named constraint of the schema refused the change.
    #[error("the change breaks the rule {constraint}")]
    Constraint {
        /// Name of the constraint or unique index.
        constraint: String,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// A row holds a value that this version cannot read.
    #[error("a row of {table} holds a {column} that cannot be read")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// Postgres cannot be reached, or refused for another reason.
    #[error("the database did not answer")]
    Database(#[source] sqlx::Error),
}

impl StorageError {
    /// Whether Postgres did not answer at all, so that the same question may be answered in a moment.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Database(
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
            )
        )
    }

    /// Whether what was written is at fault, so that the same change would be refused again.
    pub fn is_about_data(&self) -> bool {
        match self {
            Self::Constraint { .. } | Self::Unreadable { .. } => true,
            // Class 22: a value does not fit its type. Class 23: an integrity rule without a name.
            Self::Database(error) => error
                .as_database_error()
                .and_then(|error| error.code())
                .is_some_and(|code| code.starts_with("22") || code.starts_with("23")),
        }
    }

    /// Name of the constraint that refused the change, if one did.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Constraint { constraint, .. } => Some(constraint),
            Self::Unreadable { .. } | Self::Database(_) => None,
        }
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(source: sqlx::Error) -> Self {
        let constraint = source.as_database_error().and_then(|error| error.constraint()).map(str::to_owned);
        match constraint {
            Some(constraint) => Self::Constraint { constraint, source },
            None => Self::Database(source),
        }
    }
}
