//! The events of an account: a closed list, so that every event has a text.

use serde::{Deserialize, Serialize};

/// Something that happened to an account.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    SignedUp,
    EmailVerified,
    /// The customer requested another address.
    EmailChangeAsked,
    /// The customer withdrew that request.
    EmailChangeCancelled,
    EmailChanged,
    LoggedIn,
    /// A login from a browser that the customer has not used before.
    LoggedInOnNewDevice,
    /// A wrong password, at a login or a confirmation.
    AttemptFailed,
    Confirmed,
    PasswordChanged,
    /// A link to reset the password was requested.
    ResetAsked,
    /// A new password was set with a reset link.
    PasswordReset,
    /// The customer reported an event as not theirs.
    AccountSecured,
    LoggedOut,
    /// Signed out by the customer from another device.
    DeviceSignedOut,
    OtherDevicesSignedOut,
    /// A refresh token was used a second time, and its session was ended.
    TokenReused,
    /// The shop created the account for its customer.
    AccountMade,
    /// The shop disabled the account, or enabled it again.
    AccountDisabled,
    AccountEnabled,
    /// The shop changed the customer's role.
    RoleChanged,
    /// The shop ended all sessions.
    SignedOutByShop,
}

impl Event {
    /// All kinds of events.
    pub const ALL: [Self; 22] = [
        Self::SignedUp,
        Self::EmailVerified,
        Self::EmailChangeAsked,
        Self::EmailChangeCancelled,
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

    /// Returns the name in stores and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::EmailVerified => "email_verified",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChangeCancelled => "email_change_cancelled",
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

    /// Returns true for a kind that customers or strangers can cause often and that changes no account. Lists of events
    /// keep the other kinds separate, so that these cannot push them out.
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
                | Self::EmailChangeCancelled
                | Self::LoggedOut
                | Self::DeviceSignedOut
                | Self::OtherDevicesSignedOut
                | Self::TokenReused
        )
    }

    /// Parses the output of [`Self::as_str`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_and_the_api_use_the_same_name_for_every_event() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.as_str()), Some(event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
        assert_eq!(Event::parse("something else"), None);
    }
}
