//! A word about an address that looks like a slip of the fingers.

use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys::HtmlInputElement};

use super::control_id;
use crate::domain::{EmailAddress, Field};

/// Offers the address that was probably meant, once the one in the form's field was typed; a click takes it. It keeps nobody
/// from sending the form as it is.
#[component]
pub(crate) fn EmailSuggestion(
    /// The address in the field.
    typed: RwSignal<String>,
) -> impl IntoView {
    let meant = move || EmailAddress::parse(&typed.read()).ok()?.probably_meant();
    let take = move |_| {
        let Some(meant) = meant() else { return };
        let field = document().get_element_by_id(control_id(Field::Email));
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            field.set_value(meant.as_str());
            let _ = field.focus();
        }
        typed.set(meant.as_str().to_owned());
    };
    view! {
        <p class="suggestion" role="status">
            {move || {
                meant()
                    .map(|meant| view! {
                        "Did you mean "
                        <button type="button" class="link" on:click=take>
                            {meant.as_str().to_owned()}
                        </button>
                        "?"
                    })
            }}
        </p>
    }
}
