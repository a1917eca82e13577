//! What pages show of the shop itself.

use std::sync::Arc;

use leptos::prelude::use_context;

use super::asset_path;

/// The shop, as customers know it. The same for every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// What it is called.
    pub name: String,
    /// The path of its sign; `None` for Doorstep's own.
    pub logo: Option<String>,
    /// The path of the style in which it differs from Doorstep's own, if it does.
    pub theme: Option<String>,
    /// The colours of the page itself, light and dark, for what a browser draws around it; as CSS has them.
    pub paper: [String; 2],
    /// The origin of its accounts.
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
    /// The brand of the page that is being rendered.
    #[must_use]
    pub fn current() -> Arc<Self> {
        use_context().unwrap_or_default()
    }

    /// The path of the picture beside its name.
    #[must_use]
    pub fn sign(&self) -> String {
        self.logo.clone().unwrap_or_else(|| asset_path("/favicon.svg").to_owned())
    }
}
