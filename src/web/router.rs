//! Every route, and the layers around it.

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode, Uri},
    middleware::{from_fn_with_state, map_request_with_state},
    response::Response,
    routing::{MethodFilter, get, on},
};
use leptos::prelude::provide_context;
use leptos_axum::{generate_route_list, handle_server_fns_with_context, render_app_async_with_context};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_http::csrf::{ConfigError, CsrfLayer};

use super::{
    AppState, FormStateStore, assets, brand, cookies, edge, for_machines,
    form_state::{self, FormStates},
    health, host, jwks, overload,
    pages::{self, Access},
    redirect::without_trailing_slash,
    request_id,
    still_pages::{self, StillPages},
};
use crate::{api::ErrorCode, ui};

/// The whole program as a service. `development` loosens the pages' policy for the watcher's socket.
///
/// # Errors
/// When the public URL is no origin, which its type rules out.
pub fn router(state: AppState, form_states: FormStateStore, development: bool) -> Result<Router, ConfigError> {
    // Browsers say where an unsafe request comes from; one that says nothing of it is no browser's.
    let cross_origin = CsrfLayer::new()
        .add_trusted_origin(state.public_url.origin())?
        .with_rejection_response(|_| edge::respond(&ErrorCode::CrossOrigin.into()));
    let receive = from_fn_with_state((state.clone(), edge::Room::default()), edge::receive);
    let shed = from_fn_with_state((state.clone(), overload::Places::default()), overload::shed);
    let own_cookies = map_request_with_state(state.clone(), cookies::keep_own);
    let form_session = form_state::layer(form_states.clone(), state.cookies);
    let form_states = FormStates::new(form_states, state.cookies, state.form_quota.clone());
    let for_people = ServiceBuilder::new().layer(shed).layer(own_cookies).layer(form_session);
    let for_all = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), request_id::name_request))
        .layer(from_fn_with_state((state.clone(), host::Refused::default()), host::check));
    let api = api(&state, &form_states)
        .layer(ServiceBuilder::new().layer(cross_origin.clone()).layer(receive).layer(for_people.clone()));
    let pages = pages(&state, development).layer(ServiceBuilder::new().layer(cross_origin).layer(for_people));
    Ok(api
        .merge(pages)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/.well-known/jwks.json", get(jwks::published))
        .route("/.well-known/change-password", get(for_machines::change_password))
        .route("/.well-known/security.txt", get(for_machines::security))
        .route("/robots.txt", get(for_machines::robots))
        .route("/site.webmanifest", get(brand::manifest))
        .route("/pkg/{*file}", get(assets::packaged))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(for_all)
        .with_state(state))
}

/// The server functions, each at its own path.
fn api(state: &AppState, form_states: &FormStates) -> Router<AppState> {
    let functions = leptos::server_fn::axum::server_fn_paths();
    let router = functions.fold(Router::new(), |router, (path, method)| {
        let state = state.clone();
        let function = move |request: Request| {
            let state = state.clone();
            handle_server_fns_with_context(move || provide_context(state.clone()), request)
        };
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::POST);
        router.route(path, on(filter, function))
    });
    router.layer(from_fn_with_state((state.clone(), form_states.clone()), edge::translate))
}

/// The pages, each behind what decides who may see it, and whatever else is asked for.
fn pages(state: &AppState, development: bool) -> Router<AppState> {
    let options = state.leptos.clone();
    let shell = move || ui::shell(options.clone());
    let brand = state.branding.brand.clone();
    let render = render_app_async_with_context(move || pages::provide(&brand, development), shell.clone());
    let prepare = |access| from_fn_with_state((state.clone(), access), pages::prepare);
    let reuse = from_fn_with_state((state.clone(), StillPages::default()), still_pages::reuse);
    let router = generate_route_list(shell).into_iter().fold(Router::new(), |router, listing| {
        let page = get(render.clone());
        // A watcher's pages change, and carry its own script.
        let page = if development { page } else { page.layer(reuse.clone()) };
        router.route(listing.path(), page.layer(prepare(Access::to(listing.path()))))
    });
    // The same renderer makes the page that says there is none.
    let missing = prepare(Access::Anyone).layer(get(render));
    router
        .fallback(move |State(state): State<AppState>, request: Request| anything_else(state, request, missing.clone()))
}

/// What no route answers: a path with a slash too many, one of the site's files, or nothing.
async fn anything_else(
    state: AppState,
    request: Request,
    missing: impl Service<Request, Response = Response, Error = std::convert::Infallible, Future: Send>,
) -> Response {
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
    parts.extensions.insert(pages::Asked(parts.uri));
    // The renderer reads paths less strictly than the routes do, and must not find a page at `/account/` after all.
    parts.uri = Uri::from_static("/not-found");
    let Ok(mut page) = missing.oneshot(Request::from_parts(parts, body)).await;
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}

/// A known path, but not by this method. The list of codes has no word for that but "nothing here".
async fn method_not_allowed() -> Response {
    let mut response = edge::respond(&ErrorCode::NotFound.into());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
