//! Verify an address: a person who signed up proves that they can read its mail, with a link or with the code beside
//! it.
//!
//! An attacker may have signed up with an address that is not theirs, and wait for its owner to open the link. So the
//! account stays as it was created only if the browser that verifies is the one that created it, or one that is signed
//! in to it. In any other browser, verification ends the password and the sessions of the account (ASVS 5.0, 2.3.1).
//! There, a code is valid only if the browser also signed up with the address and requested the mail.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::Caller,
            budgets::{codes::verification_code_budgets, link_budget},
            credential_event,
            error::{Error, unless_expired},
            link_token::{Code, LinkPurpose},
        },
        lifecycle::pending_signup::{PendingSignup, TicketHash},
        ports::{Verification, Verifying},
        sessions::session::{Client, Identity, SessionId, Tokens},
    },
    domain::{Customer, CustomerId, EmailAddress, Event, Field, FieldError, FieldErrors},
};

/// How long a link, its code, and the ticket of the browser are valid.
pub(in crate::accounts) const GOOD_FOR: Duration = Duration::from_hours(24);

/// The proof that a person can read the mail to an address.
pub enum EmailProof {
    /// The token of the link.
    Link(Zeroizing<String>),
    /// The code, typed in the browser that requested it.
    Code(Code),
}

/// The result for the person who verified an address.
#[derive(Debug)]
pub enum Verified {
    /// They signed up in this browser, and are signed in now.
    SignedIn(Customer, Box<Tokens>),
    /// They were already signed in.
    StillSignedIn(Customer),
    /// The account is theirs from now on, with a password that they choose with this token.
    Elsewhere { email: EmailAddress, reset: Zeroizing<String> },
}

impl Verified {
    /// Returns the address that was verified.
    #[must_use]
    pub fn email(&self) -> &EmailAddress {
        match self {
            Self::SignedIn(customer, _) | Self::StillSignedIn(customer) => &customer.email,
            Self::Elsewhere { email, .. } => email,
        }
    }
}

/// What a link does in the browser that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkView {
    /// Verifies the address.
    Verifies,
    /// Also ends the account's password and sessions.
    Reclaims,
    Expired,
}

/// How a browser is known to be of the person who created the account.
enum Origin {
    Ticket,
    Session,
    Elsewhere,
}

/// A customer with a pending verification.
struct Awaited {
    customer: Customer,
    verification: Verification,
}

impl Awaited {
    /// Returns how the caller is known to be the person who created this account.
    fn origin(&self, pending_signup: Option<&PendingSignup>, identity: Option<Identity>) -> Origin {
        let holds_ticket =
            || self.verification.ticket.is_some_and(|ticket| Some(ticket) == pending_signup.map(PendingSignup::ticket));
        match identity {
            Some(identity) if identity.session.customer == self.customer.id => Origin::Session,
            _ if holds_ticket() => Origin::Ticket,
            _ => Origin::Elsewhere,
        }
    }
}

