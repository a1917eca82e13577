//! Serves pages: authenticates the visitor, checks the access, loads the data and renders the page.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, Uri, header},
    response::Response,
    routing::get,
};
use leptos::{
    nonce::use_nonce,
    prelude::{AnyView, provide_context, use_context},
};
use leptos_axum::{ResponseOptions, render_app_async_with_context};

use super::{
    AppState,
    access::Access,
    bodies, error_page, headers, host,
    page::{Page, Policy},
    page_cache::{CacheKey, PageCache},
    page_visit::{NotSignedIn, PageVisit, SignedIn},
    problem::explain,
    query::{InvalidQuery, PageQuery},
    redirect::see_other,
};
use crate::{
    accounts::Error,
    api::{ApiError, ErrorCode},
    domain::{LocalPath, Role},
    ui::{Frame, Mailing, document, routes},
};

/// Renders a page whose data is loaded.
type View = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// The server of all pages. It is cheap to clone.
#[derive(Clone)]
pub struct PageServer {
    state: AppState,
    cache: PageCache,
    /// True if pages are served by a watcher: they can change, and contain its script.
    development: bool,
}

/// The reasons not to show a page.
enum Stop {
    /// The visitor must log in first.
    LogIn,
    /// The visitor does not need the page, and is redirected to this one.
    Elsewhere(String),
    Failed(ApiError),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(explain(&error))
    }
}

impl From<InvalidQuery> for Stop {
    fn from(_: InvalidQuery) -> Self {
        Self::Failed(ErrorCode::Invalid.into())
    }
}

impl PageServer {
    pub(super) fn new(state: AppState, development: bool) -> Self {
        // The renderer of `leptos_axum` spawns tasks.
        let _ = any_spawner::Executor::init_tokio();
        Self { state, cache: PageCache::default(), development }
    }

    /// Adds a page to a router.
    pub(super) fn mount<P: Page>(self, router: Router<AppState>) -> Router<AppState> {
        let handler = move |request: Request| {
            let server = self.clone();
            async move { server.serve::<P>(request).await }
        };
        router.route(P::PATH, get(handler))
    }

    /// Returns the response to a request for a page.
    pub(super) async fn serve<P: Page>(&self, request: Request) -> Response {
        let (parts, _) = request.into_parts();
        let query = PageQuery::<P::Query>::read(&parts.uri);
        let next = query.as_ref().ok().and_then(|query| query.next.clone());
        let mut visit = PageVisit::of(self.state.clone(), parts, next).await;
        let shown = match (self.admit(P::ACCESS, &visit), query) {
            (Ok(()), Ok(query)) => self.show::<P>(&mut visit, query).await,
            (Ok(()), Err(invalid)) => Err(invalid.into()),
            (Err(stop), _) => Err(stop),
        };
        let mut response = shown.unwrap_or_else(|stop| self.stop(stop, &visit));
        if response.status() == StatusCode::OK {
            headers::preload(response.headers_mut(), &self.state.leptos, P::ISLANDS);
        }
        visit.request.answer.add_to(&mut response);
        response
    }

    /// Returns the reason to refuse access, if there is one.
    fn admit(&self, access: Access, visit: &PageVisit) -> Result<(), Stop> {
        match (access, &visit.customer) {
            (Access::Anyone, _) | (Access::SignedIn, Ok(_)) | (Access::SignedOut, Err(_)) => Ok(()),
            (Access::SignedOut, Ok(_)) => Err(Stop::Elsewhere(routes::after_sign_in(visit.next.as_ref()).to_owned())),
            (Access::Developer, _) if host::is_local(&self.state, &visit.request.parts) => Ok(()),
            (Access::Staff, Ok(SignedIn { customer, .. })) if customer.role == Role::Admin => Ok(()),
            (Access::Developer, _) | (Access::Staff, Ok(_)) => Err(Stop::Failed(ErrorCode::NotFound.into())),
            (Access::SignedIn | Access::Staff, Err(NotSignedIn::Anonymous)) => Err(Stop::LogIn),
            (Access::SignedIn | Access::Staff, Err(NotSignedIn::Failed(error))) => Err(Stop::Failed(error.clone())),
        }
    }

