//! Budgets of sign-ups and of the mails that they send.

use std::time::Duration;

use super::{below, counted_network};
use crate::{
    accounts::{
        core::{accounts::Accounts, error::Error, limits::Budget},
        lifecycle::pending_signup::{PendingSignup, ticket_for},
        ports::{Limit, LimitKey},
        sessions::session::Client,
    },
    domain::EmailAddress,
};

/// Sign-ups with one address in browsers that have no ticket for it. Each creates a ticket with its own budgets. It
/// slows sign-ups down but never refuses them: the next one may be the owner's.
const SIGN_UPS_OF: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(u32::MAX, 30)]);
/// Sign-ups with one address from one network, in such browsers.
const SIGN_UPS_OF_FROM: Limit = Limit::new(Duration::from_hours(24), [below(6, 0), below(u32::MAX, 30)]);
/// Mails for these sign-ups. A sign-up beyond them gets the usual response, and does not change a pending account.
const SIGN_UP_MAILS_OF: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(40, 30), below(80, 1800)]);

impl Accounts {
    /// Returns the budgets of a sign-up: one for the network, and more if it sends a mail.
    ///
    /// # Errors
    /// `StoreUnavailable`.
    pub(in crate::accounts) async fn sign_up_budgets(
        &self,
        email: &EmailAddress,
        client: &Client,
        pending_signup: Option<&PendingSignup>,
    ) -> Result<Vec<Budget>, Error> {
        let Some(limits) = &self.limits else { return Ok(Vec::new()) };
        let network = counted_network(client.address);
        let mut budgets = vec![Budget::of_attempts(LimitKey::SignUpFrom(network), limits.sign_ups_from)];
        if self.requires_verified_email {
            budgets.extend(match ticket_for(email, pending_signup) {
                Some(ticket) => self.ticket_budgets(email, ticket, network).await?,
                None => vec![
                    Budget::of_attempts(LimitKey::SignUpOfFrom(email.clone(), network), SIGN_UPS_OF_FROM),
                    Budget::of_attempts(LimitKey::SignUpOf(email.clone()), SIGN_UPS_OF),
                ],
            });
        }
        Ok(budgets)
    }

    /// Counts the mail of a sign-up. Returns false if enough of them were sent to the address. Browsers that have a
    /// ticket for the address have their own budgets.
    ///
    /// # Errors
    /// `StoreUnavailable`.
    pub(in crate::accounts) async fn reserve_sign_up_mail(
        &self,
        email: &EmailAddress,
        pending_signup: Option<&PendingSignup>,
    ) -> Result<bool, Error> {
        if ticket_for(email, pending_signup).is_some() {
            return Ok(true);
        }
        let budget = Budget::of_attempts(LimitKey::SignUpMailOf(email.clone()), SIGN_UP_MAILS_OF);
        match self.limited(vec![budget], async { Ok(()) }).await {
            Err(Error::TooManyAttempts { .. }) => Ok(false),
            reserved => reserved.map(|()| true),
        }
    }
}

/// Returns the limit of sign-ups from one network: `per_hour` at once, and half as many more at a slower pace. Hundreds
/// of customers can share one address of a mobile network.
pub(in crate::accounts) fn sign_ups_from(per_hour: u32) -> Limit {
    let more = |part: u32| per_hour.saturating_add(per_hour.div_ceil(part));
    Limit::new(Duration::from_hours(1), [below(per_hour, 0), below(more(4), 10), below(more(2), 60)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n17_sign_ups_get_slower_before_they_are_refused() {
        let steps = sign_ups_from(60);
        let [first, second, third, _] = steps.steps() else { panic!("{steps:?}") };
        assert_eq!((first.below, second.below, third.below), (60, 75, 90));
        assert!(first.delay.is_zero() && first.delay < second.delay && second.delay < third.delay);
        assert_eq!(sign_ups_from(1).steps()[0].below, 1);
        assert_eq!(sign_ups_from(u32::MAX).steps()[2].below, u32::MAX);
    }
}
