//! The state of a form: empty, or as it was sent, with its errors.

use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// A form that was sent and is shown again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// The path of the form's page.
    pub page: String,
    /// The key of the success message, or empty.
    pub done: String,
    #[serde(flatten)]
    pub sent: SentForm,
}

/// The typed values, without passwords, and the error. Empty for a form that was not sent yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentForm {
    pub name: String,
    pub email: String,
    /// `None` if the form succeeded and stays on its page.
    pub error: Option<ApiError>,
}
