//! Budgets: how often each action may be attempted, and what an attempt counts against.
//!
//! Callers who are known to an account have their own budgets: a session, a browser that signed in to the account
//! before, a browser that signed up with the address. All others share the budgets of their network and of the account.
//! So a stranger cannot use up what belongs to the owner of an account (ASVS 5.0, 6.1.1; CVE-2024-1722), and no budget
//! depends on whether an account exists.

pub(in crate::accounts) mod codes;
pub(in crate::accounts) mod mails;
mod notices;
pub(in crate::accounts) mod sign_ups;

use std::{net::IpAddr, time::Duration};

use crate::{
    accounts::{
        core::{accounts::Accounts, browser::BrowserId, error::Error, limits::Budget},
        ports::{Limit, LimitKey, Step},
        sessions::session::{Client, SessionKey},
    },
    domain::{Customer, CustomerId, EmailAddress},
};

const fn below(attempts: u32, seconds: u64) -> Step {
    Step { below: attempts, delay: Duration::from_secs(seconds) }
}

/// Failed logins from one network.
const LOG_INS_FROM: Limit =
    Limit::new(Duration::from_mins(15), [below(20, 0), below(30, 10), below(40, 30), below(100, 60)]);
/// Failed logins to one account: from all unknown browsers together, and from each known one.
const LOG_INS_TO: Limit = Limit::new(Duration::from_mins(15), [below(3, 1), below(9, 3), below(25, 5), below(100, 10)]);
/// Failed confirmations in one session: a stolen session must not become a way to guess the password.
const PROOFS_BY: Limit = Limit::new(Duration::from_mins(15), [below(3, 1), below(9, 3), below(20, 5), below(60, 10)]);

/// How often one customer may sign out all other devices. Otherwise a thief with a session could use it to keep the
/// owner from logging in.
const REVOKES_OF: Limit = Limit::new(Duration::from_hours(1), [below(5, 0), below(20, 30), below(60, 60)]);

/// How often one customer may sign out single devices, for the same reason. All devices of a list take fewer.
const REVOKES_ONE_OF: Limit = Limit::new(Duration::from_hours(1), [below(20, 0), below(120, 30)]);

/// How often links of one customer's mails to one address may hash a password. Requests with one link at the same
/// moment all find it valid, and must not fill the queue of the hasher.
const LINKS_OF: Limit = Limit::new(Duration::from_mins(15), [below(3, 0), below(20, 1), below(60, 10)]);

/// Refused refresh tokens from one network. They cannot be guessed; a client that sends many is broken or hostile.
const REFRESHES_FROM: Limit = Limit::new(Duration::from_mins(15), [below(100, 0), below(200, 10)]);
/// Refreshes of one session: many more than all tabs of a browser need.
const REFRESHES_OF: Limit = Limit::new(Duration::from_mins(1), [below(200, 0)]);

impl Accounts {
    /// Counts a refused refresh token against its network.
    pub(in crate::accounts) async fn count_refused_refresh(&self, client: &Client) -> Result<(), Error> {
        let budget = Budget::of_attempts(LimitKey::RefreshFrom(counted_network(client.address)), REFRESHES_FROM);
        self.limited(vec![budget], async { Ok(()) }).await
    }
}

/// Returns the budget of signing out all other devices.
pub(in crate::accounts) fn revoke_budget(customer: CustomerId) -> Budget {
    Budget::of_attempts(LimitKey::RevokeOf(customer), REVOKES_OF)
}

/// Returns the budget of signing out one device.
pub(in crate::accounts) fn revoke_one_budget(customer: CustomerId) -> Budget {
    Budget::of_attempts(LimitKey::RevokeOneOf(customer), REVOKES_ONE_OF)
}

/// Returns the budget of a password that is hashed for a valid link of a mail to the address of `customer`.
pub(in crate::accounts) fn link_budget(customer: &Customer) -> Budget {
    Budget::of_attempts(LimitKey::LinkOf(customer.id, customer.email.clone()), LINKS_OF)
}

/// Returns the budgets of a login. A browser that is known to the account has its own budget, so that neither guesses
/// from elsewhere nor failures of its neighbours lock the owner out.
pub(in crate::accounts) fn log_in_budgets(
    email: &EmailAddress,
    client: &Client,
    known: Option<BrowserId>,
) -> Vec<Budget> {
    match known {
        Some(browser) => vec![Budget::of_failures(LimitKey::LogInBy(email.clone(), browser.hash()), LOG_INS_TO)],
        None => vec![
            Budget::of_failures(LimitKey::LogInFrom(counted_network(client.address)), LOG_INS_FROM),
            Budget::of_failures(LimitKey::LogInTo(email.clone()), LOG_INS_TO),
        ],
    }
}

/// Returns the budgets of a password confirmation by a signed-in customer.
pub(in crate::accounts) fn proof_budgets(session: SessionKey) -> Vec<Budget> {
    vec![Budget::of_failures(LimitKey::ProofBy(session), PROOFS_BY)]
}

/// Returns the budgets of the refreshes of one session.
pub(in crate::accounts) fn refresh_budgets(session: SessionKey) -> Vec<Budget> {
    vec![Budget::of_attempts(LimitKey::RefreshOf(session), REFRESHES_OF)]
}

/// Returns the network that is counted as one caller: an IPv4 address, or the /64 that a single IPv6 customer gets.
#[must_use]
pub fn counted_network(address: IpAddr) -> IpAddr {
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
        let network = |text: &str| counted_network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }
}
