//! What all forms share: the check before sending, the answer, the focus, the way on.

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

/// How a kind of form is sent, and what happens with the answer.
#[derive(Clone, Copy)]
pub(super) struct Submission {
    /// Those that the form has.
    fields: &'static [Field],
    parse: Parse,
    target: StoredValue<String>,
    words: StoredValue<FormWords>,
}

impl Submission {
    /// A form with `fields` that is checked by `parse`, and goes on to `target` when it succeeds.
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

    /// Returns what `key` stands for.
    pub(super) fn say(self, key: &str) -> String {
        self.words.with_value(|words| words.say(key))
    }

    /// Checks the form before it is sent, by the same rules as the server, and sends it. With errors it is not sent, and
    /// neither while it is on its way already.
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
            // A full load: everything of the page before is gone, and what comes is for who is signed in now. Busy until
            // that is there.
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

    /// Shows what is wrong, and puts the focus on it once it is shown (GOV.UK Design System, "Error summary"). In a page that has
    /// no place for it any more, the browser sends the form, and the server's page shows it.
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

    /// Returns what is said of the form as a whole.
    fn message(self, error: &ApiError) -> String {
        match error {
            ApiError { code: ErrorCode::TooManyAttempts, retry_after: Some(seconds), .. } => {
                self.say("problem-too-many-attempts-wait").replace("{wait}", &span(*seconds))
            }
            error => self.say(keys::problem(error.code)),
        }
    }

    /// Has the title say first of all that something is wrong, or nothing of it.
    fn retitle(self, is_wrong: bool) {
        let key = if is_wrong { "error-title" } else { "title" };
        document().set_title(&self.say(key));
    }
}

/// Checks an empty form and makes its request, to no effect. A browser compiles WebAssembly when it is first called: the first
/// press of the button does not have to wait for that.
fn rehearse(parse: Parse) {
    if let Ok(empty) = FormData::new() {
        let _ = parse(&Typed(empty.clone()));
        let _ = request(empty);
    }
}

/// Does something once a change is on the screen, so that a press of a button does not wait for both: a frame's callbacks run
/// just before it is painted.
fn after_paint(then: impl FnOnce() + 'static) {
    request_animation_frame(move || set_timeout(then, Duration::ZERO));
}

/// What a form is checked by before it is sent.
pub(super) type Parse = fn(&Typed) -> Result<(), FieldErrors>;

/// What stands in the fields of a form.
pub(super) struct Typed(FormData);

impl Typed {
    pub(super) fn get(&self, field: Field) -> String {
        self.0.get(control_id(field)).as_string().unwrap_or_default()
    }
}
