//! The timeline: what happened to an account, for its customer to look up. Nothing in it opens anything.

use time::OffsetDateTime;

use super::{Accounts, Caller, Client, Error, Identity, Tokens, ports::Timeline};
use crate::domain::{Customer, CustomerId, Event};

/// One entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    pub customer: CustomerId,
    pub event: Event,
    /// When it happened, or the last of several.
    pub at: OffsetDateTime,
    /// How often it happened; more than once only for events of one [group](Self::group).
    pub count: u32,
    /// From where, as far as that is known.
    pub client: Option<Client>,
    /// How long it is kept.
    pub expires_at: OffsetDateTime,
}

impl Activity {
    /// What this event is summed with, so that a flood of one kind does not push all others out of the list: the same
    /// event in the same hour, from the same address. Failed attempts are summed whoever makes them. `None` for an event that
    /// stands by itself.
    #[must_use]
    pub fn group(&self) -> Option<String> {
        let hour = self.at.unix_timestamp().div_euclid(3600);
        let event = self.event.as_str();
        match &self.client {
            _ if self.event == Event::AttemptFailed => Some(format!("{hour} {event}")),
            Some(Client { address, .. }) if self.event.can_repeat() => Some(format!("{hour} {event} {address}")),
            _ => None,
        }
    }
}

impl Accounts {
    /// What happened to the customer's account, the `most` latest events, the latest first.
    ///
    /// # Errors
    /// That the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn activities(&self, identity: Identity, most: usize) -> Result<Vec<Activity>, Error> {
        Ok(self.timeline.activities(identity.session.customer, self.clock.now(), most).await?)
    }

    /// Notes what happened. It has happened already, and is not undone because it could not be noted.
    pub(super) async fn record(&self, customer: CustomerId, event: Event, client: Option<&Client>) {
        record(&*self.timeline, &self.activity(customer, event, client)).await;
    }

    /// Notes that somebody proved who they are, and by which browser, at the same time: neither is worth a wait for both.
    pub(super) async fn record_proof(&self, customer: &Customer, event: Event, caller: &Caller, tokens: &Tokens) {
        tokio::join!(self.remember_browser(customer, tokens), self.record(customer.id, event, Some(&caller.client)));
    }

    /// Notes a failed attempt while nobody waits: only an account that exists has a timeline, and the time of an answer
    /// must not tell that (ASVS 5.0, 6.3.8).
    pub(super) fn record_failed_attempt(&self, customer: CustomerId, client: &Client) {
        self.record_later(customer, Event::AttemptFailed, client);
    }

    /// Records an event while nobody waits.
    pub(super) fn record_later(&self, customer: CustomerId, event: Event, client: &Client) {
        let (timeline, activity) = (self.timeline.clone(), self.activity(customer, event, Some(client)));
        self.background.spawn(async move { record(&*timeline, &activity).await });
    }

    pub(super) fn activity(&self, customer: CustomerId, event: Event, client: Option<&Client>) -> Activity {
        let at = self.clock.now();
        Activity { customer, event, at, count: 1, client: client.cloned(), expires_at: at + self.lifetimes.activity }
    }
}

pub(super) async fn record(timeline: &dyn Timeline, activity: &Activity) {
    if let Err(error) = timeline.record(activity).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            event = activity.event.as_str(),
            customer = %activity.customer,
            "what happened to an account is missing in its timeline"
        );
    }
}
