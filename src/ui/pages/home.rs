//! `/`: what this is, or for somebody who is signed in, a greeting and the way on.

use leptos::prelude::*;

use crate::ui::{PageContext, components::Page, routes};

/// The landing page.
#[component]
pub fn HomePage() -> impl IntoView {
    match PageContext::current().customer {
        Some(customer) => view! {
            <Page title="Welcome back" heading=format!("Hello, {}", customer.name)>
                <p class="lead">"Good to see you. You are signed in as " <strong>{customer.email}</strong> "."</p>
                <p><a class="button" href=routes::ACCOUNT>"Go to your account"</a></p>
            </Page>
        }
        .into_any(),
        None => view! {
            <Page title="Welcome">
                <p class="lead">"Your account with this shop: one place to sign up, log in and stay signed in."</p>
                <p class="actions">
                    <a class="button" href=routes::SIGN_UP>"Create an account"</a>
                    <a class="button quiet" href=routes::LOG_IN>"Log in"</a>
                </p>
            </Page>
        }
        .into_any(),
    }
}
