//! The state that a form shows in the browser: errors, and that it is busy.
//!
//! Elements are looked up at each change. A reactive view would keep references to text nodes, which translators and
//! extensions replace, and would need the page unchanged from the server.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlFormElement, SubmitEvent},
};

use crate::{
    domain::Field,
    ui::components::{ERROR_SUMMARY_ID, control_id, described_by, error_id, hint_id},
};

/// A form of the page.
#[derive(Clone)]
pub(super) struct LiveForm(HtmlFormElement);

impl LiveForm {
    /// Returns the form of a submit event.
    pub(super) fn of(event: &SubmitEvent) -> Option<Self> {
        event.target()?.dyn_into().ok().map(Self)
    }

    pub(super) fn element(&self) -> &HtmlFormElement {
        &self.0
    }

    /// Shows `message` and `errors` in the summary, and the error of each of `fields`. An empty message hides the
    /// summary. Returns `None` if the page lacks the elements.
    pub(super) fn show(&self, fields: &[Field], message: &str, errors: &[(Field, String)]) -> Option<()> {
        for field in fields {
            let error = errors.iter().find(|(other, _)| other == field).map(|(_, text)| text.as_str());
            self.show_error(*field, error.unwrap_or_default())?;
        }
        let summary = self.find(ERROR_SUMMARY_ID)?;
        summary.query_selector(".error-summary-message").ok()??.set_text_content(Some(message));
        let list = summary.query_selector("ul").ok()??;
        list.set_text_content(None);
        for (field, text) in errors {
            list.append_child(&*link_to(*field, text)?).ok()?;
        }
        set_flag(&summary, "hidden", message.is_empty())
    }

    /// Shows the error of a field, or hides it if `text` is empty.
    fn show_error(&self, field: Field, text: &str) -> Option<()> {
        let has_error = !text.is_empty();
        let error = self.find(&error_id(field))?;
        error.set_text_content(Some(text));
        set_flag(&error, "hidden", !has_error)?;
        let control = self.find(control_id(field))?;
        set(&control, "aria-invalid", has_error.then_some("true"))?;
        let has_hint = self.find(&hint_id(field)).is_some();
        set(&control, "aria-describedby", described_by(field, has_hint, has_error).as_deref())?;
        let frame = control.closest(".field").ok()??;
        frame.class_list().toggle_with_force("invalid", has_error).ok().map(drop)
    }

    /// Moves the focus to the summary, so that it is visible and read by screen readers.
    pub(super) fn focus_summary(&self) {
        if let Some(summary) = self.find(ERROR_SUMMARY_ID).and_then(|summary| summary.dyn_into::<HtmlElement>().ok()) {
            let _ = summary.focus();
        }
    }

    /// Returns true while the form is being sent. Only the page stores this: `public/page.js` resets the form when the
    /// page comes back from the history.
    pub(super) fn is_busy(&self) -> bool {
        let button = self.button();
        button.is_some_and(|button| button.get_attribute("aria-disabled").as_deref() == Some("true"))
    }

    /// Shows whether the form is being sent, as `public/page.js` does for a plain form.
    pub(super) fn set_busy(&self, busy: bool) {
        let Some(button) = self.button() else { return };
        let idle = if busy { button.text_content() } else { None };
        let shown = button.get_attribute(if busy { "data-busy" } else { "data-idle" });
        set(&button, "data-idle", idle.as_deref());
        set(&button, "aria-disabled", busy.then_some("true"));
        if shown.is_some() {
            button.set_text_content(shown.as_deref());
        }
    }

    /// Lets the browser send the form without scripts.
    pub(super) fn send_as_plain(&self) {
        let _ = self.0.submit();
    }

    fn button(&self) -> Option<Element> {
        self.0.query_selector("button[type=submit]").ok()?
    }

    /// Returns the form's element with this id. An extension may use the same id elsewhere on the page.
    fn find(&self, id: &str) -> Option<Element> {
        self.0.query_selector(&format!("[id={id}]")).ok()?
    }
}

/// Returns a list item with a link to the field.
fn link_to(field: Field, text: &str) -> Option<Element> {
    let link = document().create_element("a").ok()?;
    set(&link, "href", Some(&format!("#{}", control_id(field))))?;
    link.set_text_content(Some(text));
    let item = document().create_element("li").ok()?;
    item.append_child(&link).ok()?;
    Some(item)
}

fn set(element: &Element, attribute: &str, value: Option<&str>) -> Option<()> {
    match value {
        Some(value) => element.set_attribute(attribute, value).ok(),
        None => element.remove_attribute(attribute).ok(),
    }
}

fn set_flag(element: &Element, attribute: &str, is_set: bool) -> Option<()> {
    set(element, attribute, is_set.then_some(""))
}
