//! Packs the site into the binary: every file of the folder in `DOORSTEP_SITE`, compressed, and named by its content
//! (`build/names.rs`). Without the variable the tables are empty, and the program reads the folder that cargo-leptos
//! writes at run time.

#[path = "build/names.rs"]
mod names;

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use names::{Site, SiteFile, hex};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=DOORSTEP_SITE");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/names.rs");
    println!("cargo::rerun-if-changed=src/adapters/embedded/migrations");
    println!("cargo::rerun-if-changed=docs/openapi.json");
    link_small_program()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    pack_api_document(&out)?;
    let mut files = Vec::new();
    if let Some(site) = env::var_os("DOORSTEP_SITE").map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", site.display());
        collect(&site, "/", &mut files)?;
        files.sort();
    }
    let site = Site::new(files)?;
    fs::write(out.join("assets.rs"), files_table(&site, &out)?)?;
    fs::write(out.join("asset_paths.rs"), paths_table(&site)?)?;
    Ok(())
}

/// Compresses the API's document, which the program serves like a file of the site.
fn pack_api_document(out: &Path) -> Result<(), Box<dyn Error>> {
    let document = fs::read("docs/openapi.json")?;
    fs::write(out.join("openapi.json.gz"), gzip(&document)?)?;
    fs::write(out.join("openapi.json.br"), brotli(&document)?)?;
    println!("cargo::rustc-env=DOORSTEP_API_DOCUMENT_ETAG=W/\"{}\"", hex(&Sha256::digest(&document)));
    Ok(())
}

/// Tells the linker to merge functions with identical machine code, which generics produce a lot of, and to pack the
/// addresses that are adjusted when the program starts (`DT_RELR`). Only the LLD that comes with Rust supports the
/// first. It is the default linker on glibc where it is available; musl has to select it.
fn link_small_program() -> Result<(), Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let is_musl = target.ends_with("-linux-musl");
    if env::var("PROFILE")? != "release" || !(is_musl || target == "x86_64-unknown-linux-gnu") {
        return Ok(());
    }
    if is_musl {
        let sysroot = Command::new(env::var("RUSTC")?).args(["--print", "sysroot"]).output()?.stdout;
        let sysroot = String::from_utf8(sysroot)?;
        println!("cargo::rustc-link-arg-bins=-B{}/lib/rustlib/{}/bin/gcc-ld", sysroot.trim(), env::var("HOST")?);
        println!("cargo::rustc-link-arg-bins=-fuse-ld=lld");
    }
    println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    if is_musl || has_glibc_for_packed_addresses() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}

/// Returns true if the glibc of this machine can start a program with packed addresses: since version 2.36.
fn has_glibc_for_packed_addresses() -> bool {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().map(|output| output.stdout);
    let output = String::from_utf8(output.unwrap_or_default()).unwrap_or_default();
    let version = output.trim().strip_prefix("glibc 2.").and_then(|minor| minor.parse::<u32>().ok());
    version.is_some_and(|minor| minor >= 36)
}

/// Reads every file below `folder`, with its path relative to it.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| format!("{} is no Unicode", name.display()))?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if !name.ends_with(".d.ts") {
            files.push((format!("{prefix}{name}"), fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// Returns the Rust source of the table of files: which content is served at which path.
fn files_table(site: &Site, out: &Path) -> Result<String, Box<dyn Error>> {
    let mut rust = format!("pub(super) const OUTPUT_NAME: &str = {:?};\n", site.output_name);
    writeln!(rust, "pub(super) static FILES: [File; {}] = [", site.files.len())?;
    for (index, SiteFile { path, content, is_hashed, .. }) in site.files.iter().enumerate() {
        // Weak: the plain and the compressed bodies share it (RFC 9110, 8.8.1).
        let etag = format!("W/\"{}\"", hex(&Sha256::digest(content)));
        let content_type = content_type(path)?;
        // Formats that are compressed already are stored as they are. The rest is stored compressed only: the program
        // decompresses it for the few clients that accept no encoding.
        let (plain, brotli, gzip) = if ["image/png", "font/woff2"].contains(&content_type) {
            (content.clone(), Vec::new(), Vec::new())
        } else {
            (Vec::new(), brotli(content)?, gzip(content)?)
        };
        write!(rust, "    File {{ path: {path:?}, content_type: {content_type:?}, etag: {etag:?}, ")?;
        write!(rust, "immutable: {is_hashed}, unpacked: std::sync::OnceLock::new()")?;
        for (encoding, bytes) in [("plain", plain), ("brotli", brotli), ("gzip", gzip)] {
            let file = out.join(format!("asset-{index}.{encoding}"));
            fs::write(&file, bytes)?;
            write!(rust, ", {encoding}: include_bytes!({:?})", file.display().to_string())?;
        }
        rust.push_str(" },\n");
    }
    rust.push_str("];\n");
    Ok(rust)
}

/// Returns the Rust source of the table of paths: which path a file of `public/` is served at.
fn paths_table(site: &Site) -> Result<String, Box<dyn Error>> {
    let hashed: Vec<&SiteFile> = site.files.iter().filter(|file| file.is_hashed).collect();
    let mut rust = format!("static PATHS: [(&str, &str); {}] = [\n", hashed.len());
    for SiteFile { source, path, .. } in hashed {
        writeln!(rust, "    ({source:?}, {path:?}),")?;
    }
    rust.push_str("];\n");
    Ok(rust)
}

fn content_type(path: &str) -> Result<&'static str, Box<dyn Error>> {
    Ok(match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => return Err(format!("no content type is known for {path}").into()),
    })
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut packed, &brotli::enc::BrotliEncoderParams::default())?;
    Ok(packed)
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}
