//! Errors of stores.

/// Why a store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or not in time. A retry may succeed.
    #[error("{store} does not answer")]
    Unavailable { store: StoreName, source: Box<dyn std::error::Error + Send + Sync> },
    /// It answers, but refuses the operation: rights are missing, or it accepts no writes. A retry succeeds only after
    /// the cause is fixed.
    #[error("{store} refuses the operation")]
    Refused { store: StoreName, source: Box<dyn std::error::Error + Send + Sync> },
    /// It returned something other than what was written.
    #[error("{store} holds a record that cannot be read: {record}")]
    Corrupt { store: StoreName, record: String, source: Box<dyn std::error::Error + Send + Sync> },
}

impl StoreError {
    /// Returns the store that failed.
    #[must_use]
    pub fn store(&self) -> StoreName {
        match self {
            Self::Unavailable { store, .. } | Self::Refused { store, .. } | Self::Corrupt { store, .. } => *store,
        }
    }
}

/// A store, by the name that operators know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreName {
    MongoDb,
    Redis,
    Embedded,
}

impl StoreName {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MongoDb => "mongodb",
            Self::Redis => "redis",
            Self::Embedded => "embedded",
        }
    }
}

impl std::fmt::Display for StoreName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
