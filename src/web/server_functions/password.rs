//! The customer's password: confirmed, changed, or chosen anew where it was forgotten.

use super::{Call, check, parse_email};
use crate::{
    api::{ApiError, Done},
    domain::{ChangePassword, Confirm, ResetPassword},
};

/// `POST /api/auth/forgot-password`
///
/// # Errors
/// As the API says.
pub async fn forgot_password(email: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    check(call.state.accounts.forgot_password(&parse_email(email)?, &call.caller()).await)?;
    Ok(Done {})
}

/// `POST /api/auth/reset-password`
///
/// # Errors
/// As the API says.
pub async fn reset_password(token: &str, password: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let form = ResetPassword::parse(token, password).map_err(ApiError::invalid)?;
    let browser = check(call.state.accounts.reset_password(form, &call.client()).await)?;
    call.append_cookies([call.state.cookies.set_browser(&browser)]);
    Ok(Done {})
}

/// `POST /api/auth/confirm`
///
/// # Errors
/// As the API says.
pub async fn confirm(current_password: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let form = Confirm::parse(current_password).map_err(ApiError::invalid)?;
    call.replace_cookies(call.state.accounts.confirm(identity, form, call.caller()).await)
}

/// `POST /api/auth/change-password`
///
/// # Errors
/// As the API says.
pub async fn change_password(current_password: &str, password: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let form = ChangePassword::parse(current_password, password).map_err(ApiError::invalid)?;
    call.replace_cookies(call.state.accounts.change_password(identity, form, call.caller()).await)
}