impl Accounts {
    /// Verifies the address with the link or the code of a mail, and uses it up.
    ///
    /// # Errors
    /// `LinkExpired` for a token that is invalid, has expired or was used; `Invalid` for a wrong code;
    /// `Unauthenticated` for a code in a browser that did not request one; `TooManyAttempts`, or an error if a store or
    /// the password hasher does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn verify_email(
        &self,
        proof: EmailProof,
        caller: Caller,
        identity: Option<Identity>,
        replaced: Option<&str>,
    ) -> Result<Verified, Error> {
        let awaited = match proof {
            EmailProof::Link(token) => self.awaited_by_link(&token).await?,
            EmailProof::Code(code) => self.awaited_by_code(code, caller.pending_signup.as_ref(), identity).await?,
        };
        let origin = awaited.origin(caller.pending_signup.as_ref(), identity);
        let Awaited { customer, verification } = awaited;
        if let Origin::Elsewhere = origin {
            return self.reclaim(customer, verification, &caller.client).await;
        }
        if let Origin::Ticket = origin {
            return self.verify_in_browser(customer, verification, caller, replaced).await;
        }
        let (hash, now) = (verification.hash, self.clock.now());
        let verified = self.customers.verify_email(customer.id, hash, now, Verifying::InSession).await?;
        verified.ok_or(Error::LinkExpired)?;
        self.record_verification(&customer, &caller.client).await;
        Ok(Verified::StillSignedIn(Customer { verified: true, ..customer }))
    }

    /// Verifies the address in the browser in which the account was created, and signs its customer in there. Ends
    /// sessions from before addresses had to be verified: they may not be the customer's.
    async fn verify_in_browser(
        &self,
        customer: Customer,
        verification: Verification,
        caller: Caller,
        replaced: Option<&str>,
    ) -> Result<Verified, Error> {
        self.end_sessions_before_event(&customer, SessionId::NONE).await?;
        let customer = Customer { verified: true, epoch: customer.epoch.next(), ..customer };
        // The password was typed when the account was created, and not since, so sensitive actions ask for it again.
        // The session is created before the link is used up, so that a used link always leaves the customer with a
        // session.
        let tokens = self.create_session(&customer, &caller, customer.created_at).await?;
        let (hash, now) = (verification.hash, self.clock.now());
        let epoch = match self.customers.verify_email(customer.id, hash, now, Verifying::InBrowser).await {
            Ok(Some(epoch)) => epoch,
            failed => {
                self.end_old(tokens.refresh.session()).await;
                failed?;
                return Err(Error::LinkExpired);
            }
        };
        // The new session already has this epoch.
        let event = credential_event::Event { customer: customer.id, epoch, kept: None };
        self.end_sessions_after_event(event).await;
        self.record_verification(&customer, &caller.client).await;
        self.record_proof(&customer, Event::LoggedIn, &caller, &tokens).await;
        self.end_replaced(replaced).await;
        Ok(Verified::SignedIn(customer, tokens.into()))
    }

    /// Returns what the link of this token does. Does not use it up.
    ///
    /// # Errors
    /// If the store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn look_at_link(
        &self,
        token: &str,
        pending_signup: Option<&PendingSignup>,
        identity: Option<Identity>,
    ) -> Result<LinkView, Error> {
        let awaited = unless_expired(self.awaited_by_link(token).await)?;
        Ok(match awaited.map(|awaited| awaited.origin(pending_signup, identity)) {
            None => LinkView::Expired,
            Some(Origin::Elsewhere) => LinkView::Reclaims,
            Some(Origin::Ticket | Origin::Session) => LinkView::Verifies,
        })
    }

    /// Verifies the address for its owner, who may not be the person who created the account. Ends the access of that
    /// person.
    async fn reclaim(
        &self,
        customer: Customer,
        verification: Verification,
        client: &Client,
    ) -> Result<Verified, Error> {
        self.limited(vec![link_budget(&customer)], self.give_to_owner(customer, verification, client)).await
    }

    async fn give_to_owner(
        &self,
        customer: Customer,
        verification: Verification,
        client: &Client,
    ) -> Result<Verified, Error> {
        let unknown = self.hash_of_unknown_password().await?;
        let (link, reset) = self.new_reset();
        let (id, now) = (customer.id, self.clock.now());
        self.end_sessions_before_event(&customer, SessionId::NONE).await?;
        let verifying = Verifying::Elsewhere { password: &unknown, reset: &reset };
        let verified = self.customers.verify_email(id, verification.hash, now, verifying).await?;
        let epoch = verified.ok_or(Error::LinkExpired)?;
        self.end_sessions_after_event(credential_event::Event { customer: id, epoch, kept: None }).await;
        self.record_verification(&customer, client).await;
        let reset = self.link_tokens.write(LinkPurpose::ResetPassword, customer.id, &customer.email, link);
        Ok(Verified::Elsewhere { email: customer.email, reset })
    }

    async fn awaited_by_link(&self, token: &str) -> Result<Awaited, Error> {
        let (customer, link) = self.customer_of_link(token, LinkPurpose::VerifyEmail).await?;
        let awaited = self.awaited(customer).await?;
        awaited.filter(|awaited| awaited.verification.hash == link.hash()).ok_or(Error::LinkExpired)
    }

    /// Returns the customer whose mail has this code. A code is short, so it is valid only where the account was
    /// created or the mail was requested. Wrong codes are counted, whether the address has an account or not.
    async fn awaited_by_code(
        &self,
        code: Code,
        pending_signup: Option<&PendingSignup>,
        identity: Option<Identity>,
    ) -> Result<Awaited, Error> {
        let signed_in = self.signed_in(identity).await?;
        let email = pending_signup.map(|known| &known.email).or(signed_in.as_ref().map(|customer| &customer.email));
        let email = email.cloned().ok_or(Error::Unauthenticated)?;
        // The sign-up of another address in this browser must not use up attempts of the signed-in customer.
        let customer = signed_in.filter(|customer| customer.email == email);
        let budgets = verification_code_budgets(pending_signup, customer.as_ref());
        self.limited(budgets, self.awaited_by_code_for(&email, code, pending_signup, identity)).await
    }

    /// Returns the customer of this session, or `None` if it has ended.
    async fn signed_in(&self, identity: Option<Identity>) -> Result<Option<Customer>, Error> {
        let Some(identity) = identity else { return Ok(None) };
        match self.profile(identity).await {
            Err(Error::Unauthenticated) => Ok(None),
            profile => profile.map(Some),
        }
    }

    async fn awaited_by_code_for(
        &self,
        email: &EmailAddress,
        code: Code,
        pending_signup: Option<&PendingSignup>,
        identity: Option<Identity>,
    ) -> Result<Awaited, Error> {
        let awaited = if let Some(customer) = self.customers.find_by_email(email).await? {
            self.awaited(customer).await?
        } else {
            // The same work as for a customer, so that the time does not reveal whether there is one.
            self.customers.address(CustomerId::NOBODY).await?;
            None
        };
        let is_right = |awaited: &Awaited| {
            let Awaited { customer, verification } = awaited;
            self.link_tokens.is_code(customer.id, &customer.email, verification.hash, code)
                && (!matches!(awaited.origin(pending_signup, identity), Origin::Elsewhere)
                    || pending_signup.is_some_and(|known| self.was_requested_by(known.ticket(), verification)))
        };
        awaited.filter(is_right).ok_or(Error::Invalid(FieldErrors::one(Field::Code, FieldError::Wrong)))
    }

    /// Returns true if the browser with this ticket requested the mail.
    fn was_requested_by(&self, ticket: TicketHash, verification: &Verification) -> bool {
        self.link_tokens.is_requested_by(ticket, verification.expires_at, verification.hash)
    }

    /// Returns the customer with their pending verification, if any. Disabled customers have none: it would let them
    /// in.
    async fn awaited(&self, customer: Customer) -> Result<Option<Awaited>, Error> {
        let verification = self.customers.address(customer.id).await?.verification;
        let verification = verification.filter(|awaited| !customer.disabled && self.clock.now() < awaited.expires_at);
        Ok(verification.map(|verification| Awaited { customer, verification }))
    }

    async fn record_verification(&self, customer: &Customer, client: &Client) {
        self.record(customer.id, Event::EmailVerified, Some(client)).await;
        tracing::info!(event = "email_verified", customer = %customer.id, "a customer verified their address");
    }
}
