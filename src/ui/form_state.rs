//! The state in which a form is shown: empty, or as it was sent, with what was wrong with it.

use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

use super::routes;
use crate::api::{
    ApiError, ChangeEmail, ChangePassword, Confirm, ForgotPassword, LogIn, ProposeEmail, ResendVerification,
    ResetPassword, RevokeOtherSessions, RevokeSession, SecureAccount, SignUp, VerifyEmail, WithdrawEmail,
};

/// A form that keeps its state over a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormName {
    SignUp,
    LogIn,
    VerifyEmail,
    ResendVerification,
    ProposeEmail,
    WithdrawEmail,
    /// By the link or the code of a mail.
    ChangeEmail,
    SecureAccount,
    ForgotPassword,
    ResetPassword,
    /// Confirms a password, and leads on.
    Confirm,
    ChangePassword,
    /// Every button of the list of devices.
    Devices,
}

impl FormName {
    /// The form that posts to `path`.
    #[must_use]
    pub fn of_action(path: &str) -> Option<Self> {
        match path {
            SignUp::PATH => Some(Self::SignUp),
            LogIn::PATH => Some(Self::LogIn),
            VerifyEmail::PATH => Some(Self::VerifyEmail),
            ResendVerification::PATH => Some(Self::ResendVerification),
            ProposeEmail::PATH => Some(Self::ProposeEmail),
            WithdrawEmail::PATH => Some(Self::WithdrawEmail),
            ChangeEmail::PATH => Some(Self::ChangeEmail),
            SecureAccount::PATH => Some(Self::SecureAccount),
            ForgotPassword::PATH => Some(Self::ForgotPassword),
            ResetPassword::PATH => Some(Self::ResetPassword),
            Confirm::PATH => Some(Self::Confirm),
            ChangePassword::PATH => Some(Self::ChangePassword),
            RevokeSession::PATH | RevokeOtherSessions::PATH => Some(Self::Devices),
            _ => None,
        }
    }

    /// The page it is on.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Self::SignUp => routes::SIGN_UP,
            Self::LogIn => routes::LOG_IN,
            Self::VerifyEmail | Self::ResendVerification => routes::VERIFY_EMAIL,
            Self::ProposeEmail | Self::WithdrawEmail => routes::EMAIL,
            Self::ChangeEmail => routes::CHANGE_EMAIL,
            Self::SecureAccount => routes::SECURE_ACCOUNT,
            Self::ForgotPassword => routes::FORGOT_PASSWORD,
            Self::ResetPassword => routes::RESET_PASSWORD,
            Self::Confirm => routes::CONFIRM,
            Self::ChangePassword => routes::SECURITY,
            Self::Devices => routes::DEVICES,
        }
    }
}

/// A form that was sent, and comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    pub form: FormName,
    #[serde(flatten)]
    pub sent: SentForm,
}

/// What was typed, never a password among it, and what was wrong. One that nobody has filled in yet is empty.
// Apart from its form's name: an island knows which form it is, and the list of names is longer than what it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentForm {
    pub name: String,
    pub email: String,
    /// `None`: it was carried out, and stays on its page to say so.
    pub error: Option<ApiError>,
}
