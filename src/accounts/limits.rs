//! How often somebody may try, decided before anything expensive happens and shared by all instances of the program.

use std::{net::IpAddr, time::Duration};

use super::{
    Accounts, BrowserId, Client, Error, SessionKey,
    ports::{AttemptLimits, Clock, Limit, LimitKey, Reservation, Step},
};
use crate::domain::EmailAddress;

/// Longer than this, nobody is told to wait.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

const fn limit(window: Duration, steps: &'static [Step]) -> Limit {
    Limit { window, steps }
}

const fn below(attempts: u32, seconds: u64) -> Step {
    Step { below: attempts, delay: Duration::from_secs(seconds) }
}

/// Accounts that one address may open.
const SIGN_UPS_FROM: Limit = limit(Duration::from_hours(1), &[below(10, 0)]);
/// Failed logins from one address.
const LOG_INS_FROM: Limit =
    limit(Duration::from_mins(15), &[below(20, 0), below(30, 10), below(40, 30), below(100, 60)]);
/// Failed logins to one account: from all strange browsers together, and from each that its customer knows.
const LOG_INS_TO: Limit = limit(Duration::from_mins(15), &[below(3, 1), below(9, 3), below(25, 5), below(100, 10)]);
/// Links that one address may ask for, and those to one account. Mail that nobody wanted is a nuisance.
const RESETS_FROM: Limit = limit(Duration::from_hours(1), &[below(10, 0)]);
const RESETS_OF: Limit = limit(Duration::from_hours(1), &[below(3, 0)]);
/// Links to verify an address that one address may ask for anew, and those to one address, sign-ups included.
const VERIFICATIONS_FROM: Limit = limit(Duration::from_hours(1), &[below(10, 0)]);
const VERIFICATIONS_OF: Limit = limit(Duration::from_hours(1), &[below(5, 0)]);
/// Codes that may be typed for one address: one in a hundred thousand is guessed in a day.
const CODES_OF: Limit = limit(Duration::from_hours(24), &[below(10, 0)]);
/// Refused refresh tokens from one address. They cannot be guessed; whoever brings many is broken, or up to something.
const REFRESHES_FROM: Limit = limit(Duration::from_mins(15), &[below(100, 0), below(200, 10)]);
/// Refreshes of one session: many more than all tabs of a browser need.
const REFRESHES_OF: Limit = limit(Duration::from_mins(1), &[below(200, 0)]);

/// An attempt that was counted, and may turn out to be none.
pub(super) struct Attempt(LimitKey, Limit);

impl Accounts {
    /// Counts one sign-up. It stays counted whatever comes of it, since its answer tells whether an address has an
    /// account.
    pub(super) async fn reserve_sign_up(&self, client: &Client) -> Result<(), Error> {
        self.reserve(LimitKey::SignUpFrom(network(client.address)), SIGN_UPS_FROM).await.map(drop)
    }

    /// Counts one link that was asked for, whether there is an account or not.
    pub(super) async fn reserve_reset(&self, email: &EmailAddress, client: &Client) -> Result<(), Error> {
        self.reserve(LimitKey::ResetFrom(network(client.address)), RESETS_FROM).await?;
        self.reserve(LimitKey::ResetOf(email.clone()), RESETS_OF).await.map(drop)
    }

    /// Counts one link to verify an address that is asked for anew, whether there is an account or not.
    pub(super) async fn reserve_resend(&self, email: &EmailAddress, client: &Client) -> Result<(), Error> {
        self.reserve(LimitKey::VerificationFrom(network(client.address)), VERIFICATIONS_FROM).await?;
        self.reserve_verification(email).await
    }

    /// Counts one mail to verify an address, or to tell its customer of a sign-up: now, or whenever there is time.
    pub(super) fn reserve_verification(
        &self,
        email: &EmailAddress,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let (limits, clock) = (self.limits.clone(), self.clock.clone());
        let key = LimitKey::VerificationOf(email.clone());
        async move { reserve(limits.as_deref(), &*clock, key, VERIFICATIONS_OF).await.map(drop) }
    }

    /// Counts one code that was typed to verify an address.
    pub(super) async fn reserve_code(&self, email: &EmailAddress) -> Result<(), Error> {
        self.reserve(LimitKey::CodeOf(email.clone()), CODES_OF).await.map(drop)
    }

    /// Counts one login against where it comes from.
    pub(super) async fn reserve_log_in_from(&self, client: &Client) -> Result<Attempt, Error> {
        self.reserve(LimitKey::LogInFrom(network(client.address)), LOG_INS_FROM).await
    }

    /// Counts one login against the account. A browser that its customer knows is counted for itself: whoever guesses
    /// at an account from elsewhere does not lock its customer out (ASVS 5.0, 6.1.1; CVE-2024-1722).
    pub(super) async fn reserve_log_in_to(
        &self,
        email: &EmailAddress,
        known: Option<BrowserId>,
    ) -> Result<Attempt, Error> {
        let key = match known {
            Some(browser) => LimitKey::LogInBy(email.clone(), browser.hash()),
            None => LimitKey::LogInTo(email.clone()),
        };
        self.reserve(key, LOG_INS_TO).await
    }

    /// Counts one refused refresh token against where it comes from.
    pub(super) async fn count_refused_refresh(&self, client: &Client) -> Result<(), Error> {
        self.reserve(LimitKey::RefreshFrom(network(client.address)), REFRESHES_FROM).await.map(drop)
    }

    /// Counts one refresh of the session.
    pub(super) async fn reserve_refresh(&self, session: SessionKey) -> Result<(), Error> {
        self.reserve(LimitKey::RefreshOf(session), REFRESHES_OF).await.map(drop)
    }

    /// Takes an attempt back that was right. Earlier failures stay counted: somebody who owns one account must not buy
    /// guesses at others with it.
    pub(super) async fn give_back(&self, Attempt(key, limit): Attempt) {
        let Some(limits) = &self.limits else { return };
        if let Err(error) = limits.give_back(&key, limit, self.clock.now()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a login stays counted against its limit");
        }
    }

    async fn reserve(&self, key: LimitKey, limit: Limit) -> Result<Attempt, Error> {
        reserve(self.limits.as_deref(), &*self.clock, key, limit).await
    }
}

/// Counts one attempt, and has it wait for its turn where that is soon.
async fn reserve(
    limits: Option<&dyn AttemptLimits>,
    clock: &dyn Clock,
    key: LimitKey,
    limit: Limit,
) -> Result<Attempt, Error> {
    let Some(limits) = limits else { return Ok(Attempt(key, limit)) };
    match limits.reserve(&key, limit, clock.now()).await? {
        Reservation::Granted { wait } => {
            if !wait.is_zero() {
                clock.wait(wait).await;
            }
            Ok(Attempt(key, limit))
        }
        Reservation::Refused { retry_after } => {
            tracing::info!(event = "attempt_refused", limit = key.kind(), "too many attempts");
            Err(Error::TooManyAttempts { retry_after: retry_after.clamp(Duration::from_secs(1), LONGEST_WAIT) })
        }
    }
}

/// What counts as one place: an IPv4 address, or the /64 that a single IPv6 customer is given.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => (address.to_bits() & (u128::MAX << 64)).to_be_bytes().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l4_ipv6_is_counted_by_its_64() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }
}
