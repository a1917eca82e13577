//! Pages: who may see one, and what it is given to show.
//!
//! Everything a page needs is fetched before it is rendered. Rendering then waits for nothing, cannot fail half-way,
//! and nothing of a page is rendered for somebody who may not see it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::Response,
};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use percent_encoding::percent_decode_str;

use super::{
    AppState, client_address, error_page, form_state, headers, host, language, redirect::see_other, server_functions,
};
use crate::{
    accounts::{
        Authentication, ChangeLink, Error, Identity, LinkView,
        ports::{MOST_ACTIVITIES, WrittenMail},
        timestamp,
    },
    api::ErrorCode,
    domain::{Customer, LocalPath},
    ui::{
        Brand, ChangeStep, KeptMailBody, Link, Mailing, PageContext, PasswordAge, VerificationStep, pages::LATEST,
        routes,
    },
};

/// Who may see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Anyone,
    /// Everybody else goes to the login, and comes back from it.
    SignedIn,
    /// Those who are signed in already have no use for it.
    SignedOut,
}

impl Access {
    /// Who may see the page at `path`.
    pub(super) fn to(path: &str) -> Self {
        match path {
            routes::ACCOUNT
            | routes::ACTIVITY
            | routes::DEVICES
            | routes::EMAIL
            | routes::SECURITY
            | routes::CONFIRM => Self::SignedIn,
            routes::SIGN_UP | routes::LOG_IN => Self::SignedOut,
            _ => Self::Anyone,
        }
    }
}

/// What was asked for, where there is no page and another is shown in its place.
#[derive(Clone)]
pub(super) struct Asked(pub Uri);

