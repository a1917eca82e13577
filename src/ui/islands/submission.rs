//! What all forms share: the check before sending, the answer, the focus, the way on.

use leptos::{
    prelude::*,
    server_fn::{ServerFn, serde::de::DeserializeOwned},
    wasm_bindgen::JsCast,
    web_sys::{FormData, HtmlElement, HtmlFormElement, SubmitEvent},
};

use crate::{
    api::ApiError,
    domain::{Field, FieldError, FieldErrors},
    ui::{
        components::{ALERT_ID, control_id},
        words,
    },
};

/// One form on its way to the server and back.
#[derive(Clone, Copy)]
pub(super) struct Submission {
    /// What is wrong, as far as is known.
    error: RwSignal<Option<ApiError>>,
    busy: Signal<bool>,
}

impl Submission {
    /// Follows `action`, and goes on to `target` when it succeeds. `initial` is what was wrong without scripts.
    pub(super) fn follow<S>(action: ServerAction<S>, initial: Option<ApiError>, target: String) -> Self
    where
        S: ServerFn<Error = ApiError> + DeserializeOwned + Clone + Send + Sync + 'static,
        S::Output: Clone + Send + Sync + 'static,
    {
        // Not the action's own value: on the server that would show an error out of the page's query, which anybody
        // can write.
        let error = RwSignal::new(initial);
        let done = RwSignal::new(false);
        Effect::new(move || match &*action.value().read() {
            Some(Ok(_)) => {
                done.set(true);
                // A full load: everything of the page before is gone, and what comes is for who is signed in now.
                let _ = window().location().assign(&target);
            }
            Some(Err(failed)) => {
                error.set(Some(failed.clone()));
                focus_first(&failed.fields);
            }
            None => {}
        });
        let pending = action.pending();
        // Busy until the next page is there.
        Self { error, busy: Signal::derive(move || pending.get() || done.get()) }
    }

    pub(super) fn busy(self) -> Signal<bool> {
        self.busy
    }

    /// What is wrong with `field`.
    pub(super) fn fault(self, field: Field) -> Signal<Option<FieldError>> {
        let error = self.error;
        Signal::derive(move || error.read().as_ref().and_then(|error| error.fields.get(field)))
    }

    /// What the form has to say as a whole.
    pub(super) fn message(self) -> Signal<String> {
        let error = self.error;
        Signal::derive(move || error.read().as_ref().map(words::problem).unwrap_or_default())
    }

    /// Looks at the form before it is sent, by the same rules as the server. With faults it is not sent, and neither
    /// while it is on its way already.
    pub(super) fn check(self, parse: fn(&Typed) -> Result<(), FieldErrors>) -> impl Fn(SubmitEvent) + 'static {
        let Self { error, busy } = self;
        move |event: SubmitEvent| {
            if busy.get_untracked() {
                event.prevent_default();
                return;
            }
            let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else {
                return;
            };
            let Ok(data) = FormData::new_with_form(&form) else { return };
            match parse(&Typed(data)) {
                Ok(()) => error.set(None),
                Err(fields) => {
                    event.prevent_default();
                    focus_first(&fields);
                    error.set(Some(ApiError::invalid(fields)));
                }
            }
        }
    }
}

/// What stands in the fields of a form.
pub(super) struct Typed(FormData);

impl Typed {
    pub(super) fn get(&self, field: Field) -> String {
        self.0.get(control_id(field)).as_string().unwrap_or_default()
    }
}

/// Puts the focus where the first fault is, or on the message about the whole, once it is shown.
fn focus_first(fields: &FieldErrors) {
    let id = fields.first().map_or(ALERT_ID, control_id);
    request_animation_frame(move || {
        let element = document().get_element_by_id(id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
