//! The HTML document around every page.

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use super::{Brand, Frame, asset_path};

/// The path of the stylesheet in this build.
#[derive(Clone, Debug)]
pub struct Stylesheet(String);

impl Stylesheet {
    /// Returns the stylesheet of the build that `options` describe.
    #[must_use]
    pub fn of(options: &LeptosOptions) -> Self {
        Self(format!("/{}/{}.css", options.site_pkg_dir, options.output_name))
    }
}

/// Renders the document around a page. Its type is erased, because a type that contains all elements would appear in
/// the generated code of each type on the server, which took 700 MB in each debug build. It takes a `dyn` page for the
/// same reason, so it is compiled only once.
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

/// The head of every document: metadata, stylesheet, font, icons and colours.
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

/// The colour of the browser's interface around the page. The macro does not support `media` on a `meta` element.
fn theme_color(colour: String, media: &'static str) -> impl IntoView {
    leptos::html::meta().name("theme-color").content(colour).attr("media", media)
}
