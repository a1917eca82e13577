//! The forms for signing up, logging in and passwords. Each either parses as a whole or returns all its faults at once.

use zeroize::Zeroizing;

use super::{EmailAddress, Field, FieldErrors, Password, PasswordAttempt, PersonName};

/// A sign-up that satisfies every rule that needs no list and no store.
#[derive(Clone, Debug)]
pub struct SignUp {
    pub name: PersonName,
    pub email: EmailAddress,
    pub password: Password,
}

impl SignUp {
    /// Parses the form as it was typed.
    ///
    /// # Errors
    /// The faults of all fields.
    pub fn parse(name: &str, email: &str, password: &str) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.keep(Field::Name, PersonName::parse(name));
        let email = errors.keep(Field::Email, EmailAddress::parse(email));
        let password = errors.keep(Field::Password, Password::parse(password));
        if let Some(password) = &password {
            errors.keep(Field::Password, password.check_personal(name.as_ref(), email.as_ref(), None));
        }
        match (name, email, password) {
            (Some(name), Some(email), Some(password)) if errors.is_empty() => Ok(Self { name, email, password }),
            _ => Err(errors),
        }
    }
}

/// A login with valid fields.
#[derive(Clone, Debug)]
pub struct LogIn {
    pub email: EmailAddress,
    pub password: PasswordAttempt,
}

impl LogIn {
    /// Parses the form as it was typed.
    ///
    /// # Errors
    /// The faults of all fields. They depend on the text alone, never on which accounts exist.
    pub fn parse(email: &str, password: &str) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = errors.keep(Field::Email, EmailAddress::parse(email));
        let password = errors.keep(Field::Password, PasswordAttempt::parse(password));
        match (email, password) {
            (Some(email), Some(password)) => Ok(Self { email, password }),
            _ => Err(errors),
        }
    }
}

/// A new password that replaces the current one.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    pub current: PasswordAttempt,
    pub password: Password,
}

impl ChangePassword {
    /// Parses the form as it was typed.
    ///
    /// # Errors
    /// The faults of all fields.
    pub fn parse(current: &str, password: &str) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let current = errors.keep(Field::CurrentPassword, PasswordAttempt::parse(current));
        let password = errors.keep(Field::Password, Password::parse(password));
        match (current, password) {
            (Some(current), Some(password)) => Ok(Self { current, password }),
            _ => Err(errors),
        }
    }
}

/// A new password that replaces a forgotten one.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// The token of the reset link.
    pub token: Zeroizing<String>,
    pub password: Password,
}

impl ResetPassword {
    /// Parses the form as it was typed.
    ///
    /// # Errors
    /// The fault of the password.
    pub fn parse(token: &str, password: &str) -> Result<Self, FieldErrors> {
        let password = Password::parse(password).map_err(|error| FieldErrors::one(Field::Password, error))?;
        Ok(Self { token: Zeroizing::new(token.to_owned()), password })
    }
}

/// The current password, which confirms that the request comes from the customer.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub current: PasswordAttempt,
}

impl Confirm {
    /// Parses the form as it was typed.
    ///
    /// # Errors
    /// `Required` if it is empty.
    pub fn parse(current: &str) -> Result<Self, FieldErrors> {
        let current = PasswordAttempt::parse(current);
        Ok(Self { current: current.map_err(|error| FieldErrors::one(Field::CurrentPassword, error))? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::FieldError;
    use super::*;

    #[test]
    fn every_fault_of_a_form_is_found_at_once() {
        let errors = SignUp::parse(" ", "not an address", "short").unwrap_err();
        assert_eq!(errors.get(Field::Name), Some(FieldError::Required));
        assert_eq!(errors.get(Field::Email), Some(FieldError::Malformed));
        assert_eq!(errors.get(Field::Password), Some(FieldError::TooShort));
        assert_eq!(errors.first(), Some(Field::Name));
    }

    #[test]
    fn a_personal_password_is_found_although_another_field_is_wrong() {
        let errors = SignUp::parse("Ada Lovelace", "", "lovelace12").unwrap_err();
        assert_eq!(errors.get(Field::Password), Some(FieldError::TooPersonal));
        assert_eq!(errors.get(Field::Email), Some(FieldError::Required));
    }

    #[test]
    fn a_login_accepts_any_password_except_an_empty_one() {
        assert!(LogIn::parse("a@x.test", "1").is_ok());
        assert!(LogIn::parse("a@x.test", &"x".repeat(5000)).is_ok());
        assert_eq!(LogIn::parse("a@x.test", "").unwrap_err().get(Field::Password), Some(FieldError::Required));
    }
}
