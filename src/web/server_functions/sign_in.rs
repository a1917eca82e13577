//! Becoming a customer, coming back, staying, and leaving.

use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::{Call, bodies::customer_body, check, explain};
use crate::{
    accounts::{Error, SignedUp},
    api::{ApiError, CustomerBody, Done, ErrorCode, Welcome},
    domain::{LogIn, SignUp},
};

/// Tells a browser what to forget of this site (W3C Clear Site Data).
pub(in crate::web) const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// `POST /api/auth/signup`
///
/// # Errors
/// As the API says.
pub async fn sign_up(name: &str, email: &str, password: &str) -> Result<Welcome, ApiError> {
    let call = Call::current()?;
    let form = SignUp::parse(name, email, password).map_err(ApiError::invalid)?;
    let signed_up = call.state.accounts.sign_up(form, call.caller(), call.presented.refresh()).await;
    match check(signed_up)? {
        SignedUp::SignedIn(customer, tokens) => {
            call.set_cookies(&tokens);
            call.response.set_status(StatusCode::CREATED);
            Ok(Welcome::SignedIn(customer_body(&customer)))
        }
        SignedUp::Pending(cookie) => {
            call.append_cookies([call.state.cookies.set_newcomer(&cookie)]);
            call.response.set_status(StatusCode::ACCEPTED);
            Ok(Welcome::NotYet(Done {}))
        }
    }
}

/// `POST /api/auth/login`
///
/// # Errors
/// As the API says.
pub async fn log_in(email: &str, password: &str) -> Result<CustomerBody, ApiError> {
    let call = Call::current()?;
    let form = LogIn::parse(email, password).map_err(ApiError::invalid)?;
    let logged_in = call.state.accounts.log_in(form, call.caller(), call.presented.refresh()).await;
    let (customer, tokens) = check(logged_in)?;
    call.set_cookies(&tokens);
    Ok(customer_body(&customer))
}

/// `POST /api/auth/logout`
///
/// # Errors
/// As the API says. While the store does not answer, the cookies stay, since the session does.
pub async fn log_out() -> Result<Done, ApiError> {
    let call = Call::current()?;
    check(call.state.accounts.log_out(call.presented.access(), call.presented.refresh(), &call.client()).await)?;
    call.clear_cookies();
    // Copies of pages and answers go with the account (ASVS 5.0, 14.3.1). Not "storage" or "cookies": the shop's other
    // pages have theirs on the same origin, and nothing of ours lies in web storage.
    call.response.insert_header(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    Ok(Done {})
}

/// `POST /api/auth/refresh-token`
///
/// # Errors
/// As the API says.
pub async fn refresh_token() -> Result<Done, ApiError> {
    let call = Call::current()?;
    let Some(token) = call.presented.refresh() else { return Err(ErrorCode::Unauthenticated.into()) };
    match call.state.accounts.refresh_on_request(token, &call.caller()).await {
        Ok(tokens) => {
            call.set_cookies(&tokens);
            Ok(Done {})
        }
        Err(error) => {
            if matches!(error, Error::Unauthenticated) {
                call.clear_cookies();
            }
            Err(explain(&error))
        }
    }
}

/// `GET /api/auth/profile`
///
/// # Errors
/// As the API says.
pub async fn profile() -> Result<CustomerBody, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    Ok(customer_body(&check(call.state.accounts.profile(identity).await)?))
}
