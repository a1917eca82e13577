//! The counter of limited attempts.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::{
    accounts::{core::browser::BrowserHash, lifecycle::pending_signup::TicketHash, sessions::session::SessionKey},
    domain::{CustomerId, EmailAddress},
};

/// What is limited, and for which caller or account. Networks are IPv4 addresses, or the /64 of an IPv6 address.
///
/// A budget belongs either to known callers (a session, a known browser, a pending sign-up) or to all others, never to
/// both: a stranger cannot use up what belongs to the owner of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitKey {
    /// Sign-ups from a network.
    SignUpFrom(IpAddr),
    /// Sign-ups with an address, by browsers that have not signed up with it before.
    SignUpOf(EmailAddress),
    /// Sign-ups with an address from one network, by browsers that have not signed up with it before.
    SignUpOfFrom(EmailAddress, IpAddr),
    /// Mails for sign-ups with an address, by browsers that have not signed up with it before.
    SignUpMailOf(EmailAddress),
    /// Failed logins from a network, by browsers that are not known to the account.
    LogInFrom(IpAddr),
    /// Failed logins to an account, by browsers that are not known to it, whether it exists or not.
    LogInTo(EmailAddress),
    /// Failed logins to an account by one browser that is known to it.
    LogInBy(EmailAddress, BrowserHash),
    /// Failed password confirmations in one session.
    ProofBy(SessionKey),
    /// Reset links requested from a network, by browsers that are not known to the account.
    ResetFrom(IpAddr),
    /// Reset links for an account requested from one network, by browsers that are not known to the account.
    ResetOfFrom(EmailAddress, IpAddr),
    /// Reset links for an account, by all browsers that are not known to it, whether it exists or not.
    ResetOf(EmailAddress),
    /// Reset links for an account, by one browser that is known to it.
    ResetBy(EmailAddress, BrowserHash),
    /// Verification links requested from a network, by callers that are not known to the account.
    VerificationFrom(IpAddr),
    /// Verification links for an address requested from one network, by callers that are not known to the account.
    VerificationOfFrom(EmailAddress, IpAddr),
    /// Verification links for an address, by all callers that are not known to the account, whether it exists or not.
    VerificationOf(EmailAddress),
    /// Verification links for an address, by one browser that is known to the account.
    VerificationBy(EmailAddress, BrowserHash),
    /// Mails to verify an address, for one browser that signed up with it.
    VerificationByTicket(TicketHash),
    /// Mails to verify an address, for all browsers of one network that signed up with it.
    VerificationByTicketsFrom(EmailAddress, IpAddr),
    /// The first requested mail to verify an address, of every browser that signed up with it.
    FirstVerificationByTickets(EmailAddress),
    /// Later requested mails to verify an address, for all browsers that signed up with it.
    VerificationByTickets(EmailAddress),
    /// Verification links requested by a signed-in customer.
    VerificationByCustomer(CustomerId),
    /// Verification links sent because of a login with the right password.
    VerificationAfterLogIn(EmailAddress),
    /// Wrong codes typed in one browser that signed up.
    CodeByTicket(TicketHash),
    /// Wrong codes typed by a signed-in customer, to verify their address.
    VerificationCodeBy(CustomerId),
    /// Wrong codes typed by a customer to complete address changes.
    ChangeCodeBy(CustomerId),
    /// Wrong codes typed by a customer to complete a change to one address.
    ChangeCodeFor(CustomerId, EmailAddress),
    /// Wrong codes typed by all customers to complete a change to one address.
    ChangeCodeOf(EmailAddress),
    /// Address changes proposed by a customer.
    ProposalBy(CustomerId),
    /// Address changes to one address, proposed by one customer.
    ProposalByTo(CustomerId, EmailAddress),
    /// Address changes to one address, proposed by any customer who proposed it before.
    ProposalTo(EmailAddress),
    /// Wrong codes typed by signed-in customers to verify one address.
    VerificationCodeOf(EmailAddress),
    /// Sign-outs of all other devices of a customer.
    RevokeOf(CustomerId),
    /// Sign-outs of single devices of a customer.
    RevokeOneOf(CustomerId),
    /// Passwords hashed for the valid links of a customer's mails to one address. A thief who changed the address must
    /// not use up those of the owner.
    LinkOf(CustomerId, EmailAddress),
    /// Mails that notify an account of proposed addresses, while its own is not verified.
    ProposalNoticeOf(CustomerId),
    /// Address changes proposed from a network.
    ProposalFrom(IpAddr),
    /// Mails that notify an account of logins on new devices.
    NoticeOf(CustomerId),
    /// Mails that notify an account of new passwords.
    PasswordNoticeOf(CustomerId),
    /// Refused refresh tokens from a network.
    RefreshFrom(IpAddr),
    /// Refreshes of one session.
    RefreshOf(SessionKey),
}

