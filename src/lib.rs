//! Doorstep: customer accounts that a shop can host itself.
//!
//! This file says which modules the server and the browser get; beside it, only `ui` has `cfg(feature)` in it, for the same
//! reason. The map of the whole, and where a change goes, is in `ARCHITECTURE.md`.

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

/// Where the browser begins: every island that the page holds comes alive.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        ui::give_forms_back();
    }));
    leptos::mount::hydrate_islands();
}
