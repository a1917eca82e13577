//! What all forms share: the check before sending, the answer, the focus, the way on.

use std::time::Duration;

use leptos::{
    prelude::*,
    task::{spawn_local, tick},
    wasm_bindgen::JsCast,
    web_sys::{FormData, HtmlElement, HtmlFormElement, SubmitEvent},
};

use super::send::{request, send};
use crate::{
    api::{ApiError, ErrorCode},
    domain::{Field, FieldErrors},
    ui::{
        FormWords,
        components::{ERROR_SUMMARY_ID, control_id},
        keys,
        say::span,
    },
};

/// One form on its way to the server and back.
#[derive(Clone, Copy)]
pub(super) struct Submission {
    /// What is wrong, as far as is known.
    error: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
    target: StoredValue<String>,
    words: StoredValue<FormWords>,
}

impl Submission {
    /// A form that goes on to `target` when it succeeds. `initial` is what was wrong without scripts.
    pub(super) fn new(initial: Option<ApiError>, target: String, words: FormWords) -> Self {
        let error = RwSignal::new(initial);
        let words = StoredValue::new(words);
        Effect::new(move || {
            // For whoever has to know that the form is alive: before, it is a plain one.
            let _ = document().document_element().map(|html| html.set_attribute("data-alive", ""));
        });
        Self { error, busy: RwSignal::new(false), target: StoredValue::new(target), words }
    }

    /// What `key` stands for.
    pub(super) fn say(self, key: &str) -> String {
        self.words.with_value(|words| words.say(key))
    }

    pub(super) fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// What is wrong with `field`; empty where nothing is.
    pub(super) fn fault(self, field: Field) -> Signal<String> {
        Signal::derive(move || {
            let fault = self.error.read().as_ref().and_then(|error| error.fields.get(field));
            fault.map(|fault| self.say(keys::fault(field, fault))).unwrap_or_default()
        })
    }

    /// What is wrong with each field.
    pub(super) fn faults(self) -> Signal<Vec<(Field, String)>> {
        Signal::derive(move || {
            let error = self.error.read();
            let faults = error.iter().flat_map(|error| error.fields.iter());
            faults.map(|(field, fault)| (field, self.say(keys::fault(field, fault)))).collect()
        })
    }

    /// What the form has to say as a whole; empty where all is well.
    pub(super) fn message(self) -> Signal<String> {
        Signal::derive(move || match &*self.error.read() {
            None => String::new(),
            Some(ApiError { code: ErrorCode::TooManyAttempts, retry_after: Some(seconds), .. }) => {
                self.say("problem-too-many-attempts-wait").replace("{wait}", &span(*seconds))
            }
            Some(error) => self.say(keys::problem(error.code)),
        })
    }

    /// Looks at the form before it is sent, by the same rules as the server, and sends it. With faults it is not sent, and
    /// neither while it is on its way already.
    pub(super) fn submit(self, parse: Parse) -> impl Fn(SubmitEvent) + 'static {
        Effect::new(move || request_idle_callback(move || spawn_local(self.rehearse(parse))));
        move |event: SubmitEvent| {
            let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else {
                return;
            };
            let Ok(data) = FormData::new_with_form(&form) else { return };
            event.prevent_default();
            if self.busy.get_untracked() {
                return;
            }
            match parse(&Typed(data)) {
                Ok(()) => {
                    self.error.set(None);
                    self.busy.set(true);
                    after_paint(move || {
                        self.retitle(false);
                        spawn_local(self.finish(form));
                    });
                }
                Err(fields) => self.fail(ApiError::invalid(fields)),
            }
        }
    }

    async fn finish(self, form: HtmlFormElement) {
        match send(&form).await {
            // A full load: everything of the page before is gone, and what comes is for who is signed in now. Busy until
            // that is there.
            Ok(()) => drop(window().location().assign(&self.target.get_value())),
            Err(error) => {
                self.busy.set(false);
                self.fail(error);
            }
        }
    }

    /// Has the title say first of all that something is wrong, or nothing of it.
    fn retitle(self, is_wrong: bool) {
        let key = if is_wrong { "error-title" } else { "title" };
        document().set_title(&self.say(key));
    }

    /// Shows what is wrong with an empty form and that it is on its way, and takes it back before anything is painted. A
    /// browser compiles WebAssembly where it is first called; whoever first presses the button does not wait for that any
    /// more.
    async fn rehearse(self, parse: Parse) {
        let Ok(empty) = FormData::new() else { return };
        if self.busy.get_untracked() || self.error.read_untracked().is_some() {
            return;
        }
        self.error.set(parse(&Typed(empty.clone())).err().map(ApiError::invalid));
        self.busy.set(true);
        tick().await;
        self.error.set(None);
        self.busy.set(false);
        after_paint(move || drop(request(empty)));
    }

    /// Says what is wrong, and puts the focus on it once it is shown (GOV.UK Design System, "Error summary").
    fn fail(self, error: ApiError) {
        self.error.set(Some(error));
        after_paint(move || {
            self.retitle(true);
            let element = document().get_element_by_id(ERROR_SUMMARY_ID);
            if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                let _ = element.focus();
            }
        });
    }
}

/// Does something once what has changed is on the screen, so that whoever pressed a button does not wait for both: a frame's
/// callbacks run just before it is painted.
fn after_paint(then: impl FnOnce() + 'static) {
    request_animation_frame(move || set_timeout(then, Duration::ZERO));
}

/// What a form is checked by before it is sent.
type Parse = fn(&Typed) -> Result<(), FieldErrors>;

/// What stands in the fields of a form.
pub(super) struct Typed(FormData);

impl Typed {
    pub(super) fn get(&self, field: Field) -> String {
        self.0.get(control_id(field)).as_string().unwrap_or_default()
    }
}
