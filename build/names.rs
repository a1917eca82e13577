//! Names the files of the site by their content. Each is served below `/pkg/` with a hash in its name, so that a
//! browser can cache it forever and never mixes files of two versions. References between files use the hashed names.
//!
//! Used by `build.rs` and by the test of the names.

use std::{collections::BTreeMap, fmt::Write as _};

use sha2::{Digest, Sha256};

/// The name of the browser files that cargo-leptos builds, and the folder that it puts them in.
const OUTPUT_NAME: &str = "doorstep";
const PACKAGE: &str = "/pkg/";

/// Files that are also requested by a fixed name, by clients that have not read a page: iOS requests its icon there,
/// and people look up the license of the font.
const WELL_KNOWN: [&str; 2] = ["/apple-touch-icon.png", "/young-serif.LICENSE.txt"];

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// Its path in the folder that cargo-leptos writes.
    pub source: String,
    /// The path it is served at.
    pub path: String,
    /// The content that is served, with references to other files replaced.
    pub content: Vec<u8>,
    /// True if `path` changes with the content.
    pub is_hashed: bool,
}

/// The site as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub files: Vec<SiteFile>,
    /// The name of the browser files, without extensions.
    pub output_name: String,
}

impl Site {
    /// Names `files`, which are pairs of path and content.
    ///
    /// # Errors
    /// If two files refer to each other, or a reference without a hash is left.
    pub fn new(files: Vec<(String, Vec<u8>)>) -> Result<Self, String> {
        let (package, mut unnamed): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(source, _)| source.starts_with(PACKAGE));
        let mut names = BTreeMap::new();
        let mut packed = Vec::new();
        while !unnamed.is_empty() {
            // Files that refer only to named files come first.
            let sources: Vec<String> = unnamed.iter().map(|(source, _)| source.clone()).collect();
            let (later, now): (Vec<_>, Vec<_>) = unnamed.into_iter().partition(|(source, content)| {
                sources.iter().any(|other| other != source && refers_to(source, content, other))
            });
            if now.is_empty() {
                return Err(format!("files refer to each other: {}", sources.join(", ")));
            }
            packed.extend(now.into_iter().map(|(source, content)| name(source, &content, &names)));
            names.extend(packed.iter().map(|file: &SiteFile| (file.source.clone(), file.path.clone())));
            unnamed = later;
        }
        let well_known: Vec<_> =
            packed.iter().filter(|file| WELL_KNOWN.contains(&file.source.as_str())).map(under_own_name).collect();
        packed.extend(well_known);
        let (package, output_name) = name_package(package, &names)?;
        packed.extend(package);
        packed.iter().try_for_each(check)?;
        packed.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { files: packed, output_name })
    }
}

/// Gives the browser files one common hash: the script names its WebAssembly, so they only work together.
fn name_package(
    package: Vec<(String, Vec<u8>)>,
    names: &BTreeMap<String, String>,
) -> Result<(Vec<SiteFile>, String), String> {
    let package: Vec<_> = package
        .into_iter()
        .map(|(source, content)| {
            let content = with_names(&source, &content, names);
            (source, content)
        })
        .collect();
    let mut hash = Sha256::new();
    for (_, content) in &package {
        hash.update(content);
    }
    let output_name = format!("{OUTPUT_NAME}.{}", hex(&hash.finalize()));
    let packed = package.into_iter().map(|(source, content)| {
        let extension =
            source.strip_prefix(&format!("{PACKAGE}{OUTPUT_NAME}.")).ok_or(format!("{source} has no hash"))?;
        let path = format!("{PACKAGE}{output_name}.{extension}");
        Ok(SiteFile { source, path, content, is_hashed: true })
    });
    Ok((packed.collect::<Result<_, String>>()?, output_name))
}

fn name(source: String, content: &[u8], names: &BTreeMap<String, String>) -> SiteFile {
    let content = with_names(&source, content, names);
    let (stem, extension) = source.rsplit_once('.').unwrap_or((&source, "bin"));
    let path = format!("{PACKAGE}{}.{}.{extension}", stem.trim_start_matches('/'), hex(&Sha256::digest(&content)));
    SiteFile { source, path, content, is_hashed: true }
}

fn under_own_name(file: &SiteFile) -> SiteFile {
    SiteFile { path: file.source.clone(), is_hashed: false, ..file.clone() }
}

/// The characters around a path in a script or a style sheet.
const QUOTES: [(char, char); 3] = [('"', '"'), ('\'', '\''), ('(', ')')];

/// Returns the text of a file that may refer to others.
fn text<'a>(source: &str, content: &'a [u8]) -> Option<&'a str> {
    let may_refer = [".js", ".css"].iter().any(|extension| source.ends_with(extension));
    may_refer.then(|| str::from_utf8(content).ok()).flatten()
}

fn refers_to(source: &str, content: &[u8], path: &str) -> bool {
    text(source, content)
        .is_some_and(|text| QUOTES.iter().any(|(open, close)| text.contains(&format!("{open}{path}{close}"))))
}

/// Returns the content with its references replaced by the hashed names.
fn with_names(source: &str, content: &[u8], names: &BTreeMap<String, String>) -> Vec<u8> {
    let Some(text) = text(source, content) else { return content.to_vec() };
    let mut text = text.to_owned();
    for (path, name) in names {
        for (open, close) in QUOTES {
            text = text.replace(&format!("{open}{path}{close}"), &format!("{open}{name}{close}"));
        }
    }
    text.into_bytes()
}

/// Returns an error if the file loads another one by a name without a hash.
fn check(file: &SiteFile) -> Result<(), String> {
    let Some(text) = text(&file.source, &file.content) else { return Ok(()) };
    for loads in ["url(", "import("] {
        for (at, _) in text.match_indices(loads) {
            let rest = text[at + loads.len()..].trim_start_matches(['"', '\'']);
            if rest.starts_with('/') && !rest.starts_with(PACKAGE) {
                return Err(format!("{} loads a file that is not there: {loads}{:.40}", file.source, rest));
            }
        }
    }
    Ok(())
}

/// Returns the first 64 bits of a hash as hex digits, which is enough to tell versions apart.
pub fn hex(hash: &[u8]) -> String {
    hash.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
