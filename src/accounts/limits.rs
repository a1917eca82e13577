//! How often somebody may try, decided before anything expensive happens and shared by all instances of the program.

use std::{net::IpAddr, time::Duration};

use super::{
    Accounts, Client, Error,
    ports::{Limit, LimitKey, Reservation},
};
use crate::domain::EmailAddress;

/// Longer than this, nobody is told to wait.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Accounts that one address may open.
const SIGN_UPS_FROM: Limit = Limit { attempts: 10, window: Duration::from_hours(1) };
/// Failed logins from one address.
const LOG_INS_FROM: Limit = Limit { attempts: 20, window: Duration::from_mins(15) };
/// Failed logins to one account, from wherever they come.
const LOG_INS_TO: Limit = Limit { attempts: 100, window: Duration::from_mins(15) };

impl Accounts {
    /// Counts one attempt of a sign-up. It stays counted whatever comes of it, since its answer tells whether an
    /// address has an account.
    pub(super) async fn reserve_sign_up(&self, client: &Client) -> Result<(), Error> {
        self.reserve(&LimitKey::SignUpFrom(network(client.address)), SIGN_UPS_FROM).await
    }

    /// Counts one attempt of a login, against where it comes from and where it goes, before the password is looked at
    /// (ASVS 5.0, 6.3.1; CVE-2024-4629).
    pub(super) async fn reserve_log_in(&self, client: &Client, email: &EmailAddress) -> Result<(), Error> {
        self.reserve(&LimitKey::LogInFrom(network(client.address)), LOG_INS_FROM).await?;
        self.reserve(&LimitKey::LogInTo(email.clone()), LOG_INS_TO).await
    }

    /// Takes this one attempt back after a login that was right. Earlier failures stay counted: somebody who owns one
    /// account must not buy guesses at others with it.
    pub(super) async fn give_back_log_in(&self, client: &Client, email: &EmailAddress) {
        let Some(limits) = &self.limits else { return };
        for key in [LimitKey::LogInFrom(network(client.address)), LimitKey::LogInTo(email.clone())] {
            if let Err(error) = limits.give_back(&key, self.clock.now()).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "a login stays counted against its limit");
            }
        }
    }

    async fn reserve(&self, key: &LimitKey, limit: Limit) -> Result<(), Error> {
        let Some(limits) = &self.limits else { return Ok(()) };
        match limits.reserve(key, limit, self.clock.now()).await? {
            Reservation::Granted => Ok(()),
            Reservation::Refused { retry_after } => {
                tracing::info!(event = "attempt_refused", limit = limit_name(key), "too many attempts");
                Err(Error::TooManyAttempts { retry_after: retry_after.clamp(Duration::from_secs(1), LONGEST_WAIT) })
            }
        }
    }
}

fn limit_name(key: &LimitKey) -> &'static str {
    match key {
        LimitKey::SignUpFrom(_) => "sign_up_from",
        LimitKey::LogInFrom(_) => "log_in_from",
        LimitKey::LogInTo(_) => "log_in_to",
    }
}

/// What counts as one place: an IPv4 address, or the /64 that a single IPv6 customer is given.
fn network(address: IpAddr) -> IpAddr {
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
