//! What can happen to an account: a closed list, so that there are words for all of it.

use serde::{Deserialize, Serialize};

/// Something that happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    SignedUp,
    EmailVerified,
    /// The customer wants to have another address.
    EmailChangeAsked,
    EmailChanged,
    LoggedIn,
    /// By a browser by which the customer did not sign in before.
    LoggedInOnNewDevice,
    /// A wrong password, at a login or a confirmation.
    AttemptFailed,
    Confirmed,
    PasswordChanged,
    /// Somebody asked for a link by which to choose a new password.
    ResetAsked,
    /// A new password was chosen by such a link.
    PasswordReset,
    /// The customer said that something was not them.
    AccountSecured,
    LoggedOut,
    /// By its customer, from another device.
    DeviceSignedOut,
    OtherDevicesSignedOut,
    /// A used refresh token came back, and its session was ended.
    TokenReused,
    /// The shop opened the account for its customer.
    AccountMade,
    /// The shop keeps its customer out, and lets them in again.
    AccountDisabled,
    AccountEnabled,
    /// The shop changed what its customer may do.
    RoleChanged,
    /// The shop ended every session.
    SignedOutByShop,
}

impl Event {
    /// All kinds of events.
    pub const ALL: [Self; 21] = [
        Self::SignedUp,
        Self::EmailVerified,
        Self::EmailChangeAsked,
        Self::EmailChanged,
        Self::AccountSecured,
        Self::LoggedIn,
        Self::LoggedInOnNewDevice,
        Self::AttemptFailed,
        Self::Confirmed,
        Self::PasswordChanged,
        Self::ResetAsked,
        Self::PasswordReset,
        Self::LoggedOut,
        Self::DeviceSignedOut,
        Self::OtherDevicesSignedOut,
        Self::TokenReused,
        Self::AccountMade,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::RoleChanged,
        Self::SignedOutByShop,
    ];

    /// What stores call it; the API's name is the same.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::EmailVerified => "email_verified",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChanged => "email_changed",
            Self::AccountSecured => "account_secured",
            Self::LoggedIn => "logged_in",
            Self::LoggedInOnNewDevice => "logged_in_on_new_device",
            Self::AttemptFailed => "attempt_failed",
            Self::Confirmed => "confirmed",
            Self::PasswordChanged => "password_changed",
            Self::ResetAsked => "reset_asked",
            Self::PasswordReset => "password_reset",
            Self::LoggedOut => "logged_out",
            Self::DeviceSignedOut => "device_signed_out",
            Self::OtherDevicesSignedOut => "other_devices_signed_out",
            Self::TokenReused => "token_reused",
            Self::AccountMade => "account_made",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::RoleChanged => "role_changed",
            Self::SignedOutByShop => "signed_out_by_shop",
        }
    }

    /// Returns true for a kind that a customer, or a stranger, causes often, and that changes no account: a list of events
    /// must not lose the other kinds to these.
    #[must_use]
    pub fn is_frequent(self) -> bool {
        matches!(
            self,
            Self::LoggedIn
                | Self::LoggedInOnNewDevice
                | Self::AttemptFailed
                | Self::Confirmed
                | Self::ResetAsked
                | Self::EmailChangeAsked
                | Self::LoggedOut
                | Self::DeviceSignedOut
                | Self::OtherDevicesSignedOut
                | Self::TokenReused
        )
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_and_the_api_call_every_event_by_one_name() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.as_str()), Some(event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
        assert_eq!(Event::parse("something else"), None);
    }
}
