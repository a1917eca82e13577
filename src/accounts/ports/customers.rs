//! The port for customers: a store that changes them in atomic steps.

use async_trait::async_trait;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::StoreError;
use crate::{
    accounts::{
        addresses::former_emails::FormerEmails, core::link_token::LinkHash, lifecycle::pending_signup::TicketHash,
        mail::message::Mail, sessions::session::SessionId,
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, Role},
};

/// A password's hash as a store keeps it. It is self-describing. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    #[must_use]
    pub fn new(hash: String) -> Self {
        Self(Zeroizing::new(hash))
    }

    /// Returns the hash, for stores and the hasher only.
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

/// A customer with the hash of their password.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub customer: Customer,
    pub password: PasswordHash,
}

/// Why a new or existing customer could not get an address.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error("the address has an account")]
    EmailTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores customers.
///
/// Some operations are **credential events**: they start the account's next [`CredentialEpoch`] and void, in the same
/// write, what was pending before: a proposed address, a [`Reset`], and the link of a [`Verification`] (an unverified
/// address stays unverified). What was issued in an earlier epoch (sessions, known browsers) becomes void too. The
/// right of a former address to undo a change survives every event that a person with the password or a session can
/// cause. It ends when it is used or expires, and when the shop disables the account.
#[async_trait]
pub trait Customers: Send + Sync {
    /// Adds a customer, completely or not at all. With a `verification`, their address is not verified. A unique index
    /// on the address decides between concurrent calls. In the same step, `mail` goes to the [`Outbox`](super::Outbox).
    ///
    /// # Errors
    /// `EmailTaken`, or an error of the store. If the response of the database is lost, its outcome is determined
    /// before this returns.
    async fn create(
        &self,
        new: &Credentials,
        verification: Option<&Verification>,
        mail: Option<&Mail>,
    ) -> Result<(), AddressError>;

    /// Replaces the customer with the id and address of `new`, if their address is not verified and the pending
    /// verification has a ticket: without one, the account may be in use. Returns true if it was replaced. A credential
    /// event. In the same step, `mail` goes to the outbox.
    async fn replace_unverified(
        &self,
        new: &Credentials,
        verification: &Verification,
        mail: &Mail,
    ) -> Result<bool, StoreError>;

    /// Returns the customer with this id.
    async fn find(&self, id: CustomerId) -> Result<Option<Customer>, StoreError>;

    /// Returns the customer with this address.
    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Customer>, StoreError>;

