//! Budgets of codes that are typed. A code is short, so wrong ones are counted in each way that could multiply guesses.

use std::time::Duration;

use super::below;
use crate::{
    accounts::{
        core::limits::Budget,
        lifecycle::pending_signup::PendingSignup,
        ports::{Limit, LimitKey},
    },
    domain::{Customer, CustomerId, EmailAddress},
};

/// Wrong codes in one browser that signed up, or of one customer for one address. A code is valid only in the browser
/// whose sign-up is pending or that requested its mail, so codes typed elsewhere cannot guess one, and count against no
/// other caller. More guesses need more mails, which [`SIGN_UP_MAILS_OF`] and [`MAILS_BY_ALL_TICKETS`] limit.
const CODES_BY: Limit = Limit::new(Duration::from_hours(24), [below(10, 0)]);
/// Wrong codes of all signed-in customers for one address, that of their accounts or a proposed one: each account that
/// is created has its own [`CODES_BY`].
const CODES_OF: Limit = Limit::new(Duration::from_hours(24), [below(100, 0)]);
/// Wrong codes of one customer for all addresses that they propose. Those of all customers for one address are limited
/// by [`CODES_OF`]: each account that is created has its own.
const CHANGE_CODES_BY: Limit = Limit::new(Duration::from_hours(24), [below(30, 0)]);

/// Returns the budgets of a code that is typed to verify an address. `customer` is the signed-in customer, if the
/// address is theirs.
pub(in crate::accounts) fn verification_code_budgets(
    pending_signup: Option<&PendingSignup>,
    customer: Option<&Customer>,
) -> Vec<Budget> {
    let by_ticket = pending_signup.map(|known| LimitKey::CodeByTicket(known.ticket()));
    let by_customer = customer.map(|customer| LimitKey::VerificationCodeBy(customer.id));
    let by_caller = by_customer.into_iter().chain(by_ticket).map(|key| Budget::of_failures(key, CODES_BY));
    let of_address = customer.map(|customer| LimitKey::VerificationCodeOf(customer.email.clone()));
    by_caller.chain(of_address.map(|key| Budget::of_failures(key, CODES_OF))).collect()
}

/// Returns the budgets of a code that is typed to complete an address change, in the session that proposed it.
pub(in crate::accounts) fn change_code_budgets(customer: CustomerId, email: &EmailAddress) -> Vec<Budget> {
    vec![
        Budget::of_failures(LimitKey::ChangeCodeFor(customer, email.clone()), CODES_BY),
        Budget::of_failures(LimitKey::ChangeCodeBy(customer), CHANGE_CODES_BY),
        Budget::of_failures(LimitKey::ChangeCodeOf(email.clone()), CODES_OF),
    ]
}
