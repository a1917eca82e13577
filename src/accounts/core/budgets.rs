//! Budgets: how often each action may be attempted, and what an attempt counts against.
//!
//! Callers who are known to an account have their own budgets: a session, a browser that signed in to the account
//! before, a browser that signed up with the address. All others share the budgets of their network and of the account.
//! So a stranger cannot use up what belongs to the owner of an account (ASVS 5.0, 6.1.1; CVE-2024-1722), and no budget
//! depends on whether an account exists.

use std::{net::IpAddr, time::Duration};

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::BrowserId,
            error::Error,
            limits::{Budget, limited_later},
        },
        lifecycle::pending_signup::{PendingSignup, TicketHash},
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

/// Mails that one network may request.
const MAILS_FROM: Limit = Limit::new(Duration::from_hours(1), [below(30, 0), below(60, 30), below(100, 60)]);
/// Mails that strangers on all networks may request for one address and one reason. It slows requests down long before
/// it refuses them: it must not lock out an owner who is not known yet. Strangers on one network can use only a part of
/// it.
const MAILS_BY_STRANGERS: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(40, 60), below(200, 600)]);
/// Reset links for one account: for strangers on one network, and for each known browser.
const RESETS: Limit = Limit::new(Duration::from_hours(1), [below(3, 0)]);
/// Sign-ups with one address in browsers that have no ticket for it. Each creates a ticket with its own budgets. It
/// slows sign-ups down but never refuses them: the next one may be the owner's.
const SIGN_UPS_OF: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(u32::MAX, 30)]);
/// Sign-ups with one address from one network, in such browsers.
const SIGN_UPS_OF_FROM: Limit = Limit::new(Duration::from_hours(24), [below(6, 0), below(u32::MAX, 30)]);
/// Mails for these sign-ups. A sign-up beyond them gets the usual response, and does not change a pending account.
const SIGN_UP_MAILS_OF: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(40, 30), below(80, 1800)]);
/// Mails to a browser that signed up, for as long as its ticket is valid.
const MAILS_BY_TICKET: Limit = Limit::new(Duration::from_hours(24), [below(5, 0), below(10, 600)]);
/// Mails to all browsers of one network that signed up with one address: a new ticket brings no additional mails. It
/// never refuses, since neighbours share it. [`MAILS_BY_TICKET`] does.
const MAILS_BY_TICKETS_FROM: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(u32::MAX, 60)]);
/// Mails to all browsers that signed up with one address, on all networks. The first mail that each browser requests
/// and all later ones are counted separately, so later mails of strangers never delay the first one of the owner.
const MAILS_BY_ALL_TICKETS: Limit =
    Limit::new(Duration::from_hours(24), [below(10, 0), below(40, 60), below(u32::MAX, 600)]);
/// Verification links for one address: for strangers on one network, and for each known caller.
const VERIFICATIONS: Limit = Limit::new(Duration::from_hours(1), [below(5, 0)]);
/// Verification links sent because of logins with the right password to one account.
const VERIFICATIONS_AFTER_LOG_IN: Limit = Limit::new(Duration::from_hours(1), [below(3, 0)]);
/// Address changes that one customer may propose.
const PROPOSALS_BY: Limit = Limit::new(Duration::from_hours(24), [below(5, 0), below(20, 720)]);
/// Address changes that one customer may propose to one address.
const PROPOSALS_BY_TO: Limit = Limit::new(Duration::from_hours(24), [below(5, 0), below(10, 720)]);
/// Address changes to one address by all customers, except each customer's first one in a day: others never block a
/// first one.
const PROPOSALS_TO: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(20, 60), below(50, 600)]);

