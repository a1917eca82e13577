//! Wraps any store to add a span, a duration and a count for each operation.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use time::OffsetDateTime;
use tracing::Instrument;

use crate::{
    accounts::{
        Activity, BrowserHash, FormerEmails, LinkHash, Mail, SealedKey, Session, SessionId, SessionKey,
        ports::{
            Address, AddressError, Archive, AttemptId, AttemptLimits, Belonging, Browsers, Credentials, CustomerRecord,
            Customers, EmailChange, KnownBrowser, Lease, LeftOut, Limit, LimitKey, Outbox, Page, PasswordChange,
            PasswordHash, Reservation, Reset, Rotation, RotationOutcome, Securing, Sessions, SigningKeys, Standing,
            StoreError, StoreName, TakenMail, Timeline, Verification, Verifying,
        },
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, Role},
    telemetry::metrics,
};

/// A store whose operations are measured.
pub struct Measured<T: ?Sized> {
    name: StoreName,
    store: Arc<T>,
}

impl<T: ?Sized> Measured<T> {
    /// Wraps `store`, with `name` in metrics and traces.
    pub fn new(name: StoreName, store: Arc<T>) -> Self {
        Self { name, store }
    }

    async fn measure<V, E: Answer>(
        &self,
        operation: &'static str,
        answer: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        let store = self.name.as_str();
        let span = tracing::debug_span!("store", store, operation);
        let timed = metrics::StoreTimer::start(store, operation);
        let answer = answer.instrument(span).await;
        timed.stop(answer.as_ref().err().is_some_and(Answer::is_failure));
        answer
    }
}

/// The error of a store operation.
trait Answer {
    /// Returns true if the store failed, and false if it answered with a refusal.
    fn is_failure(&self) -> bool;
}

impl Answer for StoreError {
    fn is_failure(&self) -> bool {
        true
    }
}

impl Answer for AddressError {
    fn is_failure(&self) -> bool {
        matches!(self, Self::Store(_))
    }
}

