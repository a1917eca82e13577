//! Budgets of mails that notify a customer of what happened to their account.

use std::time::Duration;

use super::below;
use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            error::Error,
            limits::{Budget, limited_later},
        },
        ports::{Limit, LimitKey},
    },
    domain::{Customer, CustomerId},
};

/// Mails that notify one account of proposed addresses, while its own is not verified: it may be a stranger's. Counted
/// for each account, so that other accounts with the address cannot keep a theft secret.
const PROPOSAL_NOTICES_OF: Limit = Limit::new(Duration::from_hours(24), [below(3, 0)]);
/// Mails that notify one account of logins on new devices. The timeline shows all of them.
const NOTICES_OF: Limit = Limit::new(Duration::from_hours(1), [below(3, 0)]);
/// Mails that notify one account of new passwords. Separate from [`NOTICES_OF`], so that logins cannot keep a change
/// secret.
const PASSWORD_NOTICES_OF: Limit = Limit::new(Duration::from_hours(1), [below(5, 0)]);

impl Accounts {
    /// Counts a mail about a login on a new device. Returns false if enough of them were sent to the customer.
    pub(in crate::accounts) async fn reserve_notice(&self, customer: CustomerId) -> bool {
        self.reserve(LimitKey::NoticeOf(customer), NOTICES_OF).await
    }

    /// Calls `work` with true if it may send a mail about a new password, or with false if enough of them were sent to
    /// the customer. Work that fails costs nothing: otherwise a thief could use up the mails before the change that
    /// they report.
    pub(in crate::accounts) async fn with_password_notice<T>(
        &self,
        customer: CustomerId,
        work: impl AsyncFnOnce(bool) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let budget = Budget::of_attempts(LimitKey::PasswordNoticeOf(customer), PASSWORD_NOTICES_OF);
        self.notice_limits.spend_on_success(budget, work).await
    }

    /// Counts a mail about a proposed address. Returns false if enough of them were sent to the customer, whose address
    /// is not verified.
    pub(in crate::accounts) async fn reserve_proposal_notice(&self, customer: &Customer) -> bool {
        customer.verified || self.reserve(LimitKey::ProposalNoticeOf(customer.id), PROPOSAL_NOTICES_OF).await
    }

    /// Counts a notice, even if attempts are not limited. Returns true if it may be sent, also if it cannot be counted.
    async fn reserve(&self, key: LimitKey, limit: Limit) -> bool {
        let budget = Budget::of_attempts(key, limit);
        let refused = limited_later(Some(self.notice_limits.clone()), vec![budget], async { Ok(()) }).await.err();
        !matches!(refused, Some(Error::TooManyAttempts { .. }))
    }
}
