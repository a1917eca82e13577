//! `POST /api/language`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{ApiError, Done, ErrorCode},
    domain::Language,
    ui::routes,
    web::{
        access::Access,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Sets the language of this browser, and of the mails to the logged-in customer.
pub struct ChooseLanguage;

#[derive(Deserialize, ToSchema)]
pub struct ChooseLanguageInput {
    #[serde(default)]
    #[schema(example = "en")]
    pub language: String,
}

impl Endpoint for ChooseLanguage {
    const PATH: &'static str = routes::CHOOSE_LANGUAGE;
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm = PlainForm { on_success: OnSuccess::Return, ..PlainForm::NONE };
    const DOCUMENTATION: Documentation =
        Documentation { summary: "Choose a language", success: &[(200, "A cookie that remembers it.")], errors: &[] };
    type Input = Fields<ChooseLanguageInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ChooseLanguageInput { language }): Fields<ChooseLanguageInput>,
    ) -> Result<Done, ApiError> {
        let language = Language::parse(&language).ok_or(ErrorCode::Invalid)?;
        if let Some(identity) = visit.authenticate().await? {
            visit.state.accounts.choose_language(identity, language).await?;
        }
        visit.set_language(language);
        Ok(Done {})
    }
}
