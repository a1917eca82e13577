//! The page for when something is broken. It is a document of its own, since nothing else can be relied on then.

use leptos::prelude::*;

use crate::{
    api::ErrorCode,
    ui::{Stylesheet, routes},
};

/// What went wrong, in words, and what to do next.
#[must_use]
pub fn error_document(code: ErrorCode, stylesheet: &Stylesheet) -> impl IntoView {
    let title = match code {
        ErrorCode::Unavailable => "We will be right back",
        ErrorCode::NotFound => "Page not found",
        _ => "That did not work",
    };
    let (way_on, target) = match code {
        ErrorCode::Unauthenticated => ("Log in", routes::LOG_IN),
        _ => ("Go to the start", routes::HOME),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title>{format!("{title} · Doorstep")}</title>
                <link rel="stylesheet" href=stylesheet.href() />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
            </head>
            <body>
                <header class="site-header">
                    <a class="brand" href=routes::HOME>
                        <img src="/favicon.svg" alt="" width="28" height="28" />
                        "Doorstep"
                    </a>
                </header>
                <main id="main" class="page">
                    <h1>{title}</h1>
                    <p class="lead">{code.message()}</p>
                    <p><a class="button" href=target>{way_on}</a></p>
                </main>
            </body>
        </html>
    }
}
