//! The document around every page.

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use super::{Brand, Frame, asset_path};

/// Where the style is, under the name that this build gave it.
#[derive(Clone, Debug)]
pub struct Stylesheet(String);

impl Stylesheet {
    /// Returns the style that belongs to the build behind `options`.
    #[must_use]
    pub fn of(options: &LeptosOptions) -> Self {
        Self(format!("/{}/{}.css", options.site_pkg_dir, options.output_name))
    }
}

/// Renders a whole document around a page. Its type names none of its elements: code for each type of the server's would
/// name all of them, which took 700 MB in each debug build. For the same reason it is compiled once, not for each page.
#[must_use]
pub fn document(options: LeptosOptions, page: &dyn Fn() -> AnyView) -> AnyView {
    provide_meta_context();
    let stylesheet = Stylesheet::of(&options);
    provide_context(options.clone());
    let language = Frame::current().language;
    view! {
        <!DOCTYPE html>
        <html lang=language.code()>
            <head>
                <Links stylesheet />
                <AutoReload options />
                <MetaTags />
            </head>
            <body>{page()}</body>
        </html>
    }
    .into_any()
}

/// What the head of every document says, and what it needs: its style and font, the shop's sign and colours.
#[component]
pub(super) fn Links(stylesheet: Stylesheet) -> impl IntoView {
    let brand = Brand::current();
    let [light, dark] = brand.paper.clone();
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {theme_color(light, "(prefers-color-scheme: light)")}
        {theme_color(dark, "(prefers-color-scheme: dark)")}
        <meta name="application-name" content=brand.name.clone() />
        <link rel="preload" href=asset_path("/young-serif.woff2") r#as="font" r#type="font/woff2" crossorigin />
        <link rel="stylesheet" href=stylesheet.0 />
        {brand.theme.clone().map(|theme| view! { <link rel="stylesheet" href=theme /> })}
        <link rel="icon" href=brand.sign() />
        <link rel="apple-touch-icon" href=asset_path("/apple-touch-icon.png") />
        <link rel="manifest" href="/site.webmanifest" />
    }
}

/// What a browser draws around the page. The macro knows no `media` of a `meta`.
fn theme_color(colour: String, media: &'static str) -> impl IntoView {
    leptos::html::meta().name("theme-color").content(colour).attr("media", media)
}
