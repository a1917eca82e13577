//! The only error type that clients receive: a code of a closed list with a fixed message. It never contains client
//! input, so there is nothing to escape and nothing to leak.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use crate::domain::{FieldError, FieldErrors};

/// The error code. In JSON, it is the name in snake case.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    InvalidCredentials,
    Unauthenticated,
    ConfirmationRequired,
    CrossOrigin,
    NotFound,
    Misdirected,
    EmailTaken,
    LinkExpired,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyAttempts,
    Unavailable,
    Internal,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 14] = [
        Self::InvalidCredentials,
        Self::Unauthenticated,
        Self::ConfirmationRequired,
        Self::CrossOrigin,
        Self::NotFound,
        Self::Misdirected,
        Self::EmailTaken,
        Self::LinkExpired,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::TooManyAttempts,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Returns the code as it appears in JSON and in the access log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidCredentials => "invalid_credentials",
            Self::Unauthenticated => "unauthenticated",
            Self::ConfirmationRequired => "confirmation_required",
            Self::CrossOrigin => "cross_origin",
            Self::NotFound => "not_found",
            Self::Misdirected => "misdirected",
            Self::EmailTaken => "email_taken",
            Self::LinkExpired => "link_expired",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid => "invalid",
            Self::TooManyAttempts => "too_many_attempts",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Returns the HTTP status of the code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidCredentials | Self::Unauthenticated => 401,
            Self::ConfirmationRequired | Self::CrossOrigin => 403,
            Self::NotFound => 404,
            Self::EmailTaken => 409,
            Self::LinkExpired => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Misdirected => 421,
            Self::Invalid => 422,
            Self::TooManyAttempts => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// Returns the message: what happened, and what to do next.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::InvalidCredentials => "Incorrect email or password.",
            Self::Unauthenticated => "Log in to continue.",
            Self::ConfirmationRequired => "Confirm your password to continue.",
            Self::CrossOrigin => "We blocked this request for your security. Go back and try again.",
            Self::NotFound => "We couldn't find that. It may no longer exist.",
            Self::Misdirected => "This server doesn't answer for this host name. Check the address.",
            Self::EmailTaken => "There is already an account with this email address. Log in instead.",
            Self::LinkExpired => "This link has expired or was already used. Request a new one.",
            Self::TooLarge => "That's too much to send at once.",
            Self::UnsupportedMediaType => "Send JSON or a form, without a content encoding.",
            Self::Invalid => "Some fields are invalid.",
            Self::TooManyAttempts => "Too many attempts. Wait a while, then try again.",
            Self::Unavailable => "We're having trouble right now. Try again in a moment.",
            Self::Internal => "Something went wrong on our side. Please try again.",
        }
    }
}

/// The error in JSON: `{"code","message","fields"?,"retryAfter"?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Wire", rename_all = "camelCase")]
pub struct ApiError {
    pub code: ErrorCode,
    /// The errors of the form's fields, with [`ErrorCode::Invalid`].
    #[serde(default)]
    pub fields: FieldErrors,
    /// The number of seconds to wait, with [`ErrorCode::TooManyAttempts`]. The `Retry-After` header has the same value,
    /// but forms in the browser cannot read it.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// A parameter that is not a form field and is duplicated or has the wrong type. In JSON, it is one of the fields.
    #[serde(skip_deserializing)]
    pub parameter: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    code: ErrorCode,
    message: &'static str,
    #[serde(skip_serializing_if = "WireFields::is_empty")]
    fields: WireFields,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

/// The errors by field or parameter name.
struct WireFields(FieldErrors, Option<&'static str>);

impl WireFields {
    fn is_empty(&self) -> bool {
        self.0.is_empty() && self.1.is_none()
    }
}

impl Serialize for WireFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (field, error) in self.0.iter() {
            map.serialize_entry(&field, &error)?;
        }
        if let Some(name) = self.1 {
            map.serialize_entry(name, &FieldError::Malformed)?;
        }
        map.end()
    }
}

impl From<ApiError> for Wire {
    fn from(ApiError { code, fields, retry_after, parameter }: ApiError) -> Self {
        Self { code, message: code.message(), fields: WireFields(fields, parameter), retry_after }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self { code, fields: FieldErrors::default(), retry_after: None, parameter: None }
    }
}

impl ApiError {
    /// Returns the error for a form with invalid fields.
    #[must_use]
    pub fn invalid(fields: FieldErrors) -> Self {
        Self { fields, ..ErrorCode::Invalid.into() }
    }

    /// Returns the error for a parameter that is not a form field and is duplicated or has the wrong type.
    #[must_use]
    pub fn invalid_parameter(name: &'static str) -> Self {
        Self { parameter: Some(name), ..ErrorCode::Invalid.into() }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => ErrorCode::Invalid,
            // In the browser: the request failed, or the response did not come from this program.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => ErrorCode::Unavailable,
            _ => ErrorCode::Internal,
        }
        .into()
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.message())
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_of_another_type_is_named_among_the_fields() {
        let error = serde_json::to_value(ApiError::invalid_parameter("session")).unwrap();
        assert_eq!(error["fields"], serde_json::json!({ "session": "malformed" }));
    }

    #[test]
    fn an_error_code_has_the_same_name_in_the_log_and_in_the_api() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
