//! Verify an address: whoever signed up shows that they can read its mail, by a link or by the code beside it.
//!
//! Somebody may have signed up with an address that is not theirs, and wait for its owner to open the link. So the account
//! stays as it was made only where the browser that made it is the one that verifies, or one that is signed in to it;
//! everywhere else its password and its sessions end with the verification (ASVS 5.0, 2.3.1).

use std::{future::ready, time::Duration};

use zeroize::Zeroizing;

use super::{
    Accounts, Caller, Client, Code, Error, Identity, Letter, LinkId, LinkPurpose, Newcomer, TicketHash, Tokens,
    error::unless_expired, ports::Verification,
};
use crate::domain::{Customer, EmailAddress, Event, Field, FieldError, FieldErrors};

/// For how long a link, its code, and the ticket of the browser are good.
pub(super) const GOOD_FOR: Duration = Duration::from_hours(24);

/// What shows that somebody can read the mail to an address.
pub enum EmailProof {
    /// The token of the link.
    Link(Zeroizing<String>),
    /// The code, typed in the browser that it was asked for in.
    Code(Code),
}

/// What became of the one who verified an address.
#[derive(Debug)]
pub enum Verified {
    /// They signed up in this browser, and are signed in now.
    SignedIn(Customer, Box<Tokens>),
    /// They were signed in already.
    StillSignedIn(Customer),
    /// The account is theirs from now on, by a password that they choose with this token.
    Elsewhere { reset: Zeroizing<String> },
}

/// What a link will do in the browser that looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkView {
    /// Verify the address.
    Verifies,
    /// That, and end the account's password and sessions.
    Reclaims,
    Expired,
}

/// By what a browser is known to be of those who made the account.
enum Origin {
    Ticket,
    Session,
    Elsewhere,
}

/// A customer who has yet to verify their address.
struct Awaited {
    customer: Customer,
    verification: Verification,
}

impl Awaited {
    /// Whether the one who asks made this account.
    fn origin(&self, newcomer: Option<&Newcomer>, identity: Option<Identity>) -> Origin {
        let holds_ticket =
            || self.verification.ticket.is_some_and(|ticket| Some(ticket) == newcomer.map(Newcomer::ticket));
        match identity {
            Some(identity) if identity.session.customer == self.customer.id => Origin::Session,
            _ if holds_ticket() => Origin::Ticket,
            _ => Origin::Elsewhere,
        }
    }
}

