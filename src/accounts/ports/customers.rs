//! What the use cases need of the world to know customers: a store that changes them one atomic step at a time.

use async_trait::async_trait;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::StoreError;
use crate::{
    accounts::{FormerEmails, LinkHash, Mail, SessionId, TicketHash},
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, Role},
};

/// A password's hash as a store keeps it: self-describing, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    #[must_use]
    pub fn new(hash: String) -> Self {
        Self(Zeroizing::new(hash))
    }

    /// The hash itself, for stores and the hasher alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// A customer together with what proves that it is them.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub customer: Customer,
    pub password: PasswordHash,
}

/// Why a customer, a new one or one who is there, was not given an address.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error("the address has an account")]
    EmailTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where customers live.
///
/// Some of its steps are **credential events**: they start the account's next [`CredentialEpoch`] and void, in the same
/// write, what was pending before: a proposed address, a [`Reset`], and the link of a [`Verification`] (the address
/// stays unverified where it was). What was issued in an earlier epoch (sessions, known browsers) is void with it. The
/// right of a former address to undo a change survives every event that somebody with the password or a session can
/// cause; it ends with its use, its time, and when the shop disables the account.
#[async_trait]
pub trait Customers: Send + Sync {
    /// Adds a customer, whole or not at all: with a `verification`, one whose address is not verified. A unique index on
    /// the address decides, however many try at once. In the same step, `mail` goes to the [`Outbox`](super::Outbox).
    ///
    /// # Errors
    /// `EmailTaken`, or the store's own. An unclear answer of the database is settled before this returns.
    async fn create(
        &self,
        new: &Credentials,
        verification: Option<&Verification>,
        mail: Option<&Mail>,
    ) -> Result<(), AddressError>;

    /// Puts `new`, with an id and an address of a customer, in the place of that customer, if their address is not
    /// verified, and says whether it was so. A credential event. In the same step, `mail` goes to the outbox.
    async fn replace_unverified(
        &self,
        new: &Credentials,
        verification: &Verification,
        mail: &Mail,
    ) -> Result<bool, StoreError>;

    /// The customer of this id.
    async fn find(&self, id: CustomerId) -> Result<Option<Customer>, StoreError>;

    /// The customer of this address.
    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Customer>, StoreError>;

