//! Doorstep: customer accounts that a shop can host itself.
//!
//! This file selects the modules of the server and of the browser. Only `ui` also has `cfg(feature)`, for the same
//! purpose. `ARCHITECTURE.md` describes the structure, and where to make a change.

pub mod api;
pub mod domain;
pub mod ui;

#[cfg(feature = "ssr")]
#[path = "platform/server.rs"]
mod platform;

#[cfg(not(feature = "ssr"))]
#[path = "platform/browser.rs"]
mod platform;

#[cfg(feature = "ssr")]
pub mod accounts;
#[cfg(feature = "ssr")]
pub mod adapters;
#[cfg(feature = "ssr")]
pub mod composition;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod endpoints;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod telemetry;
#[cfg(feature = "ssr")]
pub mod web;
#[cfg(feature = "ssr")]
pub mod words;
#[cfg(feature = "ssr")]
pub mod workers;

/// The entry point in the browser: hydrates the islands of the page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        ui::give_forms_back();
    }));
    leptos::mount::hydrate_islands();
}
