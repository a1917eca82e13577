//! The page for unknown paths.

use leptos::prelude::*;

use crate::{
    accounts::Error,
    ui::{components::Framed, routes, say::say},
    web::{access::Access, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// A message that the page does not exist, with a link to the home page.
pub struct NotFound;

impl Page for NotFound {
    const PATH: &'static str = "/not-found";
    const ACCESS: Access = Access::Anyone;
    type Query = NoQuery;
    type Data = ();

    async fn load(_: &PageVisit, _: NoQuery) -> Result<(), Error> {
        Ok(())
    }

    fn view((): ()) -> AnyView {
        view! {
            <Framed title=say("not-found-title")>
                <p class="lead">{say("not-found-lead")}</p>
                <p><a class="button" href=routes::HOME>{say("not-found-home")}</a></p>
            </Framed>
        }
        .into_any()
    }
}
