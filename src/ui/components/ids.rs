//! The ids of elements that the islands access, and the attributes derived from them.

use crate::domain::Field;

/// The id of the error summary, which takes the focus when it appears.
pub(crate) const ERROR_SUMMARY_ID: &str = "error-summary";

/// The id of the button that suggests another email address.
pub(crate) const EMAIL_SUGGESTION_ID: &str = "email-suggestion";

/// Returns the id of a field's control, which is also its name.
pub(crate) fn control_id(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Email => "email",
        Field::CurrentPassword => "current_password",
        Field::Password => "password",
        Field::Code => "code",
    }
}

/// Returns the id of a field's hint.
pub(crate) fn hint_id(field: Field) -> String {
    format!("{}-hint", control_id(field))
}

/// Returns the id of a field's error.
pub(crate) fn error_id(field: Field) -> String {
    format!("{}-error", control_id(field))
}

/// Returns the ids of a control's hint and error, for `aria-describedby`.
pub(crate) fn described_by(field: Field, has_hint: bool, has_error: bool) -> Option<String> {
    match (has_hint, has_error) {
        (true, true) => Some(format!("{} {}", hint_id(field), error_id(field))),
        (true, false) => Some(hint_id(field)),
        (false, true) => Some(error_id(field)),
        (false, false) => None,
    }
}