/// Wrong codes in one browser that signed up, or of one customer for one address. A code is valid only in the browser
/// whose sign-up is pending or that requested its mail, so codes typed elsewhere cannot guess one, and count against no
/// other caller. More guesses need more mails, which [`SIGN_UP_MAILS_OF`] and [`MAILS_BY_ALL_TICKETS`] limit.
const CODES_BY: Limit = Limit::new(Duration::from_hours(24), [below(10, 0)]);
/// Wrong codes of all signed-in customers for one address, that of their accounts or a proposed one: each account that
/// is created has its own [`CODES_BY`].
const CODES_OF: Limit = Limit::new(Duration::from_hours(24), [below(100, 0)]);
/// Wrong codes of one customer for all addresses that they propose. Those of all customers for one address are limited
/// by [`CODES_OF`]: each account that is created has its own.
const CHANGE_CODES_BY: Limit = Limit::new(Duration::from_hours(24), [below(30, 0)]);
/// One attempt a day, to tell if a key was used before.
const FIRST: Limit = Limit::new(Duration::from_hours(24), [below(1, 0)]);

/// How often one customer may sign out all other devices. Otherwise a thief with a session could use it to keep the
/// owner from logging in.
const REVOKES_OF: Limit = Limit::new(Duration::from_hours(1), [below(5, 0), below(20, 30), below(60, 60)]);

/// How often one customer may sign out single devices, for the same reason. All devices of a list take fewer.
const REVOKES_ONE_OF: Limit = Limit::new(Duration::from_hours(1), [below(20, 0), below(120, 30)]);

/// How often links of one customer's mails to one address may hash a password. Requests with one link at the same moment all find it
/// valid, and must not fill the queue of the hasher.
const LINKS_OF: Limit = Limit::new(Duration::from_mins(15), [below(3, 0), below(20, 1), below(60, 10)]);

/// Mails that notify one account of proposed addresses, while its own is not verified: it may be a stranger's. Counted
/// for each account, so that other accounts with the address cannot keep a theft secret.
const PROPOSAL_NOTICES_OF: Limit = Limit::new(Duration::from_hours(24), [below(3, 0)]);

/// Mails that notify one account of logins on new devices. The timeline shows all of them.
const NOTICES_OF: Limit = Limit::new(Duration::from_hours(1), [below(3, 0)]);
/// Mails that notify one account of new passwords. Separate from [`NOTICES_OF`], so that logins cannot keep a change
/// secret.
const PASSWORD_NOTICES_OF: Limit = Limit::new(Duration::from_hours(1), [below(5, 0)]);

/// Refused refresh tokens from one network. They cannot be guessed; a client that sends many is broken or hostile.
const REFRESHES_FROM: Limit = Limit::new(Duration::from_mins(15), [below(100, 0), below(200, 10)]);
/// Refreshes of one session: many more than all tabs of a browser need.
const REFRESHES_OF: Limit = Limit::new(Duration::from_mins(1), [below(200, 0)]);

/// Returns the limit of sign-ups from one network: `per_hour` at once, and half as many more at a slower pace. Hundreds
/// of customers can share one address of a mobile network.
pub(in crate::accounts) fn sign_ups_from(per_hour: u32) -> Limit {
    let more = |part: u32| per_hour.saturating_add(per_hour.div_ceil(part));
    Limit::new(Duration::from_hours(1), [below(per_hour, 0), below(more(4), 10), below(more(2), 60)])
}

/// A caller who requests mail to an address.
#[derive(Clone, Copy)]
pub(in crate::accounts) enum Requester {
    /// Signed in as the customer with this address.
    Customer(CustomerId),
    /// A browser that signed up with this address.
    Ticket(TicketHash, IpAddr),
    /// A browser that signed in to the account before.
    Browser(BrowserId),
    Stranger(IpAddr),
}

