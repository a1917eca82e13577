//! `GET /api/auth/profile`

use axum::http::Method;

use crate::{
    api::{ApiError, CustomerBody, ErrorCode},
    web::{
        access::Access,
        bodies::customer_body,
        edge::NoInput,
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Returns the logged-in customer.
pub struct Profile;

impl Endpoint for Profile {
    const PATH: &'static str = "/api/auth/profile";
    const METHOD: Method = Method::GET;
    const ACCESS: Access = Access::SignedIn;
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Get the customer who is signed in",
        success: &[(200, "The customer.")],
        errors: &[ErrorCode::Unauthenticated],
    };
    type Input = NoInput;
    type Output = CustomerBody;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<CustomerBody, ApiError> {
        Ok(customer_body(&visit.state.accounts.profile(visit.identity()?).await?))
    }
}
