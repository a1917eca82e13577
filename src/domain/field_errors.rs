//! Validation errors: a closed list of fields and a closed list of faults, so that an error can never contain a value
//! that a client sent.

use serde::{Deserialize, Serialize};

/// A field of a form, by its name in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    Email,
    /// The current password, where a new one is chosen or an action is confirmed.
    CurrentPassword,
    Password,
    /// The six-digit code of a mail.
    Code,
}

impl Field {
    /// All fields, in the order of a form.
    pub const ALL: [Self; 5] = [Self::Name, Self::Email, Self::CurrentPassword, Self::Password, Self::Code];

    /// Returns the name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::CurrentPassword => "current_password",
            Self::Password => "password",
            Self::Code => "code",
        }
    }
}

/// What is wrong with one field. Its code in the API is the name in snake case.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldError {
    /// The field is empty or was not sent.
    Required,
    /// Fewer characters than the field's minimum.
    TooShort,
    /// More characters than the field's maximum.
    TooLong,
    /// Not in the format of the field, or not text.
    Malformed,
    /// A password on the list of common ones (ASVS 5.0, 6.2.4).
    TooCommon,
    /// A password that consists of the customer's own name or email, or of the shop's name (ASVS 5.0, 6.2.11).
    TooPersonal,
    /// The same as the current value.
    Unchanged,
    /// Not the current password, or not the code of the mail.
    Wrong,
}

impl FieldError {
    /// All faults.
    pub const ALL: [Self; 8] = [
        Self::Required,
        Self::TooShort,
        Self::TooLong,
        Self::Malformed,
        Self::TooCommon,
        Self::TooPersonal,
        Self::Unchanged,
        Self::Wrong,
    ];
}

/// The faults of a whole form, at most one per field.
// One struct field per form field instead of a map: the code of a map was 3% of what a browser downloads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current_password: Option<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<FieldError>,
}

impl FieldErrors {
    /// Returns the faults of a form with a single fault.
    #[must_use]
    pub fn one(field: Field, error: FieldError) -> Self {
        let mut errors = Self::default();
        errors.add(field, error);
        errors
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }

    /// Returns the fault of `field`, if it has one.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<FieldError> {
        match field {
            Field::Name => self.name,
            Field::Email => self.email,
            Field::CurrentPassword => self.current_password,
            Field::Password => self.password,
            Field::Code => self.code,
        }
    }

    /// Returns all faults, in the order of the form.
    pub fn iter(&self) -> impl Iterator<Item = (Field, FieldError)> + '_ {
        Field::ALL.into_iter().filter_map(|field| Some((field, self.get(field)?)))
    }

    /// Returns the first field with a fault, in the order of the form. The focus moves there.
    #[must_use]
    pub fn first(&self) -> Option<Field> {
        self.iter().next().map(|(field, _)| field)
    }

    /// Adds a fault. If the field has one already, that one stays.
    pub fn add(&mut self, field: Field, error: FieldError) {
        let place = match field {
            Field::Name => &mut self.name,
            Field::Email => &mut self.email,
            Field::CurrentPassword => &mut self.current_password,
            Field::Password => &mut self.password,
            Field::Code => &mut self.code,
        };
        place.get_or_insert(error);
    }

    /// Returns the parsed value, or adds its fault and returns `None`. A form uses this to collect all its faults at
    /// once.
    pub fn keep<T>(&mut self, field: Field, parsed: Result<T, FieldError>) -> Option<T> {
        parsed.map_err(|error| self.add(field, error)).ok()
    }
}
