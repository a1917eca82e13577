//! The timeline: the events of an account, for its customer to see. It contains no secrets.

use time::OffsetDateTime;

use crate::{
    accounts::{
        core::{
            accounts::{Accounts, Core},
            browser::Caller,
            budgets::counted_network,
            error::Error,
        },
        ports::Timeline,
        sessions::session::{Client, Identity, Tokens},
    },
    domain::{Customer, CustomerId, Event},
};

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    pub customer: CustomerId,
    pub event: Event,
    /// When it happened, or the last time if it happened more than once.
    pub at: OffsetDateTime,
    /// How often it happened; more than once only for events of one [group](Self::group).
    pub count: u32,
    /// The client that caused it, if it is known.
    pub client: Option<Client>,
    /// When the entry expires.
    pub expires_at: OffsetDateTime,
}

impl Activity {
    /// Returns the key of the entry in which this event is summed, or `None` if it is an entry by itself: an event
    /// without a client, which only the shop causes.
    ///
    /// Events of one kind, network (an IPv4 address, an IPv6 /64) and hour are one entry, whatever the kind: a customer
    /// or a stranger can repeat each of them. The entry shows the client and the time of the latest. Failed attempts
    /// are summed for all networks, since anyone can make them.
    ///
    /// This limits how many entries one caller can create. Many callers can still create many, so stores list frequent
    /// kinds separately from rare ones (see [`Timeline::activities`]).
    #[must_use]
    pub fn group(&self) -> Option<String> {
        let hour = self.at.unix_timestamp().div_euclid(3600);
        let event = self.event.as_str();
        match &self.client {
            _ if self.event == Event::AttemptFailed => Some(format!("{hour} {event}")),
            Some(Client { address, .. }) => Some(format!("{hour} {event} {}", counted_network(*address))),
            None => None,
        }
    }
}

impl Accounts {
    /// Returns the events of the customer's account, latest first: the `most` latest of the frequent kinds, and the
    /// `most` latest of the rare ones.
    ///
    /// # Errors
    /// If the store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn activities(&self, identity: Identity, most: usize) -> Result<Vec<Activity>, Error> {
        Ok(self.timeline.activities(identity.session.customer, self.clock.now(), most).await?)
    }

    /// Records that a customer proved their identity and in which browser, concurrently.
    pub(in crate::accounts) async fn record_proof(
        &self,
        customer: &Customer,
        event: Event,
        caller: &Caller,
        tokens: &Tokens,
    ) {
        tokio::join!(self.remember_browser(customer, tokens), self.record(customer.id, event, Some(&caller.client)));
    }

    /// Records a failed attempt in the background: only an account that exists has a timeline, and the response time
    /// must not reveal that (ASVS 5.0, 6.3.8).
    pub(in crate::accounts) fn record_failed_attempt(&self, customer: CustomerId, client: &Client) {
        self.record_later(customer, Event::AttemptFailed, client);
    }

    /// Records an event in the background.
    pub(in crate::accounts) fn record_later(&self, customer: CustomerId, event: Event, client: &Client) {
        let (timeline, activity) = (self.timeline.clone(), self.activity(customer, event, Some(client)));
        self.background.spawn(async move { record(&*timeline, &activity).await });
    }
}

impl Core {
    /// Records an event. A failure is only logged, since the event has already happened.
    pub(in crate::accounts) async fn record(&self, customer: CustomerId, event: Event, client: Option<&Client>) {
        record(&*self.timeline, &self.activity(customer, event, client)).await;
    }

    /// Returns the entry of an event that happens now.
    pub(in crate::accounts) fn activity(
        &self,
        customer: CustomerId,
        event: Event,
        client: Option<&Client>,
    ) -> Activity {
        let at = self.clock.now();
        Activity { customer, event, at, count: 1, client: client.cloned(), expires_at: at + self.retention }
    }
}

pub(in crate::accounts) async fn record(timeline: &dyn Timeline, activity: &Activity) {
    if let Err(error) = timeline.record(activity).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            event = activity.event.as_str(),
            customer = %activity.customer,
            "what happened to an account is missing in its timeline"
        );
    }
}
