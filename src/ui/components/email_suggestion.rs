//! A word about an address that looks like a slip of the fingers.

use leptos::{
    ev::{Event, MouseEvent},
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::HtmlInputElement,
};

use super::control_id;
use crate::domain::{EmailAddress, Field};

const ID: &str = "email-suggestion";

/// Offers the address that was probably meant, once [`suggest_email`] found one, and takes it at a click. It keeps nobody from
/// sending the form as it is.
// Set by hand and not by signals: what makes a view follow one was 3 kB of what a browser loads.
#[component]
pub(crate) fn EmailSuggestion() -> impl IntoView {
    view! {
        // Always there, so that what it says is announced; the button is not to be seen while it says nothing.
        <p class="suggestion" role="status">
            <button type="button" class="link" id=ID on:click=take></button>
        </p>
    }
}

/// Looks at what was typed into the form's field for the address. `question` asks whether it is that; `{email}` stands for it.
pub(crate) fn suggest_email(event: &Event, question: &str) {
    let meant = probably_meant(&event_target_value(event));
    offer(&if meant.is_empty() { String::new() } else { question.replace("{email}", &meant) });
}

/// The address that was probably meant by what was typed; empty where that looks right.
pub(crate) fn probably_meant(typed: &str) -> String {
    let meant = EmailAddress::parse(typed).ok().and_then(|email| email.probably_meant());
    meant.map(|meant| meant.as_str().to_owned()).unwrap_or_default()
}

fn take(_: MouseEvent) {
    let field = document().get_element_by_id(control_id(Field::Email));
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        field.set_value(&probably_meant(&field.value()));
        let _ = field.focus();
    }
    offer("");
}

fn offer(words: &str) {
    if let Some(button) = document().get_element_by_id(ID) {
        button.set_text_content(Some(words));
    }
}
