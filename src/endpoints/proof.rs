//! The input that several endpoints share.

use zeroize::Zeroizing;

use crate::{
    accounts::Code,
    api::ApiError,
    domain::{EmailAddress, Field, FieldError, FieldErrors},
};

/// Returns the token of a link, if one was sent.
pub(super) fn given(token: Zeroizing<String>) -> Option<Zeroizing<String>> {
    (!token.is_empty()).then_some(token)
}

/// Parses the code of a mail.
pub(super) fn parse_code(typed: &str) -> Result<Code, ApiError> {
    let error = if typed.trim().is_empty() { FieldError::Required } else { FieldError::Malformed };
    Code::parse(typed).ok_or_else(|| ApiError::invalid(FieldErrors::one(Field::Code, error)))
}

/// Parses an address.
pub(super) fn parse_email(typed: &str) -> Result<EmailAddress, ApiError> {
    EmailAddress::parse(typed).map_err(|error| ApiError::invalid(FieldErrors::one(Field::Email, error)))
}
