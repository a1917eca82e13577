//! `GET /api/auth/email`

use axum::http::Method;

use crate::{
    api::{ApiError, EmailBody, ErrorCode},
    web::{
        access::Access,
        edge::NoInput,
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Returns the address of the logged-in customer.
pub struct Email;

impl Endpoint for Email {
    const PATH: &'static str = "/api/auth/email";
    const METHOD: Method = Method::GET;
    const ACCESS: Access = Access::SignedIn;
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Get the email address",
        success: &[(200, "The address, and the one that is proposed.")],
        errors: &[ErrorCode::Unauthenticated],
    };
    type Input = NoInput;
    type Output = EmailBody;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<EmailBody, ApiError> {
        let identity = visit.identity()?;
        let customer = visit.state.accounts.profile(identity).await?;
        let pending = visit.state.accounts.proposed_email(identity).await?;
        Ok(EmailBody {
            email: customer.email.as_str().to_owned(),
            verified: customer.verified,
            pending: pending.map(|proposed| proposed.email.as_str().to_owned()),
        })
    }
}
