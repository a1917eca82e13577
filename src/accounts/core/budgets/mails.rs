//! Budgets of mails that a caller requests: verification links, reset links, proposed addresses.

use std::{net::IpAddr, time::Duration};

use super::{below, counted_network};
use crate::{
    accounts::{
        core::{accounts::Accounts, browser::BrowserId, error::Error, limits::Budget},
        lifecycle::pending_signup::TicketHash,
        ports::{Limit, LimitKey},
        sessions::session::Client,
    },
    domain::{CustomerId, EmailAddress},
};

/// Mails that one network may request.
const MAILS_FROM: Limit = Limit::new(Duration::from_hours(1), [below(30, 0), below(60, 30), below(100, 60)]);
/// Mails that strangers on all networks may request for one address and one reason. It slows requests down long before
/// it refuses them: it must not lock out an owner who is not known yet. Strangers on one network can use only a part of
/// it.
const MAILS_BY_STRANGERS: Limit = Limit::new(Duration::from_hours(24), [below(10, 0), below(40, 60), below(200, 600)]);
/// Reset links for one account: for strangers on one network, and for each known browser.
const RESETS: Limit = Limit::new(Duration::from_hours(1), [below(3, 0)]);
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
/// One attempt a day, to tell if a key was used before.
const FIRST: Limit = Limit::new(Duration::from_hours(24), [below(1, 0)]);

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

impl Accounts {
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
    pub(super) async fn ticket_budgets(
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
