//! Handles a panic in the browser, for example because an extension changed the page before hydration: forms become
//! plain ones again, which the browser sends.

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, Ordering},
};

use leptos::{prelude::document, web_sys::HtmlFormElement};

static HAS_FAILED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The form whose submission this program has taken over from the browser.
    static HELD: Cell<Option<HtmlFormElement>> = const { Cell::new(None) };
}

/// Returns true if the program has panicked. Its state is then unreliable.
pub(super) fn has_failed() -> bool {
    HAS_FAILED.load(Ordering::Relaxed)
}

/// Stores a form whose submission by the browser was prevented.
pub(super) fn hold(form: &HtmlFormElement) {
    HELD.set(Some(form.clone()));
}

/// Clears the stored form, after its response.
pub(super) fn release() {
    HELD.set(None);
}

/// Returns the forms to the browser, which then sends the stored form. Must not panic, because a panic hook calls it.
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