    /// The first `most` customers after this one, or of all, by their ids. What another system keeps beside them, and cannot
    /// be read as a customer, is left out.
    async fn list(&self, after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, StoreError>;

    /// What decides whether the customer's sessions go on, or `None` for a customer who is disabled or does not exist;
    /// cheaper than [`Self::find`]. What another program changed is known within a second.
    async fn standing(&self, id: CustomerId) -> Result<Option<Standing>, StoreError>;

    /// The customer of this address, with the hash of their password.
    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError>;

    /// Replaces the hash `old` by `new`, of the same password, and returns whether `old` was still stored. No credential
    /// event.
    async fn rehash_password(
        &self,
        id: CustomerId,
        old: &PasswordHash,
        new: &PasswordHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Sets a new password, if the old one and the credential epoch are still those of `change`, and returns whether they
    /// were. A credential event, which starts the epoch that follows. In the same step, `mail` goes to the outbox.
    async fn change_password(&self, change: &PasswordChange<'_>, mail: Option<&Mail>) -> Result<bool, StoreError>;

    /// Allows one reset of the customer's password, in the place of any that was allowed before. In the same step, `mail`
    /// goes to the outbox.
    async fn allow_reset(&self, id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError>;

    /// Whether a reset of this hash is allowed at `now`.
    async fn may_reset(&self, id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Sets the customer's password, if a reset of this hash is allowed at `now`; returns the epoch that this credential
    /// event starts, or `None` if it was not allowed. In the same step the address counts as verified, and `mail` goes to
    /// the outbox.
    async fn reset_password(
        &self,
        id: CustomerId,
        hash: LinkHash,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, StoreError>;

    /// What there is to know of the customer's address; nothing of somebody who is no customer.
    async fn address(&self, id: CustomerId) -> Result<Address, StoreError>;

    /// Awaits another link, in the place of the one before, of a customer whose address is not verified; whose ticket it is
    /// stays. In the same step, `mail` goes to the outbox.
    async fn renew_verification(
        &self,
        id: CustomerId,
        hash: LinkHash,
        expires_at: OffsetDateTime,
        mail: &Mail,
    ) -> Result<(), StoreError>;

    /// Has the customer's address verified, if a link of this hash is awaited at `now`; returns the account's epoch after
    /// it, or `None` if it was not awaited. What else becomes of the account is said by `verifying`.
    async fn verify_email(
        &self,
        id: CustomerId,
        hash: LinkHash,
        now: OffsetDateTime,
        verifying: Verifying<'_>,
    ) -> Result<Option<CredentialEpoch>, StoreError>;

    /// Keeps the address that the customer wants to have, in the place of any that was kept before, if their epoch is still
    /// that of `customer`; returns whether it was. In the same step, `mails` go to the outbox.
    async fn propose_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        mails: &[Mail],
    ) -> Result<bool, StoreError>;

    /// Has the pending change that the session `from` asked for belong to the session `to`, which replaces it.
    async fn hand_over_change(&self, id: CustomerId, from: SessionId, to: SessionId) -> Result<(), StoreError>;

    /// Forgets the address that the customer wanted to have, if any.
    async fn withdraw_email(&self, id: CustomerId) -> Result<(), StoreError>;

    /// Gives the customer the address of `change`, if that is awaited at `now` and they still have the one that `customer`
    /// says; returns the epoch that this credential event starts, or `None` if it was not so. In the same step it counts as
    /// verified, `former` replaces the former addresses, and `mail` goes to the outbox.
    ///
    /// # Errors
    /// `EmailTaken`, or the store's own.
    async fn change_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        now: OffsetDateTime,
        former: &FormerEmails,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, AddressError>;

    /// Secures an account, if it is as `securing` says; returns the epoch that this credential event starts, or `None` if it
    /// was not so. In the same step, `mail` goes to the outbox.
    ///
    /// # Errors
    /// `EmailTaken`, or the store's own.
    async fn secure(&self, securing: &Securing<'_>, mail: &Mail) -> Result<Option<CredentialEpoch>, AddressError>;

    /// Removes the customer of this address, if it is not verified, and says whether it was so.
    async fn remove_unverified(&self, email: &EmailAddress) -> Result<bool, StoreError>;

    /// Removes the accounts that nobody ever used: made by a sign-up that had to verify its address first, before
    /// `made_before`, without a link at `now` that still could verify it, without a credential event, and without a browser
    /// that is known. Returns how many there were. Customers that
    /// another program of the shop made are never among them.
    async fn remove_abandoned(&self, made_before: OffsetDateTime, now: OffsetDateTime) -> Result<u64, StoreError>;

    /// Has the customer written to in `language` from now on.
    async fn set_language(&self, id: CustomerId, language: Language) -> Result<(), StoreError>;

    /// Starts the account's next epoch, if it is in the epoch `current` (in any, if that is `None`), and returns the one that
    /// it starts: a credential event that leaves the credentials as they are. `None` if there is no such customer.
    async fn start_epoch(
        &self,
        id: CustomerId,
        current: Option<CredentialEpoch>,
    ) -> Result<Option<CredentialEpoch>, StoreError>;

    /// Keeps the customer out from now on, or no longer, and says whether there is such a customer. To disable is a
    /// credential event, which also ends the right of a former address.
    async fn set_disabled(&self, id: CustomerId, disabled: bool, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Gives the customer a role, and says whether there is such a customer.
    async fn set_role(&self, id: CustomerId, role: Role, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// What decides whether a customer's sessions go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub role: Role,
    pub epoch: CredentialEpoch,
}

/// A new password, chosen by somebody who proved that they know the old one.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    pub customer: CustomerId,
    /// The epoch in which the old password was verified.
    pub epoch: CredentialEpoch,
    pub old: &'a PasswordHash,
    pub new: &'a PasswordHash,
    pub now: OffsetDateTime,
}

/// What becomes of an account when its address is verified.
#[derive(Clone, Copy, Debug)]
pub enum Verifying<'a> {
    /// It stays as it is: by a session of the account.
    InSession,
    /// What was issued before is void, a credential event: in the browser in which the account was made.
    InBrowser,
    /// That, the password becomes this one, and the reset is allowed: by somebody who may not have made the account.
    Elsewhere { password: &'a PasswordHash, reset: &'a Reset },
}

/// A permission to choose a new password without the old one, for whoever shows the link of this hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    pub hash: LinkHash,
    pub expires_at: OffsetDateTime,
}

/// What there is to know of a customer's address, besides itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// What is awaited, if it is not verified.
    pub verification: Option<Verification>,
    /// The one that the customer wants to have.
    pub change: Option<EmailChange>,
    pub former: FormerEmails,
    /// When the customer last said that it was not them: notices from before are done with.
    pub secured_at: Option<OffsetDateTime>,
}

/// An address that a customer wants to have, once they show that they can read its mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailChange {
    pub email: EmailAddress,
    /// Of the link in the mail to it.
    pub hash: LinkHash,
    pub expires_at: OffsetDateTime,
    /// By which it was asked for. It is the one that stays.
    pub session: SessionId,
}

/// Which address got the notice by which an account is secured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notified {
    /// The one that the customer has, which was not secured since.
    AtPresent { written_at: OffsetDateTime },
    /// One that they had before, which they get back, if the account still has the address `replaced` and any former ones.
    /// `left` replaces the former addresses. No other credential event keeps it from happening: a thief can start one at any
    /// moment.
    Before { left: FormerEmails, replaced: EmailAddress },
}

/// What becomes of an account whose customer says that it was not them.
#[derive(Debug)]
pub struct Securing<'a> {
    /// With the address that got the notice.
    pub customer: &'a Customer,
    pub by: Notified,
    /// Nobody knows it.
    pub password: &'a PasswordHash,
    pub reset: Reset,
    pub now: OffsetDateTime,
}

/// The proof that is awaited of somebody who signed up: that they can read the mail to their address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Of the link in the mail.
    pub hash: LinkHash,
    pub expires_at: OffsetDateTime,
    /// Of the browser in which the account was made, where that did not sign in by it.
    pub ticket: Option<TicketHash>,
}
