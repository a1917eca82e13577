//! Serves endpoints: reads the input, authenticates the caller, runs the handler, and returns JSON or a redirect.

use axum::{
    Json, Router,
    body::{Body as HttpBody, to_bytes},
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use futures_util::future::BoxFuture;
use leptos::prelude::provide_context;
use leptos_axum::handle_server_fns_with_context;

use super::{
    AppState,
    access::Access,
    client_address,
    edge::{
        Answerer, Input, Outcome, PlainForm, Sent,
        body::{Body, Kind},
        respond, wants_page,
    },
    endpoint::Endpoint,
    error_page,
    form_state::FormStates,
    host, language,
    server_function::outcome,
    visit::Visit,
};
use crate::{
    api::{ApiError, ErrorCode},
    domain::{Language, Role},
};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Handles a request to one endpoint. Only this function and those that it calls are compiled for each endpoint.
type Run = for<'a> fn(&'a EndpointServer, Parts, &'a Body<'a>) -> BoxFuture<'a, Outcome>;

/// The server of all endpoints. It is cheap to clone.
#[derive(Clone)]
pub struct EndpointServer {
    state: AppState,
    form_states: FormStates,
}

impl EndpointServer {
    pub(super) fn new(state: AppState, form_states: FormStates) -> Self {
        Self { state, form_states }
    }

    /// Adds an endpoint to a router.
    pub(super) fn mount<E: Endpoint>(self, router: Router<AppState>) -> Router<AppState> {
        self.route::<E>(router, |server, parts, body| Box::pin(server.run::<E>(parts, body)))
    }

    /// Adds an endpoint that is a Leptos server function.
    pub(super) fn mount_server_function<E: Endpoint>(self, router: Router<AppState>) -> Router<AppState> {
        self.route::<E>(router, |server, parts, body| {
            Box::pin(server.run_server_function(parts, body, |body| E::Input::read(body).map(drop)))
        })
    }

    fn route<E: Endpoint>(self, router: Router<AppState>, run: Run) -> Router<AppState> {
        let handler = move |request: Request| {
            let server = self.clone();
            async move { server.serve(request, E::FORM, run).await }
        };
        router.route(E::PATH, on(filter(&E::METHOD), handler))
    }

    async fn serve(&self, request: Request, form: PlainForm, run: Run) -> Response {
        let (parts, body) = request.into_parts();
        // A form gets a page in the language of its sender. A GET from a browser shows the API's JSON.
        let page = (parts.method == Method::POST && wants_page(&parts.headers)).then(|| language::of(&parts.headers));
        // The body of a POST is complete and within its limits (`edge::receive`). Other bodies are not read, as they
        // may never end.
        let body = if parts.method == Method::POST { body } else { HttpBody::empty() };
        let Ok(bytes) = to_bytes(body, usize::MAX).await else { return self.refuse(&ErrorCode::Invalid.into(), page) };
        let query = parts.uri.query().map(str::to_owned);
        let body = match read(&parts, query.as_deref(), &bytes) {
            Ok(body) => body,
            Err(code) => return self.refuse(&code.into(), page),
        };
        let Some(language) = page else { return run(self, parts, &body).await.response };
        let session = parts.extensions.get::<tower_sessions::Session>().cloned();
        let client = client_address::address(&parts, &self.state.trusted_proxies);
        let sent = Sent { session, client, language, body: &body };
        let outcome = run(self, parts, &body).await;
        Answerer { state: &self.state, form_states: &self.form_states, form, sent }.answer(outcome).await
    }

    fn refuse(&self, error: &ApiError, page: Option<Language>) -> Response {
        match page {
            Some(language) => error_page::respond(&self.state, language, error.code),
            None => respond(error),
        }
    }

    async fn run<E: Endpoint>(&self, parts: Parts, body: &Body<'_>) -> Outcome {
        let input = match E::Input::read(body) {
            Ok(input) => input,
            Err(error) => return Outcome { response: respond(&error), error: Some(error) },
        };
        let mut visit = Visit::of(self.state.clone(), parts).await;
        let result = handle::<E>(&mut visit, input).await;
        let mut response = match &result {
            Ok(output) => (visit.answer.status.unwrap_or(StatusCode::OK), Json(output)).into_response(),
            Err(error) => respond(error),
        };
        visit.answer.add_to(&mut response);
        Outcome { response, error: result.err() }
    }

    /// Calls the Leptos function, which receives the fields as a form and always returns JSON.
    async fn run_server_function(
        &self,
        mut parts: Parts,
        body: &Body<'_>,
        check: fn(&Body<'_>) -> Result<(), ApiError>,
    ) -> Outcome {
        if let Err(error) = check(body) {
            return Outcome { response: respond(&error), error: Some(error) };
        }
        for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONTENT_ENCODING] {
            parts.headers.remove(name);
        }
        parts.headers.insert(header::CONTENT_TYPE, FORM);
        parts.headers.insert(header::ACCEPT, JSON);
        let state = self.state.clone();
        let request = Request::from_parts(parts, HttpBody::from(body.to_form()));
        let response = handle_server_fns_with_context(move || provide_context(state.clone()), request).await;
        outcome(response.into_response()).await
    }
}

/// Checks the caller's access, then handles the request.
pub(super) async fn handle<E: Endpoint>(visit: &mut Visit, input: E::Input) -> Result<E::Output, ApiError> {
    admit(E::ACCESS, visit).await?;
    E::handle(visit, input).await
}

async fn admit(access: Access, visit: &mut Visit) -> Result<(), ApiError> {
    match access {
        Access::Anyone => Ok(()),
        Access::SignedIn => visit.authenticate().await?.map(|_| ()).ok_or(ErrorCode::Unauthenticated.into()),
        Access::Staff => {
            let identity = visit.authenticate().await?.ok_or(ErrorCode::Unauthenticated)?;
            let customer = visit.state.accounts.profile(identity).await?;
            if customer.role == Role::Admin { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
        }
        Access::Developer if host::is_local(&visit.state, &visit.parts) => Ok(()),
        Access::Developer | Access::SignedOut => Err(ErrorCode::NotFound.into()),
    }
}

/// Reads the body of a POST, or the query of any other request.
fn read<'a>(parts: &Parts, query: Option<&'a str>, body: &'a [u8]) -> Result<Body<'a>, ErrorCode> {
    if parts.method == Method::POST {
        Body::read(Kind::of(&parts.headers)?, body)
    } else {
        Body::read(Kind::Form, query.unwrap_or_default().as_bytes())
    }
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::POST)
}
