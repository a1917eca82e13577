//! What can be wrong with what somebody typed: a closed list of fields and a closed list of faults, so that nothing a
//! client sent can travel back inside an error.

use serde::{Deserialize, Serialize};

/// A field of a form, named as in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    Email,
    /// The password that is in force, where another is chosen or something is confirmed.
    CurrentPassword,
    Password,
    /// The six digits of a mail.
    Code,
}

impl Field {
    /// Every one, in the order of a form.
    pub const ALL: [Self; 5] = [Self::Name, Self::Email, Self::CurrentPassword, Self::Password, Self::Code];

    /// Returns its name in the API.
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

/// What is wrong with one field; the API's code for it is the name in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldError {
    /// Nothing was typed, or the field was not sent.
    Required,
    /// Fewer characters than the field's least.
    TooShort,
    /// More characters than the field's most.
    TooLong,
    /// Not of the field's form, or not text at all.
    Malformed,
    /// A password on the list of common ones (ASVS 5.0, 6.2.4).
    TooCommon,
    /// A password made of the person's own name or email, or of the shop's name (ASVS 5.0, 6.2.11).
    TooPersonal,
    /// The one that there is already.
    Unchanged,
    /// Not the password that is in force, or not the code of the mail.
    Wrong,
}

impl FieldError {
    /// Every one.
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

/// The faults of a whole form, at most one a field.
// A field of its own for each rather than a map: a map's code alone was a thirtieth of what a browser loads.
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
    /// A form with a single fault.
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

    /// What is wrong with `field`, if anything.
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

    /// Every fault, in the order of the form.
    pub fn iter(&self) -> impl Iterator<Item = (Field, FieldError)> + '_ {
        Field::ALL.into_iter().filter_map(|field| Some((field, self.get(field)?)))
    }

    /// The first field at fault, in the order of the form: where the focus belongs.
    #[must_use]
    pub fn first(&self) -> Option<Field> {
        self.iter().next().map(|(field, _)| field)
    }

    /// Adds a fault; a field keeps the first that was found.
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

    /// Keeps a parsed value, or notes why there is none: how a form collects all its faults at once.
    pub fn keep<T>(&mut self, field: Field, parsed: Result<T, FieldError>) -> Option<T> {
        parsed.map_err(|error| self.add(field, error)).ok()
    }
}