/// Returns the ticket of a browser that signed up with this address.
pub(in crate::accounts) fn ticket_for(
    email: &EmailAddress,
    pending_signup: Option<&PendingSignup>,
) -> Option<TicketHash> {
    pending_signup.filter(|pending_signup| pending_signup.email == *email).map(PendingSignup::ticket)
}

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

    /// Returns the budgets of a request for a verification link, whether there is an account or not.
    ///
    /// # Errors
    /// `StoreUnavailable`.
    pub(in crate::accounts) async fn verification_budgets(
        &self,
        email: &EmailAddress,
        requester: Requester,
    ) -> Result<Vec<Budget>, Error> {
        let own = |key, limit| vec![Budget::of_attempts(key, limit)];
        Ok(match requester {
            // The address may be a stranger's: a new account with it brings no additional mails.
            Requester::Customer(customer) => vec![
                Budget::of_attempts(LimitKey::VerificationByCustomer(customer), VERIFICATIONS),
                Budget::of_attempts(LimitKey::VerificationByTickets(email.clone()), MAILS_BY_ALL_TICKETS),
            ],
            Requester::Ticket(ticket, address) => self.ticket_budgets(email, ticket, counted_network(address)).await?,
            Requester::Browser(browser) => own(LimitKey::VerificationBy(email.clone(), browser.hash()), VERIFICATIONS),
            Requester::Stranger(address) => {
                let network = counted_network(address);
                vec![
                    Budget::of_attempts(LimitKey::VerificationFrom(network), MAILS_FROM),
                    Budget::of_attempts(LimitKey::VerificationOfFrom(email.clone(), network), VERIFICATIONS),
                    Budget::of_attempts(LimitKey::VerificationOf(email.clone()), MAILS_BY_STRANGERS),
                ]
            }
        })
    }

    /// Returns the budgets of a mail to a browser that signed up.
    async fn ticket_budgets(
        &self,
        email: &EmailAddress,
        ticket: TicketHash,
        network: IpAddr,
    ) -> Result<Vec<Budget>, Error> {
        let own = LimitKey::VerificationByTicket(ticket);
        let all = if self.is_first(&own).await? {
            LimitKey::FirstVerificationByTickets(email.clone())
        } else {
            LimitKey::VerificationByTickets(email.clone())
        };
        Ok(vec![
            Budget::of_attempts(own, MAILS_BY_TICKET),
            Budget::of_attempts(LimitKey::VerificationByTicketsFrom(email.clone(), network), MAILS_BY_TICKETS_FROM),
            Budget::of_attempts(all, MAILS_BY_ALL_TICKETS),
        ])
    }

    /// Returns the budgets of an address change that a customer proposes.
    ///
    /// # Errors
    /// `StoreUnavailable`.
    pub(in crate::accounts) async fn proposal_budgets(
        &self,
        customer: CustomerId,
        email: &EmailAddress,
        client: &Client,
    ) -> Result<Vec<Budget>, Error> {
        let own = LimitKey::ProposalByTo(customer, email.clone());
        let is_first = self.is_first(&own).await?;
        let mut budgets = vec![
            Budget::of_attempts(LimitKey::ProposalBy(customer), PROPOSALS_BY),
            Budget::of_attempts(own, PROPOSALS_BY_TO),
            Budget::of_attempts(LimitKey::ProposalFrom(counted_network(client.address)), MAILS_FROM),
        ];
        if !is_first {
            budgets.push(Budget::of_attempts(LimitKey::ProposalTo(email.clone()), PROPOSALS_TO));
        }
        Ok(budgets)
    }

    /// Returns true if no attempt is counted against this key, whose limit has a window of one day.
    async fn is_first(&self, key: &LimitKey) -> Result<bool, Error> {
        self.has_room(&Budget::of_attempts(key.clone(), FIRST)).await
    }

    /// Counts a mail about a login on a new device. Returns false if enough of them were sent to the customer.
    pub(in crate::accounts) async fn reserve_notice(&self, customer: CustomerId) -> bool {
        self.reserve(LimitKey::NoticeOf(customer), NOTICES_OF).await
    }

    /// Calls `work` with true if it may send a mail about a new password, or with false if enough of them were sent to
    /// the customer. Work that fails costs nothing: otherwise a thief could use up the mails before the change that
    /// they report.
    pub(in crate::accounts) async fn with_password_notice<T>(
        &self,
        customer: CustomerId,
        work: impl AsyncFnOnce(bool) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let budget = Budget::of_attempts(LimitKey::PasswordNoticeOf(customer), PASSWORD_NOTICES_OF);
        self.notice_limits.spend_on_success(budget, work).await
    }

    /// Counts a mail about a proposed address. Returns false if enough of them were sent to the customer, whose address
    /// is not verified.
    pub(in crate::accounts) async fn reserve_proposal_notice(&self, customer: &Customer) -> bool {
        customer.verified || self.reserve(LimitKey::ProposalNoticeOf(customer.id), PROPOSAL_NOTICES_OF).await
    }

    /// Counts a notice, even if attempts are not limited. Returns true if it may be sent, also if it cannot be counted.
    async fn reserve(&self, key: LimitKey, limit: Limit) -> bool {
        let budget = Budget::of_attempts(key, limit);
        let refused = limited_later(Some(self.notice_limits.clone()), vec![budget], async { Ok(()) }).await.err();
        !matches!(refused, Some(Error::TooManyAttempts { .. }))
    }

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

