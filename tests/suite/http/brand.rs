//! The shop's name, sign and colours.

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
    let sign = client.get(&path("/shop-logo?v=")).await.expect(StatusCode::OK);
    assert_eq!((sign.header("content-type"), sign.body.as_str()), ("image/svg+xml", "<svg/>"));
    // Whatever is in it, opened by itself it runs nothing.
    assert!(sign.header("content-security-policy").starts_with("default-src 'none'"));
    let theme = client.get(&path("/theme.css?v=")).await.expect(StatusCode::OK);
    assert_eq!(theme.header("content-type"), "text/css; charset=utf-8");
    assert!(theme.header("cache-control").contains("immutable"));
    assert!(theme.body.starts_with(":root{--accent:#ffe600;"), "{}", theme.body);
    assert!(theme.body.contains("--on-accent:#000000") && theme.body.ends_with(":root{--radius:0}"), "{}", theme.body);
    // After Doorstep's own, over which it wins.
    assert!(page.find("/pkg/").unwrap() < page.find("/theme.css").unwrap());
}

#[tokio::test]
async fn a_shop_that_says_nothing_of_its_look_has_doorsteps() {
    let app = App::new().await;
    let page = app.client().get_page("/login").await.body;
    assert!(!page.contains("/theme.css") && page.contains("src=\"/favicon.svg\""), "{page}");
    for path in ["/theme.css", "/shop-logo"] {
        app.client().get(path).await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_account_can_be_put_on_a_home_screen() {
    let app = App::with(Options { brand: brand(), ..Options::default() }).await;
    let answer = app.client().get("/site.webmanifest").await.expect(StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/manifest+json");
    let manifest: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(manifest["name"], "Tea <&> Co");
    assert_eq!(manifest["start_url"], "/account");
    assert!(manifest["icons"][0]["src"].as_str().unwrap().starts_with("/shop-logo?v="));

    let plain: Value = serde_json::from_str(&App::new().await.client().get("/site.webmanifest").await.body).unwrap();
    let icons: Vec<_> = plain["icons"].as_array().unwrap().iter().map(|icon| icon["src"].as_str().unwrap()).collect();
    assert_eq!(icons, ["/favicon.svg", "/icon-192.png", "/icon-512.png", "/icon-maskable.png"]);
}

#[tokio::test]
async fn a_browser_is_told_early_what_a_page_needs() {
    let app = App::new().await;
    let start = app.client().get_page("/").await;
    let door = app.client().get_page("/login").await;
    assert!(start.header("link").contains(".css>; rel=preload; as=style"), "{}", start.header("link"));
    assert!(!start.header("link").contains(".wasm"), "nothing on the start comes alive");
    assert!(door.header("link").contains(".wasm>; rel=preload; as=fetch"), "{}", door.header("link"));
    assert!(door.body.contains("rel=\"modulepreload\""), "{}", door.body);
}
