//! What an endpoint of the API is: its path and method, who may call it, its input and output, and how it answers a form
//! without scripts. An endpoint is one module in `endpoints/` and one line in its list.

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
    /// Where it is, as axum writes paths.
    const PATH: &'static str;
    const METHOD: Method;
    const ACCESS: Access;
    /// How it answers a form that was sent without scripts.
    const FORM: PlainForm = PlainForm::NONE;
    /// What it answers besides what every endpoint may answer.
    const DOCUMENTATION: Documentation;
    /// What it reads: [`Fields`](super::edge::Fields) of a body or query, [`NoInput`](super::edge::NoInput).
    type Input: Input;
    /// The body of its answer.
    type Output: Serialize + ToSchema + Send;

    /// Carries out a request.
    ///
    /// # Errors
    /// What the caller is told.
    fn handle(visit: &mut Visit, input: Self::Input) -> impl Future<Output = Result<Self::Output, ApiError>> + Send;
}

/// What the API's document says of an endpoint beyond its types.
#[derive(Clone, Copy, Debug)]
pub struct Documentation {
    /// In a few words.
    pub summary: &'static str,
    /// The statuses of success, and what each means.
    pub success: &'static [(u16, &'static str)],
    /// The errors that it can answer, besides those that every endpoint can.
    pub errors: &'static [ErrorCode],
}

/// A line of the list of endpoints.
#[derive(Clone)]
pub struct EndpointEntry {
    pub path: &'static str,
    pub method: Method,
    pub access: Access,
    pub documentation: Documentation,
    pub(super) mount: fn(Router<AppState>, EndpointServer) -> Router<AppState>,
}

/// Returns the line for an endpoint.
#[must_use]
pub const fn endpoint<E: Endpoint>() -> EndpointEntry {
    entry::<E>(|router, server| server.mount::<E>(router))
}

/// Returns the line for an endpoint that is a server function of Leptos too.
#[must_use]
pub const fn server_function<E: Endpoint>() -> EndpointEntry {
    entry::<E>(|router, server| server.mount_server_function::<E>(router))
}

const fn entry<E: Endpoint>(mount: fn(Router<AppState>, EndpointServer) -> Router<AppState>) -> EndpointEntry {
    EndpointEntry { path: E::PATH, method: E::METHOD, access: E::ACCESS, documentation: E::DOCUMENTATION, mount }
}
