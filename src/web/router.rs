//! The routes, and the layers around them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::{from_fn_with_state, map_request_with_state, map_response_with_state},
    response::Response,
    routing::get,
};
use tower::ServiceBuilder;
use tower_http::csrf::{ConfigError, CsrfLayer};

use super::{
    AppState, FormStateStore, api_document, assets, brand, cookies, edge,
    endpoint::EndpointEntry,
    endpoint_server::EndpointServer,
    form_state::{self, FormStates},
    health, host, jwks, overload,
    page::{Page, PageEntry},
    page_server::PageServer,
    query::{NoQuery, PageQuery},
    redirect::{see_other, without_trailing_slash},
    request_id, well_known,
};
use crate::api::ErrorCode;

/// Returns the whole program as a service with these pages and endpoints. Unknown paths get `NotFound`. `development`
/// allows the pages to connect to the watcher's socket.
///
/// # Errors
/// If the public URL has no origin, which its type rules out.
pub fn router<NotFound: Page>(
    state: AppState,
    form_states: FormStateStore,
    pages: &[PageEntry],
    endpoints: &[EndpointEntry],
    development: bool,
) -> Result<Router, ConfigError> {
    // Browsers send the origin of unsafe requests; a request without one is not from a browser.
    let cross_origin = CsrfLayer::new()
        .add_trusted_origin(state.public_url.origin())?
        .with_rejection_response(|_| edge::respond(&ErrorCode::CrossOrigin.into()));
    let show_refusal = from_fn_with_state(state.clone(), edge::show_refusal);
    let cross_origin = ServiceBuilder::new().layer(show_refusal).layer(cross_origin);
    let receive = from_fn_with_state((state.clone(), edge::Room::default()), edge::receive);
    let shed = from_fn_with_state((state.clone(), overload::Places::default()), overload::shed);
    let own_cookies = map_request_with_state(state.clone(), cookies::keep_own);
    let cleared_form = map_response_with_state(state.clone(), cookies::complete_cleared_form);
    let form_session = form_state::layer(form_states.clone(), state.cookies);
    let form_states = FormStates::new(form_states, state.cookies, state.form_quota.clone());
    let for_people = ServiceBuilder::new().layer(shed).layer(own_cookies).layer(cleared_form).layer(form_session);
    let for_all = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), request_id::name_request))
        .layer(from_fn_with_state((state.clone(), host::Refused::default()), host::check));
    let forms = Arc::new(endpoints.iter().filter_map(|entry| Some((entry.path, entry.page?))).collect());
    let server = EndpointServer::new(state.clone(), form_states);
    let api = endpoints.iter().fold(Router::new(), |router, endpoint| (endpoint.mount)(router, server.clone()));
    let api = api.layer(ServiceBuilder::new().layer(cross_origin.clone()).layer(receive).layer(for_people.clone()));
    let server = PageServer::new(state.clone(), development);
    let pages =
        page_routes::<NotFound>(&server, pages).layer(ServiceBuilder::new().layer(cross_origin).layer(for_people));
    Ok(api
        .merge(pages)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/.well-known/jwks.json", get(jwks::published))
        .route("/.well-known/change-password", get(well_known::change_password))
        .route("/.well-known/security.txt", get(well_known::security))
        .route("/openapi.json", get(api_document::published))
        .route("/robots.txt", get(well_known::robots))
        .route("/site.webmanifest", get(brand::manifest))
        .route("/pkg/{*file}", get(assets::packaged))
        .method_not_allowed_fallback(async move |state, request| method_not_allowed(state, &request, &forms))
        .layer(for_all)
        .with_state(state))
}

/// Returns the routes of the pages, with [`anything_else`] as their fallback.
fn page_routes<NotFound: Page>(server: &PageServer, pages: &[PageEntry]) -> Router<AppState> {
    let router = pages.iter().fold(Router::new(), |router, page| (page.mount)(router, server.clone()));
    let server = server.clone();
    router.fallback(move |State(state): State<AppState>, request: Request| {
        anything_else::<NotFound>(state, request, server.clone())
    })
}

/// Returns the response for a path without a route: a redirect without trailing slashes, a file of the site, or a 404.
async fn anything_else<NotFound: Page>(state: AppState, request: Request, server: PageServer) -> Response {
    if let Some(elsewhere) = without_trailing_slash(request.uri()) {
        return elsewhere;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) || request.uri().path().starts_with("/api/") {
        return edge::respond(&ErrorCode::NotFound.into());
    }
    let (mut parts, body) = request.into_parts();
    if let Some(asset) = state.assets.respond(&parts).await {
        return asset;
    }
    // The page does not exist, so an invalid query does not matter.
    if PageQuery::<NoQuery>::read(&parts.uri).is_err() {
        parts.uri = parts.uri.path().parse().unwrap_or_default();
    }
    let mut page = server.serve::<NotFound>(Request::from_parts(parts, body)).await;
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}

/// The page of the form of each endpoint that has one.
type Forms = BTreeMap<&'static str, &'static str>;

/// Returns a 405. Its code is `NotFound`, because the API has none for a wrong method. A browser that opens the address
/// of an endpoint, as when the response to a form is loaded again, gets the page of its form.
fn method_not_allowed(State(state): State<AppState>, request: &Request, forms: &Forms) -> Response {
    let form = forms.get(request.uri().path()).filter(|_| request.method() == Method::GET);
    if let Some(page) = form.filter(|_| edge::wants_page(request.headers())) {
        return see_other(page);
    }
    let mut response = edge::refuse(&state, request.headers(), ErrorCode::NotFound);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
