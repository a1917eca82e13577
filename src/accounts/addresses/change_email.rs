//! Change email: a signed-in customer proposes another address, and proves that they can read its mail.
//!
//! A proposal can be completed only in the session that made it. It is void once that session has ended, or after any
//! credential event. Otherwise a thief could keep a link to take over the account later, and a link that arrives
//! unrequested could give a person an account that its creator can take back. A link that is opened elsewhere shows the
//! code to type in the session that requested the change. The current address is notified at once, and again when the
//! change is completed.

use std::time::Duration;

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    accounts::{
        addresses::former_emails::FormerEmails,
        core::{
            accounts::Accounts,
            browser::BrowserCookie,
            budgets::codes::change_code_budgets,
            error::{Error, unless_expired},
            link_token::{Code, LinkId, LinkPurpose, LinkTokens},
        },
        mail::message::MailKind,
        ports::{Address, AddressError, EmailChange},
        sessions::session::{Client, Identity, SessionKey},
    },
    domain::{Customer, CustomerId, EmailAddress, Event, Field, FieldError, FieldErrors},
};

/// How long a link and its code are valid.
const GOOD_FOR: Duration = Duration::from_hours(24);

/// The proof that a customer can read the mail to the address that they proposed.
pub enum ChangeProof {
    /// The token of the link.
    Link(Zeroizing<String>),
    /// The code in the same mail.
    Code(Code),
}

/// What a link of a change does in the browser that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeLink {
    /// Completes the change: this session requested it.
    Completes,
    /// Shows the code to type in the session that requested the change.
    Elsewhere(Code),
}

/// An address that a customer proposed, and where the change to it can be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedEmail {
    pub email: EmailAddress,
    /// True in the session that made the proposal, which alone can complete the change.
    pub by_this_session: bool,
}

/// An address that a customer proposed.
struct Proposal {
    customer: Customer,
    change: EmailChange,
    /// The addresses that the customer had before.
    former: FormerEmails,
    secured_at: Option<OffsetDateTime>,
}

impl Proposal {
    /// Returns the proposal, or `LinkExpired` if another session made it.
    fn asked_by(self, identity: Identity) -> Result<Self, Error> {
        let asked = SessionKey { customer: self.customer.id, id: self.change.session };
        if identity.session == asked { Ok(self) } else { Err(Error::LinkExpired) }
    }
}

