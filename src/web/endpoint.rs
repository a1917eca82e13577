//! The definition of an API endpoint: path, method, access, input, output, and the response to a form without scripts.
//! An endpoint is one module in `endpoints/` and one line in its list.

use axum::{Router, http::Method};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    AppState,
    access::Access,
    edge::{Input, PlainForm},
    endpoint_server::EndpointServer,
    visit::Visit,
};
use crate::api::{ApiError, ErrorCode};

/// An endpoint of the API.
pub trait Endpoint: 'static {
    /// The path, in axum's syntax.
    const PATH: &'static str;
    const METHOD: Method;
    const ACCESS: Access;
    /// The response to a form that was sent without scripts.
    const FORM: PlainForm = PlainForm::NONE;
    /// The statuses and errors that are specific to this endpoint.
    const DOCUMENTATION: Documentation;
    /// The input: [`Fields`](super::edge::Fields) of a body or query, or [`NoInput`](super::edge::NoInput).
    type Input: Input;
    /// The body of the response.
    type Output: Serialize + ToSchema + Send;

    /// Handles a request.
    ///
    /// # Errors
    /// The error that the caller receives.
    fn handle(visit: &mut Visit, input: Self::Input) -> impl Future<Output = Result<Self::Output, ApiError>> + Send;
}

/// The part of the API's document that does not follow from the types.
#[derive(Clone, Copy, Debug)]
pub struct Documentation {
    /// A summary of a few words.
    pub summary: &'static str,
    /// The success statuses with their descriptions.
    pub success: &'static [(u16, &'static str)],
    /// The errors in addition to those of every endpoint.
    pub errors: &'static [ErrorCode],
}

/// An entry of the list of endpoints.
#[derive(Clone)]
pub struct EndpointEntry {
    pub path: &'static str,
    pub method: Method,
    pub access: Access,
    pub documentation: Documentation,
    /// The page with the form that is sent to this endpoint, if there is one.
    pub page: Option<&'static str>,
    pub(super) mount: fn(Router<AppState>, EndpointServer) -> Router<AppState>,
}

/// Returns the entry of an endpoint.
#[must_use]
pub const fn endpoint<E: Endpoint>() -> EndpointEntry {
    entry::<E>(|router, server| server.mount::<E>(router))
}

/// Returns the entry of an endpoint that is also a Leptos server function.
#[must_use]
pub const fn server_function<E: Endpoint>() -> EndpointEntry {
    entry::<E>(|router, server| server.mount_server_function::<E>(router))
}

const fn entry<E: Endpoint>(mount: fn(Router<AppState>, EndpointServer) -> Router<AppState>) -> EndpointEntry {
    EndpointEntry {
        path: E::PATH,
        method: E::METHOD,
        access: E::ACCESS,
        documentation: E::DOCUMENTATION,
        page: E::FORM.page,
        mount,
    }
}
