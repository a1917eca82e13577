//! Secure an account: "this was not me", with the link of a notice. Ends every session and the password, reverts a
//! changed address, and blocks the account until a new password is chosen by mail.
//!
//! The tokens of these links are not stored. They prove when they were written, and for which address.

use crate::{
    accounts::{
        addresses::former_emails::{FormerEmail, UNDO_FOR},
        core::{
            accounts::Accounts,
            budgets::link_budget,
            credential_event,
            error::{Error, unless_expired},
            link_token::{LinkPurpose, LinkTokens},
        },
        mail::message::{Mail, MailKind},
        ports::{AddressError, Notified, Securing},
        sessions::session::{Client, SessionId},
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Event},
};

/// How often securing is tried, if other changes of the address happen in between.
const RETRIES: usize = 3;

/// What the link of a notice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLink {
    /// Secures the account.
    Secures,
    /// Nothing yet: another account has the address that the account would return to.
    AddressTaken,
    /// Nothing: it is invalid, has expired or was used.
    Expired,
}

impl Accounts {
    /// Returns what the link of this token does. Does not use it up.
    ///
    /// # Errors
    /// If the store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn look_at_notice(&self, token: &str) -> Result<NoticeLink, Error> {
        // Without mail, no new password could be chosen.
        let found = if self.sends_mail() { unless_expired(self.notified(token).await)? } else { None };
        let Some((customer, _)) = found else { return Ok(NoticeLink::Expired) };
        Ok(if self.may_have_address(&customer).await? { NoticeLink::Secures } else { NoticeLink::AddressTaken })
    }

    /// Secures the account with the token of a notice's link, and sends a link to choose a new password.
    ///
    /// # Errors
    /// `LinkExpired` for a token that is invalid, has expired or was used; `EmailTaken` if another customer now has the
    /// address to return to; `TooManyAttempts`; `Contended`; or an error if a store or the password hasher does not
    /// answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn secure_account(&self, token: &str, client: &Client) -> Result<(), Error> {
        // Before any session ends and a password is hashed: a link that secures nothing can be used again.
        let (customer, _) = self.securable(token).await?;
        self.limited(vec![link_budget(&customer)], self.secure_securable(token, client)).await
    }

    async fn secure_securable(&self, token: &str, client: &Client) -> Result<(), Error> {
        let (id, epoch) = self.secure_by(token, client).await?;
        self.end_sessions_after_event(credential_event::Event { customer: id, epoch, kept: None }).await;
        self.record(id, Event::AccountSecured, Some(client)).await;
        tracing::warn!(event = "account_secured", customer = %id, "account secured: the customer says it was not them");
        Ok(())
    }

    /// Secures the account in one write. A thief may change it at the same moment; then it is read again.
    async fn secure_by(&self, token: &str, client: &Client) -> Result<(CustomerId, CredentialEpoch), Error> {
        // Hashed once, before the account is read: a thief must not have that much time for a change in between.
        let password = self.hash_of_unknown_password().await?;
        for _ in 0..RETRIES {
            let (customer, by) = self.securable(token).await?;
            let (link, reset) = self.new_reset();
            // To the address that got the notice, which is the account's from now on.
            let Some(mail) = self.mail(&customer, MailKind::AccountSecured(link, client.clone())) else {
                return Err(Error::LinkExpired);
            };
            let replaced = match &by {
                Notified::Before { replaced, .. } => Some(Customer { email: replaced.clone(), ..customer.clone() }),
                Notified::AtPresent { .. } => None,
            };
            let notice = replaced.and_then(|to| self.mail(&to, MailKind::EmailChangeUndone(client.clone())));
            let mails: Vec<_> = [mail].into_iter().chain(notice).collect();
            let securing = Securing { customer: &customer, by, password: &password, reset, now: self.clock.now() };
            self.end_sessions_before_event(&customer, SessionId::NONE).await?;
            if let Some(epoch) = self.secure(&securing, &mails).await? {
                return Ok((customer.id, epoch));
            }
        }
        // The link is valid: otherwise it would have been refused above.
        Err(Error::Contended)
    }

    /// Returns the customer whose account the link of this token secures.
    async fn securable(&self, token: &str) -> Result<(Customer, Notified), Error> {
        let found = self.notified(token).await?;
        if self.may_have_address(&found.0).await? { Ok(found) } else { Err(Error::EmailTaken) }
    }

    /// Returns true if no other account keeps the customer from this address. An enabled account with an
    /// unverified address gives way.
    async fn may_have_address(&self, customer: &Customer) -> Result<bool, Error> {
        let holder = self.customers.find_by_email(&customer.email).await?;
        Ok(holder.is_none_or(|holder| holder.id == customer.id || !(holder.verified || holder.disabled)))
    }

    /// Writes the change. A thief may have signed up with the former address to block its return. An account with an
    /// unverified address gives way.
    async fn secure(&self, securing: &Securing<'_>, mails: &[Mail]) -> Result<Option<CredentialEpoch>, Error> {
        let mut secured = self.customers.secure(securing, mails).await;
        if let Err(AddressError::EmailTaken) = secured
            && self.make_way(&securing.customer.email).await?
        {
            secured = self.customers.secure(securing, mails).await;
        }
        Ok(secured?)
    }

    /// Returns the customer who got the notice with the link of this token, with the address that it was sent to.
    async fn notified(&self, token: &str) -> Result<(Customer, Notified), Error> {
        let shown = LinkTokens::parse(token).ok_or(Error::LinkExpired)?;
        let now = self.clock.now();
        let written_at = shown.id.date().filter(|date| now < *date + UNDO_FOR).ok_or(Error::LinkExpired)?;
        let customer = self.customers.find(shown.customer).await?.ok_or(Error::LinkExpired)?;
        let address = self.customers.address(customer.id).await?;
        let was_sent_to = |email: &EmailAddress| self.link_tokens.made(&shown, LinkPurpose::SecureAccount, email);
        if was_sent_to(&customer.email) {
            // The address may also be a former one that came back. That must not make a used link valid again.
            let is_unused = address.secured_at.is_none_or(|secured_at| secured_at < written_at);
            return is_unused.then_some((customer, Notified::AtPresent { written_at })).ok_or(Error::LinkExpired);
        }
        // Nothing that a thief did since the change voids this.
        let is_meant = |former: &FormerEmail| was_sent_to(&former.email) && former.allows(written_at);
        let (former, left) = address.former.undo(now, is_meant).ok_or(Error::LinkExpired)?;
        let Customer { email: replaced, .. } = customer;
        Ok((Customer { email: former.email, ..customer }, Notified::Before { left, replaced }))
    }
}
