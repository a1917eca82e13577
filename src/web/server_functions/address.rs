//! The customer's address: whose it is, another in its place, and "this was not me".

use axum::http::{HeaderValue, header};
use zeroize::Zeroizing;

use super::{Call, bodies::customer_body, check, parse_email};
use crate::{
    accounts::{ChangeProof, Code, EmailProof, Verified},
    api::{ApiError, Done, EmailBody, Welcome},
    domain::{Field, FieldError, FieldErrors},
    ui::routes,
};

/// `POST /api/auth/verify-email`
///
/// # Errors
/// As the API says.
pub async fn verify_email(token: &str, code: &str) -> Result<Welcome, ApiError> {
    let call = Call::current()?;
    let proof = match parse_token(token) {
        Some(token) => EmailProof::Link(token),
        None => EmailProof::Code(parse_code(code)?),
    };
    let identity = call.known_identity().await?;
    let verified = call.state.accounts.verify_email(proof, call.caller(), identity, call.presented.refresh()).await;
    let welcome = match check(verified)? {
        Verified::SignedIn(customer, tokens) => {
            call.set_cookies(&tokens);
            Welcome::SignedIn(customer_body(&customer))
        }
        Verified::StillSignedIn(customer) => Welcome::SignedIn(customer_body(&customer)),
        Verified::Elsewhere { reset } => {
            if let Ok(mut next) = HeaderValue::try_from(routes::reset_password(&reset)) {
                next.set_sensitive(true);
                call.response.insert_header(header::LOCATION, next);
            }
            Welcome::NotYet(Done {})
        }
    };
    call.append_cookies([call.state.cookies.clear_newcomer()]);
    Ok(welcome)
}

/// `POST /api/auth/verify-email/resend`
///
/// # Errors
/// As the API says.
pub async fn resend_verification(email: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let email = (!email.trim().is_empty()).then(|| parse_email(email)).transpose()?;
    let identity = call.known_identity().await?;
    check(call.state.accounts.resend_verification(email, &call.caller(), identity).await)?;
    Ok(Done {})
}

/// `GET /api/auth/email`
///
/// # Errors
/// As the API says.
pub async fn email() -> Result<EmailBody, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let customer = check(call.state.accounts.profile(identity).await)?;
    let pending = check(call.state.accounts.proposed_email(identity).await)?;
    Ok(EmailBody {
        email: customer.email.as_str().to_owned(),
        verified: customer.verified,
        pending: pending.map(|email| email.as_str().to_owned()),
    })
}

/// `POST /api/auth/change-email`
///
/// # Errors
/// As the API says.
pub async fn propose_email(email: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    check(call.state.accounts.propose_email(identity, parse_email(email)?, &call.client()).await)?;
    Ok(Done {})
}

/// `POST /api/auth/change-email/confirm`
///
/// # Errors
/// As the API says.
pub async fn change_email(token: &str, code: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let proof = match parse_token(token) {
        Some(token) => ChangeProof::Link(token),
        None => ChangeProof::Code(parse_code(code)?),
    };
    let browser = check(call.state.accounts.change_email(identity, proof, &call.client()).await)?;
    call.append_cookies([call.state.cookies.set_browser(&browser)]);
    Ok(Done {})
}

/// `POST /api/auth/change-email/cancel`
///
/// # Errors
/// As the API says.
pub async fn withdraw_email() -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    check(call.state.accounts.withdraw_email(identity).await)?;
    Ok(Done {})
}

/// `POST /api/auth/secure-account`
///
/// # Errors
/// As the API says.
pub async fn secure_account(token: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    check(call.state.accounts.secure_account(token, &call.client()).await)?;
    Ok(Done {})
}

/// The token of a link, where one was sent.
fn parse_token(token: &str) -> Option<Zeroizing<String>> {
    (!token.is_empty()).then(|| Zeroizing::new(token.to_owned()))
}

fn parse_code(typed: &str) -> Result<Code, ApiError> {
    let error = if typed.trim().is_empty() { FieldError::Required } else { FieldError::Malformed };
    Code::parse(typed).ok_or_else(|| ApiError::invalid(FieldErrors::one(Field::Code, error)))
}
