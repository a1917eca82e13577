//! The shop's brand as pages show it.

use std::sync::Arc;

use leptos::prelude::use_context;

use super::asset_path;

/// The shop's brand, which is the same on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The shop's name.
    pub name: String,
    /// The path of the shop's logo, or `None` for Doorstep's own.
    pub logo: Option<String>,
    /// The path of the shop's own stylesheet, if any.
    pub theme: Option<String>,
    /// The page background, light and dark, with which browsers colour their own interface. In CSS syntax.
    pub paper: [String; 2],
    /// The origin of the site.
    pub origin: String,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: "Doorstep".to_owned(),
            logo: None,
            theme: None,
            paper: ["#faf7f0".to_owned(), "#141816".to_owned()],
            origin: String::new(),
        }
    }
}

impl Brand {
    /// Returns the brand of the page that is being rendered.
    #[must_use]
    pub fn current() -> Arc<Self> {
        use_context().unwrap_or_default()
    }

    /// Returns the path of the logo.
    #[must_use]
    pub fn sign(&self) -> String {
        self.logo.clone().unwrap_or_else(|| asset_path("/favicon.svg").to_owned())
    }
}
