//! The shop's name and its look.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use super::{reader::Reader, theme::Accent};

/// The largest logo or style sheet, in bytes. Both are kept in memory.
const MOST: u64 = 256 * 1024;

/// `SHOP_NAME`, `SHOP_LOGO`, `THEME_ACCENT` and `THEME_CSS`.
#[derive(Clone, Debug)]
pub struct BrandConfig {
    /// The shop's name.
    pub shop: String,
    /// Its logo.
    pub logo: Option<Logo>,
    /// Its colour.
    pub accent: Option<Accent>,
    /// Other values for the custom properties of `style/tokens.css`.
    pub css: Option<ThemeCss>,
}

impl Default for BrandConfig {
    fn default() -> Self {
        Self { shop: "Doorstep".to_owned(), logo: None, accent: None, css: None }
    }
}

/// An image, read at the start of the program.
#[derive(Clone, Debug)]
pub struct Logo {
    pub path: PathBuf,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// A style sheet, read at the start of the program.
#[derive(Clone, Debug)]
pub struct ThemeCss {
    pub path: PathBuf,
    pub text: String,
}

impl BrandConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let shop = reader.value("SHOP_NAME").unwrap_or_else(|| Self::default().shop);
        if shop.chars().any(char::is_control) {
            reader.problem("SHOP_NAME", "must be one line of text");
        }
        let form = "a .svg, .png, .webp or .jpg file of at most 256 KiB that can be read";
        let logo = reader.parse_with("SHOP_LOGO", None, form, |text| read_logo(text).map(Some));
        let accent =
            reader.parse_with("THEME_ACCENT", None, "a colour such as #17594a", |text| text.parse().ok().map(Some));
        let form = "a style sheet of at most 256 KiB that can be read";
        let css = reader.parse_with("THEME_CSS", None, form, |text| read_css(text).map(Some));
        Self { shop, logo, accent, css }
    }
}

fn read_logo(path: &str) -> Option<Logo> {
    let path = PathBuf::from(path);
    let content_type = match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" | "jpeg" => "image/jpeg",
        _ => return None,
    };
    let bytes = read_file(&path).filter(|bytes| !bytes.is_empty())?;
    Some(Logo { path, content_type, bytes })
}

fn read_css(path: &str) -> Option<ThemeCss> {
    let path = PathBuf::from(path);
    let text = String::from_utf8(read_file(&path)?).ok()?;
    Some(ThemeCss { path, text })
}

/// Reads a regular file of at most [`MOST`] bytes. A device or a pipe might never end, or block.
fn read_file(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    File::open(path).ok()?.take(MOST + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST).then_some(bytes)
}