/// Lets those through who may see the page, and gives it what it shows.
pub(super) async fn prepare(
    State((state, access)): State<(AppState, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Visitor { identity, mut cookies } = Visitor::of(&state, &parts).await;
    if let (Access::SignedOut, Ok(_)) = (access, identity) {
        return with_cookies(see_other(routes::after_sign_in(next_of(&parts.uri).as_ref())), cookies);
    }
    let customer = customer(&state, identity, &mut cookies).await;
    let account = customer.as_ref().ok().and_then(|customer| customer.language);
    // The account's comes before the browser's: it is the customer's own, also on a machine that is not.
    let language = language::chosen(&parts.headers).or(account).unwrap_or_else(|| language::accepted(&parts.headers));
    if !is_there(&state, &parts) {
        return with_cookies(error_page::respond(&state, language, ErrorCode::NotFound), cookies);
    }
    let mut response = match (access, customer) {
        (Access::SignedIn, Err(Unknown::Failed(code))) => error_page::respond(&state, language, code),
        (Access::SignedIn, Err(Unknown::Nobody)) => see_other(&login_for(&parts.uri)),
        (_, customer) => match context(&state, &parts, customer.ok(), identity.ok()).await {
            Ok(context) => {
                parts.extensions.insert(PageContext { language, ..context });
                next.run(Request::from_parts(parts, body)).await
            }
            // The session ended while the page was made.
            Err(Error::Unauthenticated) if access == Access::SignedIn => see_other(&login_for(&parts.uri)),
            Err(error) => error_page::respond(&state, language, server_functions::explain(&error).code),
        },
    };
    if response.status() == StatusCode::OK {
        headers::preload(response.headers_mut(), &state.leptos, access);
    }
    with_cookies(response, cookies)
}

/// Returns true if there is such a page at all: those for developers are on their own machines alone.
fn is_there(state: &AppState, parts: &Parts) -> bool {
    match parts.uri.path() {
        path if path.starts_with(routes::DEV) && !host::is_local(state, parts) => false,
        routes::DEV_MAIL => state.kept_mail.is_some(),
        routes::DEV_DESIGN => state.public_url.is_loopback(),
        _ => true,
    }
}

fn with_cookies(mut response: Response, cookies: Vec<HeaderValue>) -> Response {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What the page shows.
async fn context(
    state: &AppState,
    parts: &Parts,
    customer: Option<Customer>,
    identity: Option<Identity>,
) -> Result<PageContext, Error> {
    let path = parts.uri.path();
    let asked = parts.extensions.get::<Asked>().map_or(&parts.uri, |Asked(uri)| uri);
    let client = client_address::address(parts, &state.trusted_proxies);
    let mut context = PageContext {
        here: here(asked),
        unverified: customer.as_ref().is_some_and(|customer| !customer.verified),
        customer: customer.as_ref().map(server_functions::customer_body),
        next: next_of(&parts.uri),
        form: form_state::take(&parts.extensions, path, &state.form_quota, client).await,
        requires_verified: state.accounts.requires_verified_email,
        mailing: mailing(state),
        ..PageContext::default()
    };
    match (path, identity) {
        (routes::ACCOUNT, Some(identity)) => {
            let sessions = state.accounts.sessions_of(identity).await?;
            context.devices = server_functions::session_bodies(identity, &sessions);
            let latest = state.accounts.activities(identity, LATEST).await?;
            context.activities = server_functions::activity_bodies(latest);
            context.password = customer.as_ref().map(password_age).unwrap_or_default();
        }
        (routes::DEVICES, Some(identity)) => {
            let sessions = state.accounts.sessions_of(identity).await?;
            context.devices = server_functions::session_bodies(identity, &sessions);
            context.confirmed = state.accounts.has_recent_proof(identity).await?;
        }
        (routes::DEV_MAIL, _) => {
            if let Some(kept_mail) = &state.kept_mail {
                context.kept_mail = Some(kept_mail.latest().await?.into_iter().map(kept_mail_body).collect());
            }
        }
        (routes::RESET_PASSWORD, _) => context.link = token(&parts.uri).map(Link::Good),
        (routes::CHANGE_EMAIL, _) => {
            context.change = change_step(state, &parts.uri, identity).await?;
            context.proposed_email = proposed_email(state, identity).await?;
        }
        (routes::SECURE_ACCOUNT, _) => {
            context.link = link(&parts.uri, async |token| state.accounts.may_secure_account(token).await).await?;
        }
        (routes::EMAIL, Some(identity)) => {
            context.proposed_email = proposed_email(state, Some(identity)).await?;
            context.confirmed = state.accounts.has_recent_proof(identity).await?;
        }
        (routes::VERIFY_EMAIL, identity) => {
            context.verification = verification_step(state, parts, customer.as_ref(), identity).await?;
        }
        (routes::ACTIVITY, Some(identity)) => {
            let latest = state.accounts.activities(identity, MOST_ACTIVITIES).await?;
            context.activities = server_functions::activity_bodies(latest);
        }
        _ => {}
    }
    Ok(context)
}

fn mailing(state: &AppState) -> Mailing {
    match (state.accounts.sends_mail(), &state.kept_mail) {
        (false, _) => Mailing::None,
        (true, Some(_)) => Mailing::Kept,
        (true, None) => Mailing::Sent,
    }
}

/// How whoever looks at the page verifies their address, if that is known.
async fn verification_step(
    state: &AppState,
    parts: &Parts,
    customer: Option<&Customer>,
    identity: Option<Identity>,
) -> Result<Option<VerificationStep>, Error> {
    let newcomer = server_functions::newcomer(state, &state.cookies.read(&parts.headers));
    if let Some(token) = token(&parts.uri) {
        return Ok(Some(match state.accounts.look_at_link(&token, newcomer.as_ref(), identity).await? {
            LinkView::Verifies => VerificationStep::Link { token, reclaims: false },
            LinkView::Reclaims => VerificationStep::Link { token, reclaims: true },
            LinkView::Expired => VerificationStep::Expired,
        }));
    }
    let unverified = customer.filter(|customer| !customer.verified).map(|customer| &customer.email);
    let email = newcomer.as_ref().map(|newcomer| &newcomer.email).or(unverified);
    Ok(email.map(|email| VerificationStep::Mail { email: email.as_str().to_owned() }))
}

/// Runs within the renderer, before the page: hands over what [`prepare`] found, and sets the policy for its scripts.
pub(super) fn provide(brand: &Arc<Brand>, development: bool) {
    if let Some(parts) = use_context::<Parts>() {
        let context = parts.extensions.get::<PageContext>().cloned().unwrap_or_default();
        provide_context(context.language);
        provide_context(context);
        provide_context(brand.clone());
    }
    if let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), leptos::nonce::use_nonce())
        && let Ok(policy) = HeaderValue::try_from(headers::page_policy(&nonce, development))
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Who is looking at a page, with the cookies that the answer has to carry.
struct Visitor {
    identity: Result<Identity, Unknown>,
    cookies: Vec<HeaderValue>,
}

/// Why it is not known who is looking.
#[derive(Clone, Copy)]
enum Unknown {
    Nobody,
    /// It cannot be told now.
    Failed(ErrorCode),
}

impl Visitor {
    async fn of(state: &AppState, parts: &Parts) -> Self {
        let presented = state.cookies.read(&parts.headers);
        let caller = || server_functions::caller(state, parts, &presented);
        let known = state.accounts.authenticate(presented.access(), presented.refresh(), caller).await;
        let (identity, cookies) = match known {
            Ok(Authentication::Anonymous) => (Err(Unknown::Nobody), Vec::new()),
            Ok(Authentication::Ended) => (Err(Unknown::Nobody), state.cookies.clear()),
            Ok(Authentication::SignedIn(identity)) => (Ok(identity), Vec::new()),
            Ok(Authentication::Renewed(identity, tokens)) => (Ok(identity), state.cookies.set(&tokens)),
            Err(error) => (Err(Unknown::Failed(server_functions::explain(&error).code)), Vec::new()),
        };
        Self { identity, cookies }
    }
}

/// The customer who is looking. Where there is none any more, the answer clears the cookies.
async fn customer(
    state: &AppState,
    identity: Result<Identity, Unknown>,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Customer, Unknown> {
    match state.accounts.profile(identity?).await {
        Ok(customer) => Ok(customer),
        Err(Error::Unauthenticated) => {
            *cookies = state.cookies.clear();
            Err(Unknown::Nobody)
        }
        Err(error) => Err(Unknown::Failed(server_functions::explain(&error).code)),
    }
}

fn kept_mail_body(WrittenMail { to, subject, text }: WrittenMail) -> KeptMailBody {
    KeptMailBody { to: to.as_str().to_owned(), subject, text }
}

/// The `next` of a query, where it is a path on this site.
fn next_of(uri: &Uri) -> Option<LocalPath> {
    LocalPath::parse(&percent_decode_str(query(uri, "next")?).decode_utf8().ok()?)
}

/// The address that whoever is signed in wants to have.
async fn proposed_email(state: &AppState, identity: Option<Identity>) -> Result<Option<String>, Error> {
    let Some(identity) = identity else { return Ok(None) };
    Ok(state.accounts.proposed_email(identity).await?.map(|email| email.as_str().to_owned()))
}

/// The link that leads to this page, if one does, and whether it `is_good`.
async fn link(uri: &Uri, is_good: impl AsyncFnOnce(&str) -> Result<bool, Error>) -> Result<Option<Link>, Error> {
    let Some(token) = token(uri) else { return Ok(None) };
    Ok(Some(if is_good(&token).await? { Link::Good(token) } else { Link::Expired }))
}

/// What the link of an email change does in this browser.
async fn change_step(state: &AppState, uri: &Uri, identity: Option<Identity>) -> Result<Option<ChangeStep>, Error> {
    let Some(token) = token(uri) else { return Ok(None) };
    Ok(Some(match state.accounts.look_at_change(&token, identity).await? {
        Some(ChangeLink::Completes) => ChangeStep::Completes { token },
        Some(ChangeLink::Elsewhere(code)) => ChangeStep::Elsewhere { code: code.to_string() },
        None => ChangeStep::Expired,
    }))
}

/// When the customer last set their password.
fn password_age(customer: &Customer) -> PasswordAge {
    match customer.password_changed_at {
        None => PasswordAge::Unknown,
        Some(at) if at == customer.created_at => PasswordAge::NeverChanged,
        Some(at) => PasswordAge::ChangedAt(timestamp(at)),
    }
}

/// The token of the link that leads to this page.
fn token(uri: &Uri) -> Option<String> {
    query(uri, "token").filter(|token| routes::is_token(token)).map(str::to_owned)
}

/// A value of a query, as it stands there.
fn query<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The login that leads back to `uri`.
fn login_for(uri: &Uri) -> String {
    let here = uri.path_and_query().and_then(|here| LocalPath::parse(here.as_str()));
    routes::with_next(routes::LOG_IN, here.as_ref())
}

/// Where the page is, with as much of its query as is ours.
fn here(uri: &Uri) -> Option<LocalPath> {
    let path = uri.path();
    let here = match token(uri) {
        Some(token) => format!("{path}?token={token}"),
        None => routes::with_next(path, next_of(uri).as_ref()),
    };
    LocalPath::parse(&here)
}
