//! What a person reads beside a field, or in the place of a number.

use crate::{
    api::{ApiError, ErrorCode},
    domain::{Event, Field, FieldError, Password, PersonName},
    ui::FormName,
};

/// What is wrong with a field, and how to put it right.
pub(super) fn fault(field: Field, error: FieldError) -> String {
    match (field, error) {
        (Field::Name, FieldError::TooLong) => {
            format!("Use {} characters or fewer.", PersonName::MAX_LENGTH)
        }
        (Field::Name, FieldError::Required) => "Enter your name.".into(),
        (Field::Name, _) => "Enter your name without control characters.".into(),
        (Field::Email, FieldError::Required) => "Enter your email address.".into(),
        (Field::Email, FieldError::Unchanged) => "This is your address already.".into(),
        (Field::Email, FieldError::TooLong) => "This address is too long to be one.".into(),
        (Field::Email, _) => "Enter an email address like name@example.com.".into(),
        (Field::CurrentPassword, FieldError::Required) => "Enter your current password.".into(),
        (Field::CurrentPassword, _) => "This is not your current password.".into(),
        (Field::Password, FieldError::Required) => "Enter a password.".into(),
        (Field::Password, FieldError::TooShort) => format!("Use {} characters or more.", Password::MIN_LENGTH),
        (Field::Password, FieldError::TooLong) => format!("Use {} characters or fewer.", Password::MAX_LENGTH),
        (Field::Password, FieldError::TooCommon) => {
            "This password is one of the most common ones. Choose another.".into()
        }
        (Field::Password, FieldError::TooPersonal) => {
            "This password is too close to your name, your email address or the shop's name.".into()
        }
        (Field::Password, FieldError::Malformed | FieldError::Wrong | FieldError::Unchanged) => {
            "This password has a character that cannot be used.".into()
        }
        (Field::Code, FieldError::Required) => "Enter the code of our mail.".into(),
        (Field::Code, FieldError::Wrong) => {
            "This is not the code of our latest mail, or its time is over. Ask for another mail.".into()
        }
        (Field::Code, _) => "Enter the six digits of the code.".into(),
    }
}

/// What kept something from being done, and what to do next.
pub(super) fn problem(error: &ApiError) -> String {
    match (error.code, error.retry_after) {
        (ErrorCode::TooManyAttempts, Some(seconds)) => format!("Too many attempts. Try again in {}.", span(seconds)),
        (code, _) => code.message().to_owned(),
    }
}

/// A span of time in words, rounded up: `40 seconds`, `2 minutes`.
fn span(seconds: u32) -> String {
    match (seconds, seconds.div_ceil(60)) {
        (0 | 1, _) => "a second".to_owned(),
        (seconds, 1) => format!("{seconds} seconds"),
        (_, minutes) => format!("{minutes} minutes"),
    }
}

/// The day of an RFC 3339 time, in words: `2026-11-22T…` is `22 November 2026`. What is no such time stays as it is.
pub(super) fn day(time: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut parts = time.split(['-', 'T']);
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month = month.and_then(|month| MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?));
    match (year, month, day) {
        (Some(year), Some(month), Some(day)) => format!("{} {month} {year}", day.trim_start_matches('0')),
        _ => time.to_owned(),
    }
}

/// The minute of an RFC 3339 time in UTC, in words: `24 November 2026, 04:10 UTC`.
pub(super) fn minute(time: &str) -> String {
    match time.split_once('T').and_then(|(_, clock)| clock.get(..5)) {
        Some(clock) => format!("{}, {clock} UTC", day(time)),
        None => time.to_owned(),
    }
}

/// What a device is called: `Firefox on Linux`, or as much of it as is known.
pub(super) fn device(browser: &str, system: &str) -> String {
    match (browser, system) {
        ("", "") => "Unknown device".to_owned(),
        ("", system) => system.to_owned(),
        (browser, "") => browser.to_owned(),
        (browser, system) => format!("{browser} on {system}"),
    }
}

/// What happened to an account, and how often.
pub(super) fn event(event: Event, count: u32) -> String {
    match event {
        Event::SignedUp => "You opened this account",
        Event::EmailVerified => "Email address verified",
        Event::EmailChangeAsked => "Another email address was proposed",
        Event::EmailChanged => "Email address changed, all other devices signed out",
        Event::AccountSecured => "Account secured: all devices signed out, until a new password was chosen by mail",
        Event::LoggedIn => "Login",
        Event::LoggedInOnNewDevice => "Login on a new device",
        Event::AttemptFailed if count > 1 => return format!("{count} attempts with a wrong password"),
        Event::AttemptFailed => "An attempt with a wrong password",
        Event::Confirmed => "Password confirmed",
        Event::PasswordChanged => "Password changed, all other devices signed out",
        Event::ResetAsked => "A link to choose a new password was asked for",
        Event::PasswordReset => "New password chosen by a link, all devices signed out",
        Event::LoggedOut => "Logout",
        Event::DeviceSignedOut => "A device was signed out from another",
        Event::OtherDevicesSignedOut => "All other devices were signed out",
        Event::TokenReused => "A device was signed out because a copy of its key was used",
    }
    .to_owned()
}

/// What was done, where a form stays on its page.
pub(super) fn done(form: FormName) -> &'static str {
    match form {
        FormName::ChangePassword => "Your password has been changed, and all other devices are signed out.",
        FormName::ProposeEmail => "We wrote to your new address. Until you follow the link there, the old one counts.",
        FormName::WithdrawEmail => "Your address stays as it is.",
        FormName::ChangeEmail => "Your email address has been changed, and all other devices are signed out.",
        FormName::SecureAccount => {
            "All devices are signed out, and the old password is void. We sent you a link to choose a new one."
        }
        FormName::ResendVerification => "Another mail is on its way. Earlier ones are not good any more.",
        FormName::ForgotPassword => {
            "If there is an account with this address, a link is on its way. It is good for half an hour."
        }
        FormName::ResetPassword => {
            "Your password has been changed, and all devices are signed out. Log in with it now."
        }
        FormName::Devices => "Done. Whoever used that device has to log in again.",
        FormName::SignUp | FormName::LogIn | FormName::VerifyEmail | FormName::Confirm => "Done.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_words_and_never_too_short() {
        let told = [1, 2, 59, 60, 61, 119, 120, 3600].map(span);
        let words =
            ["a second", "2 seconds", "59 seconds", "60 seconds", "2 minutes", "2 minutes", "2 minutes", "60 minutes"];
        assert_eq!(told, words);
        let refused = ApiError { retry_after: Some(40), ..ErrorCode::TooManyAttempts.into() };
        assert_eq!(problem(&refused), "Too many attempts. Try again in 40 seconds.");
        assert_eq!(problem(&ErrorCode::Unavailable.into()), ErrorCode::Unavailable.message());
    }

    #[test]
    fn a_day_is_told_in_words() {
        assert_eq!(day("2026-11-22T14:45:57.123Z"), "22 November 2026");
        assert_eq!(day("2024-03-01T10:20:30Z"), "1 March 2024");
        assert_eq!(day("soon"), "soon");
        assert_eq!(minute("2026-11-22T14:45:57.123Z"), "22 November 2026, 14:45 UTC");
        assert_eq!(minute("soon"), "soon");
        assert_eq!(day("2024-13-01T00:00:00Z"), "2024-13-01T00:00:00Z");
    }
}