impl Accounts {
    /// Proposes another address, instead of an earlier proposal, and notifies the current address.
    ///
    /// # Errors
    /// `NotFound` if the shop sends no mail, `ConfirmationRequired`, `Invalid` for the customer's current address,
    /// `TooManyAttempts`, `Unauthenticated`, or an error if a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn propose_email(&self, identity: Identity, email: EmailAddress, client: &Client) -> Result<(), Error> {
        if !self.sends_mail() {
            return Err(Error::NotFound);
        }
        let customer = self.recently_proven(identity).await?;
        if email == customer.email {
            return Err(Error::Invalid(FieldErrors::one(Field::Email, FieldError::Unchanged)));
        }
        let budgets = self.proposal_budgets(customer.id, &email, client).await?;
        self.limited(budgets, self.send_proposal(identity, customer, email, client)).await
    }

    async fn send_proposal(
        &self,
        identity: Identity,
        customer: Customer,
        email: EmailAddress,
        client: &Client,
    ) -> Result<(), Error> {
        let link = LinkId::draw(&*self.randomness);
        let letter = match self.holder(&email).await? {
            Some(_) => MailKind::AddressTaken(client.clone()),
            None => MailKind::ChangeEmail(link, client.clone()),
        };
        let expires_at = self.clock.now() + GOOD_FOR;
        let change = EmailChange { email: email.clone(), hash: link.hash(), expires_at, session: identity.session.id };
        let notice = match self.mail(&customer, MailKind::EmailChangeProposed(client.clone())) {
            Some(mail) if self.reserve_proposal_notice(&customer).await => Some(mail),
            _ => None,
        };
        let to_new = self.mail(&Customer { email, ..customer.clone() }, letter);
        let mails: Vec<_> = to_new.into_iter().chain(notice).collect();
        if !self.customers.propose_email(&customer, &change, &mails).await? {
            // A credential event happened in between.
            return Err(Error::Unauthenticated);
        }
        self.record(customer.id, Event::EmailChangeAsked, Some(client)).await;
        tracing::info!(event = "email_change_asked", customer = %customer.id, "a new address was proposed");
        Ok(())
    }

    /// Returns the account with this address, unless it gives way to a customer who can read the mail to it: its
    /// sign-up is pending. Without a ticket it is in use: it was created while the shop did not require verified
    /// addresses.
    async fn holder(&self, email: &EmailAddress) -> Result<Option<Customer>, Error> {
        let holder = self.customers.find_by_email(email).await?;
        // Read in each case, so that none takes longer.
        let address = self.customers.address(holder.as_ref().map_or(CustomerId::NOBODY, |holder| holder.id)).await?;
        let is_pending = address.verification.is_some_and(|awaited| awaited.ticket.is_some());
        Ok(holder.filter(|holder| !(self.requires_verified_email && is_pending) || holder.disabled))
    }

    /// Removes the account with this address if it gives way to a person who can read the mail to it. Returns true if
    /// it was removed.
    pub(in crate::accounts) async fn make_way(&self, email: &EmailAddress) -> Result<bool, Error> {
        let removed = self.customers.remove_unverified(email).await?;
        if let Some(customer) = removed {
            tracing::info!(event = "unverified_removed", %customer, "an unverified account gave its address to its owner");
        }
        Ok(removed.is_some())
    }

    /// Fails with `EmailTaken` if an account of another customer has the address and does not give way.
    async fn require_free(&self, email: &EmailAddress, id: CustomerId) -> Result<(), Error> {
        match self.holder(email).await? {
            Some(taken) if taken.id != id => Err(Error::EmailTaken),
            _ => Ok(()),
        }
    }

    /// Returns the address that the customer proposed, if the change can still be completed.
    ///
    /// # Errors
    /// If a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn proposed_email(&self, identity: Identity) -> Result<Option<ProposedEmail>, Error> {
        let awaited = self.awaited_change(identity.session.customer).await?;
        Ok(awaited.and_then(|address| address.change).map(|EmailChange { email, session, .. }| ProposedEmail {
            email,
            by_this_session: session == identity.session.id,
        }))
    }

    /// Withdraws the proposed address, if any.
    ///
    /// # Errors
    /// If a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn withdraw_email(&self, identity: Identity, client: &Client) -> Result<(), Error> {
        let customer = identity.session.customer;
        let is_proposed = self.customers.address(customer).await?.change.is_some();
        self.customers.withdraw_email(customer).await?;
        if is_proposed {
            self.record(customer, Event::EmailChangeCancelled, Some(client)).await;
            tracing::info!(event = "email_change_cancelled", %customer, "a customer withdrew a proposed address");
        }
        Ok(())
    }

    /// Returns what the link of this token does in this browser, or `None` if it is invalid or was used. Does not use
    /// it up.
    ///
    /// # Errors
    /// If a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn look_at_change(&self, token: &str, identity: Option<Identity>) -> Result<Option<ChangeLink>, Error> {
        let Some(Proposal { customer, change, .. }) = unless_expired(self.change_by_link(token).await)? else {
            return Ok(None);
        };
        let asked = SessionKey { customer: customer.id, id: change.session };
        Ok(Some(if identity.is_some_and(|identity| identity.session == asked) {
            ChangeLink::Completes
        } else {
            ChangeLink::Elsewhere(self.link_tokens.code(customer.id, &change.email, change.hash))
        }))
    }

    /// Gives the customer the proposed address, in the session that proposed it. Ends every other session (ASVS 5.0,
    /// 7.4.3), and notifies the previous address. Returns the cookie of the session's browser, which gets a new id.
    ///
    /// # Errors
    /// `LinkExpired` for a token that is invalid or was used, or a proposal of another session; `Invalid` for a wrong
    /// code; `EmailTaken`, `TooManyAttempts`, or an error if a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_email(
        &self,
        identity: Identity,
        proof: ChangeProof,
        client: &Client,
    ) -> Result<BrowserCookie, Error> {
        let proposal = match proof {
            ChangeProof::Link(token) => self.change_by_link(&token).await?.asked_by(identity)?,
            ChangeProof::Code(code) => self.change_by_code(identity, code).await?,
        };
        let Proposal { customer, change, former, secured_at } = proposal;
        let now = self.clock.now();
        let former = former.replaced(customer.email.clone(), secured_at, now);
        // Before any session ends: a change that cannot happen must leave everything as it was.
        self.require_free(&change.email, customer.id).await?;
        // Never limited: its link is the owner's way to undo a theft.
        let mail = self.mail(&customer, MailKind::EmailChanged(client.clone()));
        self.end_sessions_before_event(&customer, change.session).await?;
        let mut changed = self.customers.change_email(&customer, &change, now, &former, mail.as_ref()).await;
        if let Err(AddressError::EmailTaken) = changed
            && self.requires_verified_email
            && self.make_way(&change.email).await?
        {
            changed = self.customers.change_email(&customer, &change, now, &former, mail.as_ref()).await;
        }
        if let Err(AddressError::EmailTaken) = changed {
            // Taken since the check. Withdrawn, since every attempt ends the customer's other sessions.
            self.customers.withdraw_email(customer.id).await?;
        }
        let epoch = changed?.ok_or(Error::LinkExpired)?;
        let browser = self.keep_session(identity.session, epoch).await;
        self.record(customer.id, Event::EmailChanged, Some(client)).await;
        tracing::info!(event = "email_changed", customer = %customer.id, "email changed");
        Ok(browser)
    }

    async fn change_by_link(&self, token: &str) -> Result<Proposal, Error> {
        let shown = LinkTokens::parse(token).ok_or(Error::LinkExpired)?;
        let proposal = self.proposal(shown.customer).await?.ok_or(Error::LinkExpired)?;
        let is_ours = self.link_tokens.made(&shown, LinkPurpose::ChangeEmail, &proposal.change.email);
        let is_awaited = is_ours && shown.id.hash() == proposal.change.hash;
        is_awaited.then_some(proposal).ok_or(Error::LinkExpired)
    }

    async fn change_by_code(&self, identity: Identity, code: Code) -> Result<Proposal, Error> {
        let wrong = || Error::Invalid(FieldErrors::one(Field::Code, FieldError::Wrong));
        // Before it is counted: another session of the customer can neither complete the change nor use up its
        // attempts.
        let proposal = self.proposal(identity.session.customer).await?.ok_or_else(wrong)?.asked_by(identity)?;
        let budgets = change_code_budgets(proposal.customer.id, &proposal.change.email);
        let compare = async {
            let Proposal { customer, change, .. } = &proposal;
            let is_right = self.link_tokens.is_code(customer.id, &change.email, change.hash, code);
            is_right.then_some(()).ok_or_else(wrong)
        };
        self.limited(budgets, compare).await?;
        Ok(proposal)
    }

    async fn proposal(&self, id: CustomerId) -> Result<Option<Proposal>, Error> {
        let Some(Address { change: Some(change), former, secured_at, .. }) = self.awaited_change(id).await? else {
            return Ok(None);
        };
        Ok(self.customers.find(id).await?.map(|customer| Proposal { customer, change, former, secured_at }))
    }

    /// Returns the state of the customer's address, if it has a proposal that can be completed.
    async fn awaited_change(&self, id: CustomerId) -> Result<Option<Address>, Error> {
        let address = self.customers.address(id).await?;
        let now = self.clock.now();
        let Some(change) = address.change.as_ref().filter(|change| now < change.expires_at) else { return Ok(None) };
        let asked = SessionKey { customer: id, id: change.session };
        Ok(self.sessions.is_live(asked, now).await?.then_some(address))
    }
}
