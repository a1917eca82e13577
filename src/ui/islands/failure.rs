//! What happens when the program in the browser fails, for instance because an extension changed the page before it came alive:
//! its forms become plain ones again, which the browser sends.

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, Ordering},
};

use leptos::{prelude::document, web_sys::HtmlFormElement};

static HAS_FAILED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The form that is being sent from here, and not by the browser.
    static HELD: Cell<Option<HtmlFormElement>> = const { Cell::new(None) };
}

/// Returns true if the program has panicked, after which no part of it can be relied on.
pub(super) fn has_failed() -> bool {
    HAS_FAILED.load(Ordering::Relaxed)
}

/// Remembers a form that the browser was kept from sending.
pub(super) fn hold(form: &HtmlFormElement) {
    HELD.set(Some(form.clone()));
}

/// Forgets that form: it was answered.
pub(super) fn release() {
    HELD.set(None);
}

/// Gives the forms back to the browser. A form that was about to be sent, or whose answer could not be shown, is sent by it at
/// once. For a panic hook: it must not panic itself.
#[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
pub fn give_forms_back() {
    HAS_FAILED.store(true, Ordering::Relaxed);
    if let Some(html) = document().document_element() {
        let _ = html.remove_attribute("data-alive");
    }
    if let Some(form) = HELD.take() {
        let _ = form.submit();
    }
}
