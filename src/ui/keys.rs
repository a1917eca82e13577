//! The keys of error messages, shared by the server's pages and the islands.

use crate::{
    api::ErrorCode,
    domain::{Field, FieldError},
};

/// Returns the key of the message about a field's error.
pub(super) fn fault(field: Field, error: FieldError) -> &'static str {
    match (field, error) {
        (Field::Name, FieldError::Required) => "fault-name-required",
        (Field::Name, FieldError::TooLong) => "fault-name-too-long",
        (Field::Name, _) => "fault-name",
        (Field::Email, FieldError::Required) => "fault-email-required",
        (Field::Email, FieldError::Unchanged) => "fault-email-unchanged",
        (Field::Email, FieldError::TooLong) => "fault-email-too-long",
        (Field::Email, _) => "fault-email",
        (Field::CurrentPassword, FieldError::Required) => "fault-current-password-required",
        (Field::CurrentPassword, _) => "fault-current-password",
        (Field::Password, FieldError::Required) => "fault-password-required",
        (Field::Password, FieldError::TooShort) => "fault-password-too-short",
        (Field::Password, FieldError::TooLong) => "fault-password-too-long",
        (Field::Password, FieldError::TooCommon) => "fault-password-too-common",
        (Field::Password, FieldError::TooPersonal) => "fault-password-too-personal",
        (Field::Password, _) => "fault-password",
        (Field::Code, FieldError::Required) => "fault-code-required",
        (Field::Code, FieldError::Wrong) => "fault-code-wrong",
        (Field::Code, _) => "fault-code",
    }
}

/// Returns the key of the message about a failed request.
pub(super) fn problem(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidCredentials => "problem-invalid-credentials",
        ErrorCode::Unauthenticated => "problem-unauthenticated",
        ErrorCode::ConfirmationRequired => "problem-confirmation-required",
        ErrorCode::CrossOrigin => "problem-cross-origin",
        ErrorCode::NotFound => "problem-not-found",
        ErrorCode::Misdirected => "problem-misdirected",
        ErrorCode::EmailTaken => "problem-email-taken",
        ErrorCode::LinkExpired => "problem-link-expired",
        ErrorCode::TooLarge => "problem-too-large",
        ErrorCode::UnsupportedMediaType => "problem-unsupported-media-type",
        ErrorCode::Invalid => "problem-invalid",
        ErrorCode::TooManyAttempts => "problem-too-many-attempts",
        ErrorCode::Unavailable => "problem-unavailable",
        ErrorCode::Internal => "problem-internal",
    }
}
