//! Change the address: whoever is signed in names another, and shows that they can read its mail; the old one is told.
//!
//! Until then the old one counts, and what is proposed can be replaced or withdrawn. Whether the new one belongs to another
//! customer is told to nobody but its owner.

use std::time::Duration;

use zeroize::Zeroizing;

use super::{
    Accounts, Client, Code, Error, Identity, Letter, LinkId, LinkPurpose, LinkTokens,
    error::unless_expired,
    ports::{Address, EmailChange, FormerEmail},
    secure_account,
};
use crate::domain::{Customer, CustomerId, EmailAddress, Event, Field, FieldError, FieldErrors};

/// For how long a link and its code are good.
const GOOD_FOR: Duration = Duration::from_hours(24);

/// What shows that somebody can read the mail to the address that they proposed.
pub enum ChangeProof {
    /// The token of the link, wherever it is followed.
    Link(Zeroizing<String>),
    /// The code, typed by whoever is signed in.
    Code(Identity, Code),
}

/// An address that a customer proposed.
struct Proposal {
    customer: Customer,
    change: EmailChange,
    /// The one that they had before.
    former: Option<FormerEmail>,
}

impl Accounts {
    /// Proposes another address, in the place of one that was proposed before.
    ///
    /// # Errors
    /// `NotFound` where the shop sends no mail, `ConfirmationRequired`, `Invalid` for the address that the customer has,
    /// `TooManyAttempts`, or that a store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn propose_email(&self, identity: Identity, email: EmailAddress, client: &Client) -> Result<(), Error> {
        if !self.sends_mail() {
            return Err(Error::NotFound);
        }
        self.require_recent_proof(identity).await?;
        let customer = self.profile(identity).await?;
        if email == customer.email {
            return Err(Error::Invalid(FieldErrors::one(Field::Email, FieldError::Unchanged)));
        }
        self.reserve_resend(&email, client).await?;
        let link = LinkId::draw(&*self.randomness);
        let letter = match self.customers.find_by_email(&email).await? {
            Some(_) => Letter::AddressTaken(client.clone()),
            None => Letter::ChangeEmail(link, client.clone()),
        };
        let expires_at = self.clock.now() + GOOD_FOR;
        let change = EmailChange { email: email.clone(), hash: link.hash(), expires_at, session: identity.session.id };
        if let Some(mail) = self.mail(&Customer { email, ..customer }, letter) {
            self.customers.propose_email(mail.customer, &change, &mail).await?;
        }
        self.record(identity.session.customer, Event::EmailChangeAsked, Some(client)).await;
        Ok(())
    }

    /// The address that the customer proposed, if it is still to be shown that it is theirs.
    ///
    /// # Errors
    /// That the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn proposed_email(&self, identity: Identity) -> Result<Option<EmailAddress>, Error> {
        Ok(self.awaited_change(identity.session.customer).await?.map(|(change, _)| change.email))
    }

    /// Forgets the address that was proposed, if any was.
    ///
    /// # Errors
    /// That the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn withdraw_email(&self, identity: Identity) -> Result<(), Error> {
        Ok(self.customers.withdraw_email(identity.session.customer).await?)
    }

    /// Whether the link of this token would change an address. It is not used up by being looked at.
    ///
    /// # Errors
    /// That the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn may_change_email(&self, token: &str) -> Result<bool, Error> {
        Ok(unless_expired(self.change_by_link(token).await)?.is_some())
    }

    /// Has the address that was proposed count from now on. Every session ends but the one that proposed it (ASVS 5.0,
    /// 7.4.3), and the old address is told.
    ///
    /// # Errors
    /// `LinkExpired` for a token that is not good, or no longer; `Invalid` for another code than that of the mail;
    /// `EmailTaken`, `TooManyAttempts`, or that something cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_email(&self, proof: ChangeProof, client: &Client) -> Result<(), Error> {
        let Proposal { customer, change, former } = match proof {
            ChangeProof::Link(token) => self.change_by_link(&token).await?,
            ChangeProof::Code(identity, code) => self.change_by_code(identity, code).await?,
        };
        let now = self.clock.now();
        // The address that the customer had before this one may be theirs as well; the oldest is the one to return to.
        let former = former
            .filter(|former| now < former.until)
            .unwrap_or_else(|| FormerEmail { email: customer.email.clone(), until: now + secure_account::GOOD_FOR });
        let mail = self.mail(&customer, Letter::EmailChanged(client.clone()));
        // Before, so that a store which cannot do it leaves the link good; and after, for whoever logged in meanwhile.
        self.end_all_but(customer.id, change.session).await?;
        if !self.customers.change_email(&customer, &change, now, &former, mail.as_ref()).await? {
            return Err(Error::LinkExpired);
        }
        self.end_all_but(customer.id, change.session).await?;
        self.record(customer.id, Event::EmailChanged, Some(client)).await;
        tracing::info!(event = "email_changed", customer = %customer.id, "a customer changed their address");
        Ok(())
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
        let proposal = self.proposal(identity.session.customer).await?.ok_or_else(wrong)?;
        let Proposal { customer, change, .. } = &proposal;
        self.reserve_code(&change.email).await?;
        let is_right = self.link_tokens.is_code(customer.id, &change.email, change.hash, code);
        is_right.then_some(proposal).ok_or_else(wrong)
    }

    async fn proposal(&self, id: CustomerId) -> Result<Option<Proposal>, Error> {
        let Some((change, former)) = self.awaited_change(id).await? else { return Ok(None) };
        Ok(self.customers.find(id).await?.map(|customer| Proposal { customer, change, former }))
    }

    /// What the customer proposed, as long as that is good, and the address that they had before.
    async fn awaited_change(&self, id: CustomerId) -> Result<Option<(EmailChange, Option<FormerEmail>)>, Error> {
        let Address { change, former, .. } = self.customers.address(id).await?;
        Ok(change.filter(|change| self.clock.now() < change.expires_at).map(|change| (change, former)))
    }
}
