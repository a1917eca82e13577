//! What surrounds a credential event: a new password, a reset, another address, "sign out all other devices".
//!
//! The event itself is one write to the account, which starts its next [`CredentialEpoch`]: from then on nothing that was
//! issued before goes on for longer than an access token lasts. To end it at once is a step in another store. It is taken
//! twice: before the write, so that a store that cannot do it leaves everything as it was; and after it, for what was
//! issued in between. The second one cannot undo what is done, so it is tried again in the background when it fails.

use std::{sync::Arc, time::Duration};

use super::{
    Accounts, BrowserCookie, BrowserHash, BrowserId, Error, SessionId, SessionKey,
    ports::{Browsers, Sessions, StoreError},
};
use crate::domain::{CredentialEpoch, Customer, CustomerId};

/// How long after a failure the sessions are ended again.
const RETRIES: [Duration; 6] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
    Duration::from_mins(5),
];

/// What goes on after a credential event.
#[derive(Clone, Copy)]
pub(super) struct Event {
    pub customer: CustomerId,
    /// The epoch that it started.
    pub epoch: CredentialEpoch,
    /// The session that goes on, if one does.
    pub kept: Option<Kept>,
}

/// A session that goes on after a credential event.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    pub session: SessionId,
    /// Its browser from now on. A copy of the cookie from before must not stay known.
    pub browser: BrowserHash,
}

impl Accounts {
    /// Ends the customer's sessions but `kept`, before a credential event.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub(super) async fn end_sessions_before_event(&self, customer: &Customer, kept: SessionId) -> Result<(), Error> {
        self.sessions.end_others(customer.id, kept, customer.epoch.next()).await?;
        Ok(())
    }

    /// Ends the sessions of an account that another sign-up replaced, if it replaced one: they started while the shop did not
    /// require verified addresses. The answer does not wait for it, and the work is the same where there is no such account.
    pub(super) fn end_sessions_later(&self, replaced: Option<&Customer>) {
        let customer = replaced.map_or(CustomerId::NOBODY, |replaced| replaced.id);
        let epoch = replaced.map(|replaced| replaced.epoch).unwrap_or_default().next();
        let event = Event { customer, epoch, kept: None };
        let end = EndSessions { sessions: self.sessions.clone(), browsers: self.browsers.clone(), event };
        self.background.spawn(async move {
            if let Err(error) = end.run().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "sessions of a replaced account not ended");
            }
        });
    }

    /// Ends all that was issued before a credential event but one session. Returns the cookie of its browser, which gets a new
    /// id, known in the new epoch.
    pub(super) async fn keep_session(&self, session: SessionKey, epoch: CredentialEpoch) -> BrowserCookie {
        let (customer, browser) = (session.customer, BrowserId::draw(&*self.randomness));
        let kept = Some(Kept { session: session.id, browser: browser.hash() });
        self.end_sessions_after_event(Event { customer, epoch, kept }).await;
        self.remember(customer, epoch, browser).await;
        self.browser_cookie(browser)
    }

    /// Ends whatever was issued before a credential event, once it has happened, now or a little later.
    pub(super) async fn end_sessions_after_event(&self, event: Event) {
        let end = EndSessions { sessions: self.sessions.clone(), browsers: self.browsers.clone(), event };
        let Err(error) = end.run().await else { return };
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            customer = %event.customer,
            "sessions not ended after a credential event: trying again"
        );
        let clock = self.clock.clone();
        self.background.spawn(async move {
            for pause in RETRIES {
                clock.wait(pause).await;
                if end.run().await.is_ok() {
                    return;
                }
            }
            tracing::error!(customer = %event.customer, "sessions not ended: they go on until their next refresh");
        });
    }
}

/// Ends what was issued before a credential event. To do it twice, or later, does no harm: what is issued after the event
/// is of its epoch.
struct EndSessions {
    sessions: Arc<dyn Sessions>,
    browsers: Arc<dyn Browsers>,
    event: Event,
}

impl EndSessions {
    async fn run(&self) -> Result<(), StoreError> {
        let Event { customer, epoch, kept } = self.event;
        if let Some(Kept { session, browser }) = kept {
            self.sessions.carry_over(SessionKey { customer, id: session }, epoch, browser).await?;
        }
        self.sessions.end_others(customer, kept.map_or(SessionId::NONE, |kept| kept.session), epoch).await?;
        // They are void already; this makes room.
        self.browsers.forget(customer, epoch).await
    }
}
