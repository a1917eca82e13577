//! What a person reads beside a field.

use crate::domain::{Field, FieldError, Password, PersonName};

/// What is wrong with a field, and how to put it right.
pub(super) fn fault(field: Field, error: FieldError) -> String {
    match (field, error) {
        (Field::Name, FieldError::TooLong) => {
            format!("Use {} characters or fewer.", PersonName::MAX_LENGTH)
        }
        (Field::Name, FieldError::Required) => "Enter your name.".into(),
        (Field::Name, _) => "Enter your name without control characters.".into(),
        (Field::Email, FieldError::Required) => "Enter your email address.".into(),
        (Field::Email, FieldError::TooLong) => "This address is too long to be one.".into(),
        (Field::Email, _) => "Enter an email address like name@example.com.".into(),
        (Field::Password, FieldError::Required) => "Enter a password.".into(),
        (Field::Password, FieldError::TooShort) => format!("Use {} characters or more.", Password::MIN_LENGTH),
        (Field::Password, FieldError::TooLong) => format!("Use {} characters or fewer.", Password::MAX_LENGTH),
        (Field::Password, FieldError::TooCommon) => {
            "This password is one of the most common ones. Choose another.".into()
        }
        (Field::Password, FieldError::TooPersonal) => {
            "This password is too close to your name, your email address or the shop's name.".into()
        }
        (Field::Password, FieldError::Malformed) => "This password has a character that cannot be used.".into(),
    }
}
