//! Offers another email address while one that looks mistyped is being typed.

use leptos::{
    ev::{Event, MouseEvent},
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlFormElement, HtmlInputElement},
};

use crate::{
    domain::{EmailAddress, Field},
    ui::components::{EMAIL_SUGGESTION_ID, control_id},
};

/// Returns the address that was probably meant by what was typed; empty if that looks right.
pub(crate) fn probably_meant(typed: &str) -> String {
    let meant = EmailAddress::parse(typed).ok().and_then(|email| email.probably_meant());
    meant.map(|meant| meant.as_str().to_owned()).unwrap_or_default()
}

/// Checks what was typed, if the event comes from the field for the address. `question` is shown, with the address instead of
/// `{email}`.
pub(super) fn suggest(event: &Event, question: &str) {
    if let Some(field) = changed(event) {
        let meant = probably_meant(&field.value());
        let question = if meant.is_empty() { String::new() } else { question.replace("{email}", &meant) };
        offer(field.form(), &question);
    }
}

/// Takes the address that is offered, if the click is on the offer.
pub(super) fn take(event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    // A translator may have put elements into the button.
    let button = target.and_then(|target| target.closest(&format!("[id={EMAIL_SUGGESTION_ID}]")).ok().flatten());
    let form = button.and_then(|button| button.closest("form").ok().flatten());
    let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else { return };
    let field = form.query_selector(&format!("[id={}]", control_id(Field::Email))).ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        field.set_value(&probably_meant(&field.value()));
        let _ = field.focus();
    }
    offer(Some(form), "");
}

/// The field for the address, if it is what changed.
fn changed(event: &Event) -> Option<HtmlInputElement> {
    let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    (field.id() == control_id(Field::Email)).then_some(field)
}

fn offer(form: Option<HtmlFormElement>, text: &str) {
    let button = form.and_then(|form| form.query_selector(&format!("[id={EMAIL_SUGGESTION_ID}]")).ok().flatten());
    if let Some(button) = button {
        button.set_text_content(Some(text));
    }
}
