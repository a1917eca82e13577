//! `POST /api/auth/verify-email`

use axum::http::{HeaderValue, Method, header};
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::proof::{given, parse_code};
use crate::{
    accounts::{EmailProof, Verified},
    api::{ApiError, Done, ErrorCode, Welcome},
    ui::routes,
    web::{
        access::Access,
        bodies::customer_body,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Verifies an address, with the `token` of a link or the six-digit `code` in the same mail. In a browser other than
/// the one that created the account, this removes the password and ends all sessions. The code works there only if this
/// browser also signed up with the address and requested the mail.
pub struct VerifyEmail;

#[derive(Deserialize, ToSchema)]
pub struct VerifyEmailInput {
    #[serde(default)]
    #[schema(value_type = String)]
    pub token: Zeroizing<String>,
    #[serde(default)]
    #[schema(example = "123456")]
    pub code: String,
}

impl Endpoint for VerifyEmail {
    const PATH: &'static str = "/api/auth/verify-email";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm = PlainForm::on(routes::VERIFY_EMAIL, OnSuccess::Continue { accepted: None });
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Verify an email address",
        success: &[(200, "The customer, signed in; or `{}` and a `Location` where another password is chosen.")],
        errors: &[ErrorCode::Unauthenticated, ErrorCode::LinkExpired, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<VerifyEmailInput>;
    type Output = Welcome;

    async fn handle(
        visit: &mut Visit,
        Fields(VerifyEmailInput { token, code }): Fields<VerifyEmailInput>,
    ) -> Result<Welcome, ApiError> {
        let proof = match given(token) {
            Some(token) => EmailProof::Link(token),
            None => EmailProof::Code(parse_code(&code)?),
        };
        let identity = visit.authenticate().await?;
        let (caller, replaced) = (visit.caller(), visit.presented.refresh());
        let pending = caller.pending_signup.clone();
        let verified = visit.state.accounts.verify_email(proof, caller, identity, replaced).await?;
        // A sign-up with another address in this browser stays pending.
        if pending.is_some_and(|pending| pending.email == *verified.email()) {
            visit.clear_pending_signup();
        }
        Ok(match verified {
            Verified::SignedIn(customer, tokens) => {
                visit.set_session(&tokens);
                Welcome::SignedIn(customer_body(&customer))
            }
            Verified::StillSignedIn(customer) => Welcome::SignedIn(customer_body(&customer)),
            Verified::Elsewhere { reset, .. } => {
                if let Ok(mut next) = HeaderValue::try_from(routes::with_token(routes::RESET_PASSWORD, &reset)) {
                    next.set_sensitive(true);
                    visit.set_header(header::LOCATION, next);
                }
                Welcome::NotYet(Done {})
            }
        })
    }
}
