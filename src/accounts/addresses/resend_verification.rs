//! Resend verification: sends another mail to verify an address.

use std::time::Duration;

use crate::{
    accounts::{
        addresses::verify_email::GOOD_FOR,
        core::{
            accounts::Accounts,
            browser::Caller,
            budgets::mails::Requester,
            error::Error,
            limits::{Budget, limited_later},
            link_token::LinkId,
        },
        lifecycle::pending_signup::{TicketHash, ticket_for},
        mail::message::MailKind,
        ports::Verification,
        sessions::session::{Client, Identity},
    },
    domain::{Customer, EmailAddress},
};

impl Accounts {
    /// Sends another link, and voids the previous one: to `email`, or to the address of the browser's sign-up, or to
    /// that of the signed-in customer. Does not reveal whether there is such an account, and whether its verification
    /// is pending.
    ///
    /// # Errors
    /// `NotFound` if the shop sends no mail, `Unauthenticated` if the address is not known, `TooManyAttempts`, or an
    /// error if a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn resend_verification(
        &self,
        email: Option<EmailAddress>,
        caller: &Caller,
        identity: Option<Identity>,
    ) -> Result<(), Error> {
        if !self.sends_mail() {
            return Err(Error::NotFound);
        }
        let email = match (email.or_else(|| caller.pending_signup.as_ref().map(|known| known.email.clone())), identity)
        {
            (Some(email), _) => email,
            (None, Some(identity)) => self.profile(identity).await?.email,
            (None, None) => return Err(Error::Unauthenticated),
        };
        let customer = self.customers.find_by_email(&email).await?;
        let requester = self.requester(&email, customer.as_ref(), caller, identity).await?;
        let budgets = self.verification_budgets(&email, requester).await?;
        let send = async {
            if let Some(customer) = customer.filter(|customer| !customer.verified) {
                let verification = match requester {
                    Requester::Ticket(ticket, _) => self.new_verification_for(ticket),
                    _ => self.new_verification(None),
                };
                self.send_verification(&customer, &caller.client, verification, Vec::new());
            }
            Ok(())
        };
        self.limited(budgets, send).await
    }

    /// Returns how the caller is known to the account with this address, for the budgets of the mail. Does the same
    /// work if there is no `customer`.
    async fn requester(
        &self,
        email: &EmailAddress,
        customer: Option<&Customer>,
        caller: &Caller,
        identity: Option<Identity>,
    ) -> Result<Requester, Error> {
        let known = caller.browser.filter(|_| customer.is_some());
        let known = if self.knows_browser(customer, caller).await? { known } else { None };
        Ok(match (identity, ticket_for(email, caller.pending_signup.as_ref()), known) {
            (Some(identity), ..) if Some(identity.session.customer) == customer.map(|customer| customer.id) => {
                Requester::Customer(identity.session.customer)
            }
            (_, Some(ticket), _) => Requester::Ticket(ticket, caller.client.address),
            (_, _, Some(browser)) => Requester::Browser(browser),
            _ => Requester::Stranger(caller.client.address),
        })
    }

    /// Sends another link within these budgets, in the background: only customers get mail, and the response time must
    /// not reveal that.
    pub(in crate::accounts) fn send_another_verification(
        &self,
        customer: &Customer,
        client: &Client,
        budgets: Vec<Budget>,
    ) {
        self.send_verification(customer, client, self.new_verification(None), budgets);
    }

    fn send_verification(
        &self,
        customer: &Customer,
        client: &Client,
        (link, Verification { hash, expires_at, .. }): (LinkId, Verification),
        budgets: Vec<Budget>,
    ) {
        let Some(mail) = self.mail(customer, MailKind::VerifyEmail(link, client.clone())) else { return };
        let (customers, limits, id) = (self.customers.clone(), self.limits.clone(), customer.id);
        self.background.spawn(async move {
            let renew = async { Ok(customers.renew_verification(id, hash, expires_at, &mail).await?) };
            let renewed = limited_later(limits, budgets, renew).await;
            // The customer was already sent enough mails.
            if let Err(error) = renewed
                && !matches!(error, Error::TooManyAttempts { .. })
            {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    customer = %id,
                    "a customer who is to verify their address gets no link"
                );
            }
        });
    }

    /// Returns a link to verify an address, and the pending verification for it.
    pub(in crate::accounts) fn new_verification(&self, ticket: Option<TicketHash>) -> (LinkId, Verification) {
        let link = LinkId::draw(&*self.randomness);
        (link, Verification { hash: link.hash(), expires_at: self.clock.now() + GOOD_FOR, ticket })
    }

    /// Returns a link for a mail that the browser with this ticket requested. Its code is valid there even if the
    /// account was created elsewhere.
    fn new_verification_for(&self, ticket: TicketHash) -> (LinkId, Verification) {
        // Up to 65.5 seconds at random, so that no two links of one ticket are the same.
        let mut millis = [0; 2];
        self.randomness.fill(&mut millis);
        let expires_at = self.clock.now() + GOOD_FOR + Duration::from_millis(u16::from_be_bytes(millis).into());
        let link = self.link_tokens.requested_by(ticket, expires_at);
        (link, Verification { hash: link.hash(), expires_at, ticket: None })
    }
}
