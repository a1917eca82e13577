//! What happens around a credential event: a new password, a reset, another address, "sign out all other devices".
//!
//! The event itself is one write to the account, which starts its next [`CredentialEpoch`]. From then on, nothing that
//! was issued before lasts longer than an access token. Ending it at once is a step in another store. It is done twice:
//! before the write, so that a store that cannot do it leaves everything unchanged; and after it, for what was issued
//! in between. The second step cannot undo the event, so it is retried in the background if it fails.

use std::{sync::Arc, time::Duration};

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::{BrowserCookie, BrowserHash, BrowserId},
            error::Error,
        },
        ports::{Browsers, Sessions, StoreError},
        sessions::session::{SessionId, SessionKey},
    },
    domain::{CredentialEpoch, Customer, CustomerId},
};

/// The pauses before the retries of ending the sessions.
const RETRIES: [Duration; 6] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
    Duration::from_mins(5),
];

/// A credential event that has happened.
#[derive(Clone, Copy)]
pub(in crate::accounts) struct Event {
    pub customer: CustomerId,
    /// The epoch that it started.
    pub epoch: CredentialEpoch,
    /// The session that continues, if any.
    pub kept: Option<Kept>,
}

/// A session that continues after a credential event.
#[derive(Clone, Copy)]
pub(in crate::accounts) struct Kept {
    pub session: SessionId,
    /// The hash of its browser's new id. A copy of the previous cookie must not stay known.
    pub browser: BrowserHash,
}

impl Accounts {
    /// Ends the customer's sessions except `kept`, before a credential event.
    ///
    /// # Errors
    /// If the store does not answer.
    pub(in crate::accounts) async fn end_sessions_before_event(
        &self,
        customer: &Customer,
        kept: SessionId,
    ) -> Result<(), Error> {
        self.sessions.end_others(customer.id, kept, customer.epoch.next()).await?;
        Ok(())
    }

    /// Ends the sessions of an account that another sign-up replaced, if any, in the background. They started while the
    /// shop did not require verified addresses. Does the same work if there is no such account.
    pub(in crate::accounts) fn end_sessions_later(&self, replaced: Option<&Customer>) {
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

    /// Ends everything that was issued before a credential event, except one session. Returns the cookie of its
    /// browser, which gets a new id that is known in the new epoch.
    pub(in crate::accounts) async fn keep_session(&self, session: SessionKey, epoch: CredentialEpoch) -> BrowserCookie {
        let (customer, browser) = (session.customer, BrowserId::draw(&*self.randomness));
        let kept = Some(Kept { session: session.id, browser: browser.hash() });
        self.end_sessions_after_event(Event { customer, epoch, kept }).await;
        self.remember(customer, epoch, browser).await;
        self.browser_cookie(browser)
    }

    /// Ends everything that was issued before a credential event, after the event. Retries in the background if that
    /// fails.
    pub(in crate::accounts) async fn end_sessions_after_event(&self, event: Event) {
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

/// Ends what was issued before a credential event. Running it again, or later, does no harm: what is issued after the
/// event has its epoch.
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
        // They are already void; this frees their storage.
        self.browsers.forget(customer, epoch).await
    }
}