impl Accounts {
    /// Verifies the address by the link or the code of a mail, which is used up by it.
    ///
    /// # Errors
    /// `LinkExpired` for a token that is not good, or no longer; `Invalid` for another code than that of the mail;
    /// `Unauthenticated` for a code in a browser that did not ask for one; `TooManyAttempts`, or that something cannot
    /// answer.
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
            EmailProof::Code(code) => self.awaited_by_code(code, caller.newcomer.as_ref(), identity).await?,
        };
        let origin = awaited.origin(caller.newcomer.as_ref(), identity);
        let Awaited { customer, verification } = awaited;
        if let Origin::Elsewhere = origin {
            return self.reclaim(customer, verification, &caller.client).await;
        }
        if let Origin::Ticket = origin {
            // Whoever is signed in was so before addresses had to be verified, and is not known to be the one who verifies
            // it. Before, so that a store which cannot do it leaves the link good; nobody can log in meanwhile.
            self.end_everything(customer.id).await?;
        }
        if !self.customers.verify_email(customer.id, verification.hash, self.clock.now(), None).await? {
            return Err(Error::LinkExpired);
        }
        self.record_verification(&customer, &caller.client).await;
        let customer = Customer { verified: true, ..customer };
        if let Origin::Session = origin {
            return Ok(Verified::StillSignedIn(customer));
        }
        // The password was typed when the account was made, and not since: sensitive things ask for it again.
        let tokens = self.start_session(&customer, &caller, customer.created_at).await?;
        self.record_proof(customer.id, Event::LoggedIn, &caller, &tokens).await;
        self.end_replaced(replaced).await;
        Ok(Verified::SignedIn(customer, tokens.into()))
    }

    /// What the link of this token will do. It is not used up by being looked at.
    ///
    /// # Errors
    /// That the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn look_at_link(
        &self,
        token: &str,
        newcomer: Option<&Newcomer>,
        identity: Option<Identity>,
    ) -> Result<LinkView, Error> {
        let awaited = unless_expired(self.awaited_by_link(token).await)?;
        Ok(match awaited.map(|awaited| awaited.origin(newcomer, identity)) {
            None => LinkView::Expired,
            Some(Origin::Elsewhere) => LinkView::Reclaims,
            Some(Origin::Ticket | Origin::Session) => LinkView::Verifies,
        })
    }

    /// Sends another link, and voids the one before: to `email`, or to the address of the browser's sign-up, or to that of the
    /// customer who is signed in. Whether there is such an account, and one that waits for it, is nobody's business.
    ///
    /// # Errors
    /// `NotFound` where the shop sends no mail, `Unauthenticated` where it is not known to whom, `TooManyAttempts`, or that
    /// a store cannot answer.
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
        let email = match (email.or_else(|| caller.newcomer.as_ref().map(|known| known.email.clone())), identity) {
            (Some(email), _) => email,
            (None, Some(identity)) => self.profile(identity).await?.email,
            (None, None) => return Err(Error::Unauthenticated),
        };
        self.reserve_resend(&email, &caller.client).await?;
        if let Some(customer) = self.customers.find_by_email(&email).await?.filter(|customer| !customer.verified) {
            self.send_verification_anew(&customer, &caller.client, ready(Ok(())));
        }
        Ok(())
    }

    /// Sends another link, once it is `allowed`, while nobody waits: only somebody who exists is written anything, and the
    /// time of an answer must not tell that.
    pub(super) fn send_verification_anew(
        &self,
        customer: &Customer,
        client: &Client,
        allowed: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) {
        let (link, Verification { hash, expires_at, .. }) = self.new_verification(None);
        let Some(mail) = self.mail(customer, Letter::VerifyEmail(link, client.clone())) else { return };
        let (customers, id) = (self.customers.clone(), customer.id);
        self.background.spawn(async move {
            let renewed = match allowed.await {
                Ok(()) => customers.renew_verification(id, hash, expires_at, &mail).await.map_err(Error::from),
                // Whoever asks again and again has mail enough.
                Err(Error::TooManyAttempts { .. }) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = renewed {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    customer = %id,
                    "a customer who is to verify their address gets no link"
                );
            }
        });
    }

    /// A link to verify an address, and what is to be awaited of it.
    pub(super) fn new_verification(&self, ticket: Option<TicketHash>) -> (LinkId, Verification) {
        let link = LinkId::draw(&*self.randomness);
        (link, Verification { hash: link.hash(), expires_at: self.clock.now() + GOOD_FOR, ticket })
    }

    /// Verifies the address for its owner, who is not known to be the one that made the account: what that one has of it
    /// ends.
    async fn reclaim(
        &self,
        customer: Customer,
        verification: Verification,
        client: &Client,
    ) -> Result<Verified, Error> {
        let unknown = self.password_of_nobody().await?;
        let (link, reset) = self.new_reset();
        let now = self.clock.now();
        self.end_everything(customer.id).await?;
        let anew = Some((&unknown, &reset));
        if !self.customers.verify_email(customer.id, verification.hash, now, anew).await? {
            return Err(Error::LinkExpired);
        }
        // For whoever logged in with the old password in between.
        self.end_everything(customer.id).await?;
        self.record_verification(&customer, client).await;
        let reset = self.link_tokens.write(LinkPurpose::ResetPassword, customer.id, &customer.email, link);
        Ok(Verified::Elsewhere { reset })
    }

    async fn awaited_by_link(&self, token: &str) -> Result<Awaited, Error> {
        let (customer, link) = self.customer_of_link(token, LinkPurpose::VerifyEmail).await?;
        let awaited = self.awaited(customer).await?;
        awaited.filter(|awaited| awaited.verification.hash == link.hash()).ok_or(Error::LinkExpired)
    }

    /// A code is short, so it is good for the one who asked for it alone, and wrong ones are counted: for an address that has
    /// no account as for one that has.
    async fn awaited_by_code(
        &self,
        code: Code,
        newcomer: Option<&Newcomer>,
        identity: Option<Identity>,
    ) -> Result<Awaited, Error> {
        let email = match (newcomer, identity) {
            (Some(newcomer), _) => newcomer.email.clone(),
            (None, Some(identity)) => self.profile(identity).await?.email,
            (None, None) => return Err(Error::Unauthenticated),
        };
        self.reserve_code(&email).await?;
        let awaited = match self.customers.find_by_email(&email).await? {
            Some(customer) => self.awaited(customer).await?,
            None => None,
        };
        let is_right = |awaited: &Awaited| {
            let Awaited { customer, verification } = awaited;
            self.link_tokens.code(customer.id, &customer.email, verification.hash) == code
                && !matches!(awaited.origin(newcomer, identity), Origin::Elsewhere)
        };
        awaited.filter(is_right).ok_or(Error::Invalid(FieldErrors::one(Field::Code, FieldError::Wrong)))
    }

    /// The customer with what is awaited of them now, if anything is. Of who is disabled nothing is: it would let them in.
    async fn awaited(&self, customer: Customer) -> Result<Option<Awaited>, Error> {
        if customer.disabled {
            return Ok(None);
        }
        let verification = self.customers.address(customer.id).await?.verification;
        let verification = verification.filter(|awaited| self.clock.now() < awaited.expires_at);
        Ok(verification.map(|verification| Awaited { customer, verification }))
    }

    async fn record_verification(&self, customer: &Customer, client: &Client) {
        self.record(customer.id, Event::EmailVerified, Some(client)).await;
        tracing::info!(event = "email_verified", customer = %customer.id, "a customer verified their address");
    }
}