    /// Loads and renders a page, or returns it from the cache.
    async fn show<P: Page>(&self, visit: &mut PageVisit, query: PageQuery<P::Query>) -> Result<Response, Stop> {
        visit.take_form().await;
        let frame = self.frame::<P>(visit, &query);
        let key = self.cache_key::<P>(visit, &frame);
        if let Some(page) = key.as_ref().and_then(|key| self.cache.get(key)) {
            return Ok(page.respond(&self.state));
        }
        let data = match P::load(visit, query.own).await {
            Ok(data) => data,
            // The session ended while the page was loading.
            Err(Error::Unauthenticated) if matches!(P::ACCESS, Access::SignedIn | Access::Staff) => {
                return Err(Stop::LogIn);
            }
            Err(error) => return Err(error.into()),
        };
        let policy = P::policy(&data);
        let response = self.render(visit, frame, policy, Arc::new(move || P::view(data.clone()))).await;
        Ok(match key {
            Some(key) => self.cache.keep(key, response).await,
            None => response,
        })
    }

    /// Returns the data of the site's frame around the page.
    fn frame<P: Page>(&self, visit: &PageVisit, query: &PageQuery<P::Query>) -> Frame {
        let customer = visit.signed_in().map(|signed_in| &signed_in.customer);
        Frame {
            language: visit.language,
            here: query.here(visit.request.parts.uri.path()),
            customer: customer.map(bodies::customer_body),
            next: visit.next.clone(),
            failed: visit.form.as_ref().is_some_and(|form| form.sent.error.is_some()),
            mailing: mailing(&self.state),
            islands: P::ISLANDS,
        }
    }

    /// Returns the cache key of a page, or `None` if it must not be cached.
    fn cache_key<P: Page>(&self, visit: &PageVisit, Frame { language, here, .. }: &Frame) -> Option<CacheKey> {
        let is_same_for_all = P::CACHED && visit.customer.is_err() && visit.form.is_none() && !self.development;
        let here = here.as_ref().filter(|_| is_same_for_all)?;
        Some(CacheKey { here: here.as_str().to_owned(), language: *language })
    }

    async fn render(&self, visit: &PageVisit, frame: Frame, policy: Policy, view: View) -> Response {
        let (brand, development) = (self.state.branding.brand.clone(), self.development);
        let policy = Arc::new(policy);
        let options = self.state.leptos.clone();
        let context = move || {
            provide_context(frame.language);
            provide_context(frame.clone());
            provide_context(brand.clone());
            set_policy(&policy, development);
        };
        let render = render_app_async_with_context(context, move || document(options.clone(), &*view));
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = visit.request.parts.uri.clone();
        render(request).await
    }

    fn stop(&self, stop: Stop, visit: &PageVisit) -> Response {
        match stop {
            Stop::LogIn => see_other(&log_in_for(&visit.request.parts.uri)),
            Stop::Elsewhere(target) => see_other(&target),
            Stop::Failed(error) => {
                let mut response = error_page::respond(&self.state, visit.language, error.code);
                if let Some(seconds) = error.retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                }
                response
            }
        }
    }
}

/// Sets the content policy of the page that is being rendered.
fn set_policy(policy: &Policy, development: bool) {
    if let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce())
        && let Some(policy) = policy.header(&nonce, development)
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn mailing(state: &AppState) -> Mailing {
    match (state.accounts.sends_mail(), &state.dev_mailbox) {
        (false, _) => Mailing::None,
        (true, Some(_)) => Mailing::Kept,
        (true, None) => Mailing::Sent,
    }
}

/// Returns the login URL that leads back to `uri`.
fn log_in_for(uri: &Uri) -> String {
    let here = uri.path_and_query().and_then(|here| LocalPath::parse(here.as_str()));
    routes::with_next(routes::LOG_IN, here.as_ref())
}