/// Returns the budgets of a request for a reset link, whether there is an account or not.
pub(in crate::accounts) fn reset_budgets(
    email: &EmailAddress,
    client: &Client,
    known: Option<BrowserId>,
) -> Vec<Budget> {
    if let Some(browser) = known {
        return vec![Budget::of_attempts(LimitKey::ResetBy(email.clone(), browser.hash()), RESETS)];
    }
    let network = counted_network(client.address);
    vec![
        Budget::of_attempts(LimitKey::ResetFrom(network), MAILS_FROM),
        Budget::of_attempts(LimitKey::ResetOfFrom(email.clone(), network), RESETS),
        Budget::of_attempts(LimitKey::ResetOf(email.clone()), MAILS_BY_STRANGERS),
    ]
}

/// Returns the budgets of a verification link that is sent because of a login. They are separate from all that a caller
/// can observe: otherwise the limit on links would reveal if the password was right.
pub(in crate::accounts) fn after_log_in_budgets(email: &EmailAddress) -> Vec<Budget> {
    vec![Budget::of_attempts(LimitKey::VerificationAfterLogIn(email.clone()), VERIFICATIONS_AFTER_LOG_IN)]
}

/// Returns the budgets of a code that is typed to verify an address. `customer` is the signed-in customer, if the
/// address is theirs.
pub(in crate::accounts) fn verification_code_budgets(
    pending_signup: Option<&PendingSignup>,
    customer: Option<&Customer>,
) -> Vec<Budget> {
    let by_ticket = pending_signup.map(|known| LimitKey::CodeByTicket(known.ticket()));
    let by_customer = customer.map(|customer| LimitKey::VerificationCodeBy(customer.id));
    let by_caller = by_customer.into_iter().chain(by_ticket).map(|key| Budget::of_failures(key, CODES_BY));
    let of_address = customer.map(|customer| LimitKey::VerificationCodeOf(customer.email.clone()));
    by_caller.chain(of_address.map(|key| Budget::of_failures(key, CODES_OF))).collect()
}

/// Returns the budgets of a code that is typed to complete an address change, in the session that proposed it.
pub(in crate::accounts) fn change_code_budgets(customer: CustomerId, email: &EmailAddress) -> Vec<Budget> {
    vec![
        Budget::of_failures(LimitKey::ChangeCodeFor(customer, email.clone()), CODES_BY),
        Budget::of_failures(LimitKey::ChangeCodeBy(customer), CHANGE_CODES_BY),
        Budget::of_failures(LimitKey::ChangeCodeOf(email.clone()), CODES_OF),
    ]
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
