//! The language in which somebody is answered.

use super::{Call, check};
use crate::{
    api::{ApiError, Done, ErrorCode},
    domain::Language,
    web::language,
};

/// `POST /api/language`
///
/// # Errors
/// As the API says.
pub async fn choose_language(code: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let language = Language::parse(code).ok_or(ErrorCode::Invalid)?;
    if let Some(identity) = call.known_identity().await? {
        check(call.state.accounts.choose_language(identity, language).await)?;
    }
    call.append_cookies([language::cookie(language, call.state.cookies.is_secure())]);
    Ok(Done {})
}