/// Implements a port for [`Measured`], given the port's operations with their arguments and answers.
macro_rules! measured {
    ($port:ident as $label:literal { $(fn $operation:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* }) => {
        #[async_trait]
        impl<T: $port + ?Sized> $port for Measured<T> {
            $(async fn $operation(&self, $($argument: $type),*) -> $answer {
                let answer = self.store.$operation($($argument),*);
                self.measure(concat!($label, ".", stringify!($operation)), answer).await
            })*
        }
    };
}

measured! { Customers as "customers" {
    fn create(new: &Credentials, awaited: Option<&Verification>, mail: Option<&Mail>) -> Result<(), AddressError>;
    fn replace_unverified(new: &Credentials, awaited: &Verification, mail: &Mail) -> Result<bool, StoreError>;
    fn find(id: CustomerId) -> Result<Option<Customer>, StoreError>;
    fn find_by_email(email: &EmailAddress) -> Result<Option<Customer>, StoreError>;
    fn list(after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, StoreError>;
    fn standing(id: CustomerId) -> Result<Option<Standing>, StoreError>;
    fn find_credentials(email: &EmailAddress) -> Result<Option<Credentials>, StoreError>;
    fn rehash_password(id: CustomerId, old: &PasswordHash, new: &PasswordHash, now: OffsetDateTime)
        -> Result<bool, StoreError>;
    fn change_password(change: &PasswordChange<'_>, mail: Option<&Mail>) -> Result<bool, StoreError>;
    fn allow_reset(id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError>;
    fn may_reset(id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Result<bool, StoreError>;
    fn reset_password(id: CustomerId, hash: LinkHash, new: &PasswordHash, now: OffsetDateTime, mail: Option<&Mail>)
        -> Result<Option<CredentialEpoch>, StoreError>;
    fn address(id: CustomerId) -> Result<Address, StoreError>;
    fn renew_verification(id: CustomerId, hash: LinkHash, expires_at: OffsetDateTime, mail: &Mail)
        -> Result<(), StoreError>;
    fn verify_email(id: CustomerId, hash: LinkHash, now: OffsetDateTime, verifying: Verifying<'_>)
        -> Result<Option<CredentialEpoch>, StoreError>;
    fn propose_email(customer: &Customer, change: &EmailChange, mails: &[Mail]) -> Result<bool, StoreError>;
    fn hand_over_change(id: CustomerId, from: SessionId, to: SessionId) -> Result<(), StoreError>;
    fn withdraw_email(id: CustomerId) -> Result<(), StoreError>;
    fn change_email(
        customer: &Customer,
        change: &EmailChange,
        now: OffsetDateTime,
        former: &FormerEmails,
        mail: Option<&Mail>
    ) -> Result<Option<CredentialEpoch>, AddressError>;
    fn secure(securing: &Securing<'_>, mails: &[Mail]) -> Result<Option<CredentialEpoch>, AddressError>;
    fn remove_unverified(email: &EmailAddress) -> Result<Option<CustomerId>, StoreError>;
    fn remove_abandoned(made_before: OffsetDateTime, now: OffsetDateTime) -> Result<u64, StoreError>;
    fn set_language(id: CustomerId, language: Language) -> Result<(), StoreError>;
    fn start_epoch(id: CustomerId, current: Option<CredentialEpoch>) -> Result<Option<CredentialEpoch>, StoreError>;
    fn set_disabled(id: CustomerId, disabled: bool, now: OffsetDateTime) -> Result<bool, StoreError>;
    fn set_role(id: CustomerId, role: Role, now: OffsetDateTime) -> Result<bool, StoreError>;
    fn ping() -> Result<(), StoreError>;
} }

measured! { Sessions as "sessions" {
    fn create(session: &Session) -> Result<(), StoreError>;
    fn find(key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError>;
    fn is_live(key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError>;
    fn list(customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError>;
    fn touch(key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError>;
    fn rotate(rotation: &Rotation) -> Result<RotationOutcome, StoreError>;
    fn end(key: SessionKey) -> Result<bool, StoreError>;
    fn end_others(customer: CustomerId, kept: SessionId, before: CredentialEpoch) -> Result<Vec<SessionId>, StoreError>;
    fn carry_over(key: SessionKey, epoch: CredentialEpoch, browser: BrowserHash) -> Result<(), StoreError>;
    fn ping() -> Result<(), StoreError>;
} }

measured! { Timeline as "timeline" {
    fn record(activity: &Activity) -> Result<(), StoreError>;
    fn activities(customer: CustomerId, now: OffsetDateTime, most: usize) -> Result<Vec<Activity>, StoreError>;
} }

measured! { Browsers as "browsers" {
    fn remember(known: &KnownBrowser) -> Result<(), StoreError>;
    fn forget(customer: CustomerId, before: CredentialEpoch) -> Result<(), StoreError>;
    fn forget_one(customer: CustomerId, browser: BrowserHash) -> Result<(), StoreError>;
    fn knows(customer: CustomerId, epoch: CredentialEpoch, browser: BrowserHash, now: OffsetDateTime)
        -> Result<bool, StoreError>;
} }

measured! { Outbox as "outbox" {
    fn add(mail: &Mail) -> Result<(), StoreError>;
    fn take(now: OffsetDateTime, lease: Lease, most: usize) -> Result<Vec<TakenMail>, StoreError>;
    fn latest(most: usize) -> Result<Vec<Mail>, StoreError>;
    fn put_off(mail: &Mail, due_at: OffsetDateTime) -> Result<(), StoreError>;
    fn remove(mails: &[Mail]) -> Result<(), StoreError>;
} }

measured! { SigningKeys as "signing_keys" {
    fn list() -> Result<Vec<SealedKey>, StoreError>;
    fn add(key: &SealedKey) -> Result<bool, StoreError>;
    fn remove(numbers: &[u32]) -> Result<(), StoreError>;
} }

measured! { AttemptLimits as "limits" {
    fn reserve(key: &LimitKey, limit: Limit, id: AttemptId, now: OffsetDateTime) -> Result<Reservation, StoreError>;
    fn retry_after(key: &LimitKey, limit: Limit, now: OffsetDateTime) -> Result<Option<Duration>, StoreError>;
    fn give_back(key: &LimitKey, limit: Limit, id: AttemptId, now: OffsetDateTime) -> Result<(), StoreError>;
} }

measured! { Archive as "archive" {
    fn customers(after: Option<CustomerId>, most: usize) -> Result<Page, StoreError>;
    fn belongings(customers: &[CustomerId]) -> Result<Vec<Result<Belonging, StoreError>>, StoreError>;
    fn put_customers(records: &[CustomerRecord]) -> Result<Vec<LeftOut>, StoreError>;
    fn put_belongings(belongings: &[Belonging]) -> Result<(), StoreError>;
} }