    /// Returns at most `most` customers, ordered by id: those after `after`, or the first ones. Skips records of other
    /// systems that cannot be read as a customer.
    async fn list(&self, after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, StoreError>;

    /// Returns what decides if the customer's sessions continue, or `None` for a customer who is disabled or does not
    /// exist. Cheaper than [`Self::find`]. Changes by other programs are visible within a second.
    async fn standing(&self, id: CustomerId) -> Result<Option<Standing>, StoreError>;

    /// Returns the customer with this address, with the hash of their password.
    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError>;

    /// Replaces the hash `old` by `new`, of the same password. Returns true if `old` was still stored. Not a credential
    /// event.
    async fn rehash_password(
        &self,
        id: CustomerId,
        old: &PasswordHash,
        new: &PasswordHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Sets a new password, if the old one and the credential epoch are still those of `change`. Returns true if they
    /// were. A credential event, which starts the next epoch. In the same step, `mail` goes to the outbox.
    async fn change_password(&self, change: &PasswordChange<'_>, mail: Option<&Mail>) -> Result<bool, StoreError>;

    /// Allows one reset of the customer's password, instead of any that was allowed before. In the same step, `mail`
    /// goes to the outbox.
    async fn allow_reset(&self, id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError>;

    /// Returns true if a reset with this hash is allowed at `now`.
    async fn may_reset(&self, id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Sets the customer's password, if a reset with this hash is allowed at `now`. Returns the epoch that this
    /// credential event starts, or `None` if it was not allowed. In the same step, the address becomes verified, and
    /// `mail` goes to the outbox.
    async fn reset_password(
        &self,
        id: CustomerId,
        hash: LinkHash,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, StoreError>;

    /// Returns the state of the customer's address, or the default for an unknown customer.
    async fn address(&self, id: CustomerId) -> Result<Address, StoreError>;

    /// Replaces the pending link of a customer whose address is not verified. The ticket stays. In the same step,
    /// `mail` goes to the outbox.
    async fn renew_verification(
        &self,
        id: CustomerId,
        hash: LinkHash,
        expires_at: OffsetDateTime,
        mail: &Mail,
    ) -> Result<(), StoreError>;

    /// Marks the customer's address as verified, if a link with this hash is pending at `now`. Returns the account's
    /// epoch afterwards, or `None` if the link was not pending. `verifying` says what else happens to the account.
    async fn verify_email(
        &self,
        id: CustomerId,
        hash: LinkHash,
        now: OffsetDateTime,
        verifying: Verifying<'_>,
    ) -> Result<Option<CredentialEpoch>, StoreError>;

    /// Stores the address that the customer proposes, instead of any earlier one, if their epoch is still that of
    /// `customer`. Returns true if it was. In the same step, `mails` go to the outbox.
    async fn propose_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        mails: &[Mail],
    ) -> Result<bool, StoreError>;

    /// Moves the pending change that the session `from` requested to the session `to`, which replaces it.
    async fn hand_over_change(&self, id: CustomerId, from: SessionId, to: SessionId) -> Result<(), StoreError>;

    /// Removes the proposed address of the customer, if any.
    async fn withdraw_email(&self, id: CustomerId) -> Result<(), StoreError>;

    /// Gives the customer the address of `change`, if the change is pending at `now` and they still have the address of
    /// `customer`. Returns the epoch that this credential event starts, or `None` if nothing was changed. In the same
    /// step, the address becomes verified, `former` replaces the former addresses, and `mail` goes to the outbox.
    ///
    /// # Errors
    /// `EmailTaken`, or an error of the store.
    async fn change_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        now: OffsetDateTime,
        former: &FormerEmails,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, AddressError>;

    /// Secures an account, if it is in the state that `securing` expects. Returns the epoch that this credential event
    /// starts, or `None` if it is not. In the same step, `mails` go to the outbox.
    ///
    /// # Errors
    /// `EmailTaken`, or an error of the store.
    async fn secure(&self, securing: &Securing<'_>, mails: &[Mail]) -> Result<Option<CredentialEpoch>, AddressError>;

    /// Removes the customer with this address, if it is not verified and the shop did not disable the account. Returns
    /// the id of the removed customer.
    async fn remove_unverified(&self, email: &EmailAddress) -> Result<Option<CustomerId>, StoreError>;

    /// Removes accounts that were never used, and returns their number: created before `made_before` by a sign-up that
    /// had to verify its address first, without a link that can still verify it at `now`, without a credential event,
    /// and without a known browser. Never removes customers that another program of the shop created.
    async fn remove_abandoned(&self, made_before: OffsetDateTime, now: OffsetDateTime) -> Result<u64, StoreError>;

    /// Sets the language of mails to the customer.
    async fn set_language(&self, id: CustomerId, language: Language) -> Result<(), StoreError>;

    /// Starts the account's next epoch, if it is in the epoch `current` (in any, if that is `None`): a credential event
    /// that leaves the credentials unchanged. Returns the new epoch, or `None` if there is no such customer in that
    /// epoch.
    async fn start_epoch(
        &self,
        id: CustomerId,
        current: Option<CredentialEpoch>,
    ) -> Result<Option<CredentialEpoch>, StoreError>;

    /// Disables or enables the account. Returns true if there is such a customer. Disabling is a credential event,
    /// which also ends the right of former addresses.
    async fn set_disabled(&self, id: CustomerId, disabled: bool, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Sets the customer's role. Returns true if there is such a customer.
    async fn set_role(&self, id: CustomerId, role: Role, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Returns `Ok` if the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// What decides if a customer's sessions continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub role: Role,
    pub epoch: CredentialEpoch,
}

/// A new password, chosen by a customer who proved that they know the old one.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    pub customer: CustomerId,
    /// The epoch in which the old password was verified.
    pub epoch: CredentialEpoch,
    pub old: &'a PasswordHash,
    pub new: &'a PasswordHash,
    pub now: OffsetDateTime,
}

/// What happens to an account when its address is verified.
#[derive(Clone, Copy, Debug)]
pub enum Verifying<'a> {
    /// The account stays as it is: verified in a session of the account.
    InSession,
    /// A credential event voids what was issued before: verified in the browser in which the account was created.
    InBrowser,
    /// In addition, the password is replaced and the reset is allowed: verified by a person who may not have created
    /// the account.
    Elsewhere { password: &'a PasswordHash, reset: &'a Reset },
}

/// Permission to choose a new password without the old one, with the link that has this hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    pub hash: LinkHash,
    pub expires_at: OffsetDateTime,
}

/// The state of a customer's address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The pending verification, if the address is not verified.
    pub verification: Option<Verification>,
    /// The proposed address, if any.
    pub change: Option<EmailChange>,
    pub former: FormerEmails,
    /// When the customer last reported that something was not them. Earlier notices are void.
    pub secured_at: Option<OffsetDateTime>,
}

/// An address that a customer proposes. They get it once they prove that they can read its mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailChange {
    pub email: EmailAddress,
    /// The hash of the link in the mail to it.
    pub hash: LinkHash,
    pub expires_at: OffsetDateTime,
    /// The session that requested the change. It is the only one that continues after the change.
    pub session: SessionId,
}

/// The address that got the notice with which an account is secured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notified {
    /// The customer's current address, if the account was not secured since the notice was written.
    AtPresent { written_at: OffsetDateTime },
    /// A former address. The customer gets it back if the account still has the address `replaced` and any former ones.
    /// `left` replaces the former addresses. Other credential events do not prevent this: a thief can start one at any
    /// moment.
    Before { left: FormerEmails, replaced: EmailAddress },
}

/// What happens to an account whose customer reports that something was not them.
#[derive(Debug)]
pub struct Securing<'a> {
    /// The customer, with the address that got the notice.
    pub customer: &'a Customer,
    pub by: Notified,
    /// The hash of a password that no one knows.
    pub password: &'a PasswordHash,
    pub reset: Reset,
    pub now: OffsetDateTime,
}

/// The pending proof of a person who signed up: that they can read the mail to their address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The hash of the link in the mail.
    pub hash: LinkHash,
    pub expires_at: OffsetDateTime,
    /// The ticket of the browser in which the account was created, if the sign-up did not sign it in.
    pub ticket: Option<TicketHash>,
}
