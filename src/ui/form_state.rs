//! The state in which a form is shown: empty, or as it was sent, with what was wrong with it.

use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// A form that was sent, and comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// The path of its page.
    pub page: String,
    /// The key of the text that says what was done, where it was done.
    pub done: String,
    #[serde(flatten)]
    pub sent: SentForm,
}

/// What was typed, never a password among it, and what was wrong. One that was not filled in yet is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentForm {
    pub name: String,
    pub email: String,
    /// `None`: it was carried out, and stays on its page to say so.
    pub error: Option<ApiError>,
}
