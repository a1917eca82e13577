//! The behavior that all forms share: validation, sending, errors, focus, and the next page.

use std::time::Duration;

use leptos::{
    prelude::*,
    task::spawn_local,
    web_sys::{FormData, SubmitEvent},
};

use super::{
    failure,
    live_form::LiveForm,
    send::{request, send},
};
use crate::{
    api::{ApiError, ErrorCode},
    domain::{Field, FieldErrors},
    ui::{FormWords, components::control_id, keys, say::span},
};

/// How a form is validated and sent, and how its response is handled.
#[derive(Clone, Copy)]
pub(super) struct Submission {
    /// The fields of the form.
    fields: &'static [Field],
    parse: Parse,
    target: StoredValue<String>,
    words: StoredValue<FormWords>,
}

impl Submission {
    /// Returns the behavior of a form with `fields` that is validated by `parse` and opens `target` on success.
    pub(super) fn new(fields: &'static [Field], parse: Parse, target: String, words: FormWords) -> Self {
        Effect::new(move || {
            if failure::has_failed() {
                return;
            }
            // Marks the form as hydrated, for styles and tests.
            let _ = document().document_element().map(|html| html.set_attribute("data-alive", ""));
            request_idle_callback(move || rehearse(parse));
        });
        Self { fields, parse, target: StoredValue::new(target), words: StoredValue::new(words) }
    }

    /// Returns the text of `key`.
    pub(super) fn say(self, key: &str) -> String {
        self.words.with_value(|words| words.say(key))
    }

    /// Validates the form by the same rules as the server, and sends it. Does nothing if it is being sent already.
    pub(super) fn submit(self, event: &SubmitEvent) {
        if failure::has_failed() {
            return;
        }
        let Some(form) = LiveForm::of(event) else { return };
        let Ok(data) = FormData::new_with_form(form.element()) else { return };
        event.prevent_default();
        if form.is_busy() {
            return;
        }
        failure::hold(form.element());
        match (self.parse)(&Typed(data)) {
            Ok(()) => {
                let _ = form.show(self.fields, "", &[]);
                form.set_busy(true);
                after_paint(move || {
                    self.retitle(false);
                    spawn_local(self.finish(form));
                });
            }
            Err(fields) => self.fail(form, &ApiError::invalid(fields)),
        }
    }

    async fn finish(self, form: LiveForm) {
        match send(form.element()).await {
            // A full page load: it removes all state of this page, and the next one is for the logged-in customer. The
            // form stays busy until it is loaded.
            Ok(()) => {
                failure::release();
                drop(window().location().assign(&self.target.get_value()));
            }
            Err(error) => {
                form.set_busy(false);
                self.fail(form, &error);
            }
        }
    }

    /// Shows the errors, then focuses the summary (GOV.UK Design System, "Error summary"). If the page lacks the
    /// elements, the browser sends the form instead, and the server's page shows the errors.
    fn fail(self, form: LiveForm, error: &ApiError) {
        let errors: Vec<_> =
            error.fields.iter().map(|(field, error)| (field, self.say(keys::fault(field, error)))).collect();
        let is_shown = form.show(self.fields, &self.message(error), &errors).is_some();
        failure::release();
        if !is_shown {
            form.send_as_plain();
            return;
        }
        after_paint(move || {
            self.retitle(true);
            form.focus_summary();
        });
    }

    /// Returns the message about the whole form.
    fn message(self, error: &ApiError) -> String {
        match error {
            ApiError { code: ErrorCode::TooManyAttempts, retry_after: Some(seconds), .. } => {
                self.say("problem-too-many-attempts-wait").replace("{wait}", &span(*seconds))
            }
            error => self.say(keys::problem(error.code)),
        }
    }

    /// Sets the page's title with or without the error prefix.
    fn retitle(self, is_wrong: bool) {
        let key = if is_wrong { "error-title" } else { "title" };
        document().set_title(&self.say(key));
    }
}

/// Validates an empty form and creates its request, without effect. Browsers compile a WebAssembly function on its
/// first call, so this makes the first submission faster.
fn rehearse(parse: Parse) {
    if let Ok(empty) = FormData::new() {
        let _ = parse(&Typed(empty.clone()));
        let _ = request(empty);
    }
}

/// Calls `then` after the next paint, so that a click has a visible effect first. The callbacks of a frame run just
/// before it is painted.
fn after_paint(then: impl FnOnce() + 'static) {
    request_animation_frame(move || set_timeout(then, Duration::ZERO));
}

/// The validation of a form before it is sent.
pub(super) type Parse = fn(&Typed) -> Result<(), FieldErrors>;

/// The values of a form.
pub(super) struct Typed(FormData);

impl Typed {
    pub(super) fn get(&self, field: Field) -> String {
        self.0.get(control_id(field)).as_string().unwrap_or_default()
    }
}
