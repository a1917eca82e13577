//! The store of account events.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::{accounts::core::timeline::Activity, domain::CustomerId};

/// The maximum number of timeline entries that a customer sees: of the frequent kinds of events, and again of the rare
/// ones.
pub const MOST_ACTIVITIES: usize = 200;

/// Stores the events of accounts.
#[async_trait]
pub trait Timeline: Send + Sync {
    /// Adds an event. Events of one [group](Activity::group) are summed in one entry.
    async fn record(&self, activity: &Activity) -> Result<(), StoreError>;

    /// Returns the events of the account that are kept at `now`, latest first: the `most` latest of the
    /// [frequent](crate::domain::Event::is_frequent) kinds, and the `most` latest of the rare ones. So a changed
    /// password or address stays in the list, however many logins there are.
    async fn activities(
        &self,
        customer: CustomerId,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<Activity>, StoreError>;
}
