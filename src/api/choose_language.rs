//! `POST /api/language`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Has everything said in `language`, a code of BCP 47, in this browser, and for whoever is signed in in their mails too: 200
/// with a cookie that remembers it. 422 for a language that Doorstep does not speak.
#[server(name = ChooseLanguage, prefix = "/api", endpoint = "language", input = PostUrl, output = Json)]
pub async fn choose_language(#[server(default)] language: String) -> Result<Done, ApiError> {
    crate::web::server_functions::choose_language(&language).await
}
