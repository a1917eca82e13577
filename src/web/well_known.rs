//! The well-known URLs for password managers, crawlers and security researchers.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use time::Duration;

use super::{AppState, error_page, redirect::see_other};
use crate::{api::ErrorCode, domain::Language, ui::routes};

/// The validity of `security.txt`: RFC 9116, 2.5.5, recommends less than a year.
const VOUCHED_FOR: Duration = Duration::days(180);

/// The paths that are specific to one customer, or useless to crawlers.
const PRIVATE: [&str; 8] = [
    routes::ACCOUNT,
    routes::CHANGE_EMAIL,
    routes::DEV_DESIGN,
    routes::DEV_MAIL,
    routes::RESET_PASSWORD,
    routes::SECURE_ACCOUNT,
    routes::VERIFY_EMAIL,
    "/api/",
];

/// `GET /.well-known/change-password`: redirects a password manager to the page that changes the password (W3C, A
/// Well-Known URL for Changing Passwords).
pub(super) async fn change_password() -> Response {
    see_other(routes::SECURITY)
}

/// `GET /robots.txt` (RFC 9309).
pub(super) async fn robots() -> Response {
    let rules = PRIVATE.map(|path| format!("Disallow: {path}\n")).concat();
    text(format!("User-agent: *\n{rules}"))
}

/// `GET /.well-known/security.txt` (RFC 9116), or a 404 if the shop has no security contact.
pub(super) async fn security(State(state): State<AppState>) -> Response {
    let Some(contact) = &state.security_contact else {
        return error_page::respond(&state, Language::default(), ErrorCode::NotFound);
    };
    // A date without a time, so that the text changes only once a day.
    let until = (state.accounts.clock.now() + VOUCHED_FOR).date();
    let site = state.public_url.origin();
    text(format!("Contact: {contact}\nExpires: {until}T00:00:00Z\nCanonical: {site}/.well-known/security.txt\n"))
}

fn text(content: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], content)
        .into_response()
}
