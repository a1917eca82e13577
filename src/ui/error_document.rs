//! The error page. It is a separate document, because other parts may have failed.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    api::ErrorCode,
    domain::Language,
    ui::{Brand, Stylesheet, components::site_title, document::Links, keys, routes, say::say},
};

/// Renders a page that explains the error and what to do next.
#[must_use]
pub fn error_document(
    code: ErrorCode,
    language: Language,
    brand: &Arc<Brand>,
    stylesheet: &Stylesheet,
) -> impl IntoView {
    provide_context(language);
    provide_context(brand.clone());
    let title = match code {
        ErrorCode::Unavailable => say("unavailable-title"),
        ErrorCode::NotFound => say("not-found-title"),
        _ => say("broken-title"),
    };
    let way_on = match code {
        ErrorCode::Unauthenticated => Some((say("nav-log-in"), routes::LOG_IN)),
        // Every page under this host name is rejected.
        ErrorCode::Misdirected => None,
        _ => Some((say("broken-home"), routes::HOME)),
    };
    view! {
        <!DOCTYPE html>
        <html lang=language.code()>
            <head>
                <title>{site_title(&title)}</title>
                <Links stylesheet=stylesheet.clone() />
            </head>
            <body>
                <header class="site-header">
                    <a class="brand" href=routes::HOME>
                        <img src=brand.sign() alt="" width="32" height="32" />
                        {brand.name.clone()}
                    </a>
                </header>
                <div class="page open">
                    <main id="main">
                        <h1>{title}</h1>
                        <p class="lead">{say(keys::problem(code))}</p>
                        {way_on.map(|(text, target)| view! { <p><a class="button" href=target>{text}</a></p> })}
                    </main>
                </div>
            </body>
        </html>
    }
}
