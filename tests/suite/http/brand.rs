//! The shop's name, logo and colours.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use doorstep::config::{BrandConfig, Logo, ThemeCss};
use serde_json::Value;

use super::harness::{App, Options};

fn brand() -> BrandConfig {
    BrandConfig {
        shop: "Tea <&> Co".to_owned(),
        logo: Some(Logo { path: "sign.svg".into(), content_type: "image/svg+xml", bytes: b"<svg/>".to_vec() }),
        accent: Some("#ffe600".parse().unwrap()),
        css: Some(ThemeCss { path: "theme.css".into(), text: ":root{--radius:0}".to_owned() }),
    }
}

#[tokio::test]
async fn a_shop_is_called_by_its_name_and_its_name_is_text() {
    let app = App::with(Options { brand: brand(), ..Options::default() }).await;
    for (path, title) in [("/login", "Log in"), ("/nothing", "Page not found")] {
        let page = app.client().get_page(path).await.body;
        assert!(page.contains(&format!("<title>{title} · Tea &lt;&amp;&gt; Co</title>")), "{page}");
        assert!(!page.contains("Tea <&>"), "{page}");
    }
    let page = app.client().get_page("/").await.body;
    assert!(page.contains("property=\"og:site_name\" content=\"Tea "), "{page}");
}

#[tokio::test]
async fn a_shop_shows_its_own_sign_and_colours() {
    let app = App::with(Options { brand: brand(), ..Options::default() }).await;
    let mut client = app.client();
    let page = client.get_page("/login").await.body;
    let path = |start: &str| {
        let from = page.find(start).unwrap_or_else(|| panic!("{start}: {page}"));
        page[from..].split('"').next().unwrap().to_owned()
    };
    let sign = client.get(&path("/pkg/shop-logo.")).await.expect(StatusCode::OK);
    assert_eq!((sign.header("content-type"), sign.body.as_str()), ("image/svg+xml", "<svg/>"));
    // Opened directly, it runs no scripts, whatever it contains.
    assert!(sign.header("content-security-policy").starts_with("default-src 'none'"));
    let theme = client.get(&path("/pkg/theme.")).await.expect(StatusCode::OK);
    assert_eq!(theme.header("content-type"), "text/css; charset=utf-8");
    for file in [&sign, &theme] {
        assert!(file.header("cache-control").contains("immutable"));
    }
    assert!(theme.body.starts_with(":root{--accent:#ffe600;"), "{}", theme.body);
    assert!(theme.body.contains("--on-accent:#000000") && theme.body.ends_with(":root{--radius:0}"), "{}", theme.body);
    // After Doorstep's own style sheet, which it overrides.
    assert!(page.find("/pkg/doorstep.css").unwrap() < page.find("/pkg/theme.").unwrap());
}

#[tokio::test]
async fn a_shop_without_its_own_brand_uses_doorsteps() {
    let app = App::new().await;
    let page = app.client().get_page("/login").await.body;
    assert!(!page.contains("/theme.") && page.contains("src=\"/favicon.svg\""), "{page}");
}

#[tokio::test]
async fn n25_a_page_of_another_version_gets_no_file_of_this_one() {
    let app = App::with(Options { brand: brand(), ..Options::default() }).await;
    let other = "0123456789abcdef";
    for path in [
        format!("/pkg/theme.{other}.css"),
        format!("/pkg/shop-logo.{other}.svg"),
        format!("/pkg/page.{other}.js"),
        format!("/pkg/doorstep.{other}.wasm"),
        "/pkg/theme.css".to_owned(),
        "/pkg".to_owned(),
        "/theme.css?v=AAAAAAAAAAA".to_owned(),
        "/shop-logo?v=AAAAAAAAAAA".to_owned(),
    ] {
        let answer = app.client().get(&path).await.expect(StatusCode::NOT_FOUND);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn n25_a_shop_that_changes_its_look_changes_the_names_of_its_files() {
    let names = async |brand: BrandConfig| {
        let page = App::with(Options { brand, ..Options::default() }).await.client().get_page("/login").await.body;
        let names =
            page.split('"').filter(|part| part.starts_with("/pkg/theme.") || part.starts_with("/pkg/shop-logo."));
        names.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let before = names(brand()).await;
    let logo = Logo { bytes: b"<svg id=\"new\"/>".to_vec(), ..brand().logo.unwrap() };
    let css = ThemeCss { text: ":root{--radius:1px}".to_owned(), ..brand().css.unwrap() };
    let after = names(BrandConfig { logo: Some(logo), css: Some(css), ..brand() }).await;
    assert_eq!((before.len(), after.len()), (2, 2), "{before:?} {after:?}");
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
}

#[tokio::test]
async fn n25_a_file_without_a_hash_in_its_name_is_always_revalidated() {
    // The manifest refers to files by their hashed names.
    let answer = App::new().await.client().get("/site.webmanifest").await.expect(StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn the_account_can_be_put_on_a_home_screen() {
    let app = App::with(Options { brand: brand(), ..Options::default() }).await;
    let answer = app.client().get("/site.webmanifest").await.expect(StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/manifest+json");
    let manifest: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(manifest["name"], "Tea <&> Co");
    assert_eq!(manifest["start_url"], "/account");
    assert!(manifest["icons"][0]["src"].as_str().unwrap().starts_with("/pkg/shop-logo."));

    let plain: Value = serde_json::from_str(&App::new().await.client().get("/site.webmanifest").await.body).unwrap();
    let icons: Vec<_> = plain["icons"].as_array().unwrap().iter().map(|icon| icon["src"].as_str().unwrap()).collect();
    assert_eq!(icons, ["/favicon.svg", "/icon-192.png", "/icon-512.png", "/icon-maskable.png"]);
}

#[tokio::test]
async fn link_headers_preload_the_files_that_a_page_needs() {
    let app = App::new().await;
    let start = app.client().get_page("/").await;
    let door = app.client().get_page("/login").await;
    assert!(start.header("link").contains(".css>; rel=preload; as=style"), "{}", start.header("link"));
    assert!(!start.header("link").contains(".wasm"), "nothing on the start comes alive");
    assert!(door.header("link").contains(".wasm>; rel=preload; as=fetch"), "{}", door.header("link"));
    assert!(door.body.contains("rel=\"modulepreload\""), "{}", door.body);
}
