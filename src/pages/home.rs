//! `/`

use leptos::prelude::*;
use leptos_meta::Meta;

use crate::{
    accounts::Error,
    api::CustomerBody,
    ui::{
        Brand, asset_path,
        components::{Description, Framed, Layout, description, site_title},
        routes,
        say::{fill, say, sentence_of},
    },
    web::{access::Access, bodies, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The home page: a description of the site, or a greeting for a customer.
pub struct Home;

impl Page for Home {
    const PATH: &'static str = routes::HOME;
    const ACCESS: Access = Access::Anyone;
    const CACHED: bool = true;
    type Query = NoQuery;
    type Data = Option<CustomerBody>;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Option<CustomerBody>, Error> {
        Ok(visit.signed_in().map(|signed_in| bodies::customer_body(&signed_in.customer)))
    }

    fn view(customer: Option<CustomerBody>) -> AnyView {
        match customer {
            Some(customer) => {
                let heading = fill("home-customer-heading", &[("name", customer.name.into())]);
                view! {
                <Framed title=say("home-customer-title") heading layout=Layout::Welcome>
                    <p class="lead">{sentence_of("home-customer-lead", &[("email", customer.email.into())], "")}</p>
                    <p><a class="button" href=routes::ACCOUNT>{say("home-customer-account")}</a></p>
                </Framed>
                }
                .into_any()
            }
            None => view! {
                <Framed title=say("home-title") layout=Layout::Welcome>
                    <Introduction />
                    <p class="lead">{say("home-lead")}</p>
                    <p class="actions">
                        <a class="button" href=routes::SIGN_UP>{say("home-sign-up")}</a>
                        <a class="button quiet" href=routes::LOG_IN>{say("home-log-in")}</a>
                    </p>
                </Framed>
            }
            .into_any(),
        }
    }
}

/// The preview of the page in links on other sites (Open Graph protocol).
#[component]
fn Introduction() -> impl IntoView {
    let brand = Brand::current();
    view! {
        <Description />
        <Meta property="og:type" content="website" />
        <Meta property="og:site_name" content=brand.name.clone() />
        <Meta property="og:title" content=site_title(&say("home-title")) />
        <Meta property="og:description" content=description() />
        <Meta property="og:url" content=format!("{}/", brand.origin) />
        <Meta property="og:image" content=format!("{}{}", brand.origin, asset_path("/og.png")) />
        <Meta property="og:image:width" content="1200" />
        <Meta property="og:image:height" content="630" />
    }
}
