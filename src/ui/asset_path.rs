//! Where pages find the site's files.

// What `build.rs` wrote: pairs of a file's path in the site's folder and the path at which it is served.
include!(concat!(env!("OUT_DIR"), "/asset_paths.rs"));

/// Returns the path at which the file `name` of `public/` is served. In a release it holds a hash of the content. While the program
/// reads the site from a folder, it is `name` itself.
#[must_use]
pub fn asset_path(name: &'static str) -> &'static str {
    PATHS.iter().find(|(source, _)| *source == name).map_or(name, |(_, path)| path)
}