impl LimitKey {
    /// Returns what is limited, without the caller or account.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignUpFrom(_) => "sign_up_from",
            Self::SignUpOf(_) => "sign_up_of",
            Self::SignUpOfFrom(..) => "sign_up_of_from",
            Self::SignUpMailOf(_) => "sign_up_mail_of",
            Self::LogInFrom(_) => "log_in_from",
            Self::LogInTo(_) => "log_in_to",
            Self::LogInBy(..) => "log_in_by",
            Self::ProofBy(_) => "proof_by",
            Self::ResetFrom(_) => "reset_from",
            Self::ResetOfFrom(..) => "reset_of_from",
            Self::ResetOf(_) => "reset_of",
            Self::ResetBy(..) => "reset_by",
            Self::VerificationFrom(_) => "verification_from",
            Self::VerificationOfFrom(..) => "verification_of_from",
            Self::VerificationOf(_) => "verification_of",
            Self::VerificationBy(..) => "verification_by",
            Self::VerificationByTicket(_) => "verification_by_ticket",
            Self::VerificationByTicketsFrom(..) => "verification_by_tickets_from",
            Self::FirstVerificationByTickets(_) => "first_verification_by_tickets",
            Self::VerificationByTickets(_) => "verification_by_tickets",
            Self::VerificationByCustomer(_) => "verification_by_customer",
            Self::VerificationAfterLogIn(_) => "verification_after_log_in",
            Self::CodeByTicket(_) => "code_by_ticket",
            Self::VerificationCodeBy(_) => "verification_code_by",
            Self::ChangeCodeBy(_) => "change_code_by",
            Self::ChangeCodeFor(..) => "change_code_for",
            Self::ChangeCodeOf(_) => "change_code_of",
            Self::ProposalBy(_) => "proposal_by",
            Self::ProposalByTo(..) => "proposal_by_to",
            Self::ProposalTo(_) => "proposal_to",
            Self::VerificationCodeOf(_) => "verification_code_of",
            Self::RevokeOf(_) => "revoke_of",
            Self::RevokeOneOf(_) => "revoke_one_of",
            Self::LinkOf(..) => "link_of",
            Self::ProposalNoticeOf(_) => "proposal_notice_of",
            Self::ProposalFrom(_) => "proposal_from",
            Self::NoticeOf(_) => "notice_of",
            Self::PasswordNoticeOf(_) => "password_notice_of",
            Self::RefreshFrom(_) => "refresh_from",
            Self::RefreshOf(_) => "refresh_of",
        }
    }
}

/// How many attempts a window allows, and how far apart. The window starts with its first attempt.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub window: Duration,
    steps: [Step; Self::MOST_STEPS],
}

impl Limit {
    /// The maximum number of steps of a limit.
    pub const MOST_STEPS: usize = 4;

    /// Returns a limit with 1 to [`Self::MOST_STEPS`] steps, by rising numbers of attempts. After the last step,
    /// nothing is allowed until the window ends.
    ///
    /// # Panics
    /// At compile time, with another number of steps.
    #[must_use]
    pub const fn new<const N: usize>(window: Duration, steps: [Step; N]) -> Self {
        const { assert!(N > 0 && N <= Self::MOST_STEPS) };
        // Repeating the last step allows nothing more.
        let mut all = [steps[N - 1]; Self::MOST_STEPS];
        let mut index = 0;
        while index < N {
            all[index] = steps[index];
            index += 1;
        }
        Self { window, steps: all }
    }

    /// Returns the steps, by rising numbers of attempts.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// The minimum time between an attempt and the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The step applies while fewer attempts than this have been counted.
    pub below: u32,
    pub delay: Duration,
}

/// Identifies one attempt: 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptId([u8; 16]);

impl AttemptId {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// The maximum time that an attempt waits for its turn. An attempt that would have to wait longer is refused.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// The response to a request for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The attempt has been counted. It may be made after this time.
    Granted { wait: Duration },
    /// Nothing was counted. An attempt may be made after this time.
    Refused { retry_after: Duration },
}

/// Counts attempts, across all instances of the program.
#[async_trait]
pub trait AttemptLimits: Send + Sync {
    /// Counts one attempt, in one atomic step, unless it comes too early or the window is used up. An attempt that was
    /// already counted is granted again, but counted once.
    async fn reserve(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<Reservation, StoreError>;

    /// Returns the time until an attempt may be made, or `None` if it may be made now. Counts nothing. If the clock was
    /// set back, the stored times are corrected: otherwise the wait would start again at each call.
    async fn retry_after(
        &self,
        key: &LimitKey,
        limit: Limit,
        now: OffsetDateTime,
    ) -> Result<Option<Duration>, StoreError>;

    /// Takes one counted attempt back, in one atomic step. An attempt that was not counted, or was already taken back,
    /// changes nothing. The window stays as it is, unless nothing is left in it. The next attempt has to wait for the
    /// one before, as if this one had never been made, and for none while the limit is in its first step.
    async fn give_back(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<(), StoreError>;
}
