//! The language of responses, and how it is remembered.

use axum::http::StatusCode;
use doorstep::domain::{CustomerId, EmailAddress, Language};

use super::harness::{App, Client, PASSWORD};

/// Returns a browser with these languages.
fn speaking(mut client: Client, languages: &str) -> Client {
    client.headers.insert("accept-language", languages.parse().unwrap());
    client
}

async fn title(client: &mut Client, path: &str) -> String {
    let page = client.get_page(path).await.body;
    page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.to_owned()
}

#[tokio::test]
async fn a_page_is_in_the_language_of_its_browser() {
    let app = App::new().await;
    let mut client = speaking(app.client(), "id-ID,id;q=0.9,en;q=0.8");
    for _ in 0..2 {
        let page = client.get_page("/login").await.expect(StatusCode::OK).body;
        assert!(page.contains("<html lang=\"id\""), "{page}");
        assert!(page.contains("<title>Masuk · Tea &amp; Co</title>") && page.contains("Kata sandi"), "{page}");
        // A cached page is not used for another language.
        assert_eq!(title(&mut app.client(), "/login").await, "Log in · Tea &amp; Co");
    }
    let mut client = speaking(app.client(), "de");
    assert_eq!(title(&mut client, "/login").await, "Log in · Tea &amp; Co");
}

#[tokio::test]
async fn missing_pages_and_error_pages_are_in_the_language_of_the_browser_too() {
    let app = App::new().await;
    let mut client = speaking(app.client(), "id");
    let missing = client.get_page("/nothing").await.expect(StatusCode::NOT_FOUND).body;
    assert!(missing.contains("Halaman tidak ditemukan"), "{missing}");
    // Choosing another language keeps the visitor on the same page.
    assert!(missing.contains("name=\"next\" value=\"/nothing\""), "{missing}");
    let broken = client.post_form("/api/auth/login", &[("email", &"x".repeat(70_000))]).await.body;
    assert!(broken.contains("<html lang=\"id\"") && broken.contains("Terjadi kesalahan"), "{broken}");
}

#[tokio::test]
async fn a_language_is_chosen_on_the_page_and_remembered_for_a_year() {
    let app = App::new().await;
    let mut client = speaking(app.client(), "en");
    let fields = [("language", "id"), ("next", "/login?next=/account")];
    let answer = client.post_form("/api/language", &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login?next=/account");
    let cookie = answer.set_cookie("language").unwrap();
    assert!(cookie.contains("Max-Age=31536000") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(title(&mut client, "/login").await, "Masuk · Tea &amp; Co");

    client.post_json("/api/language", r#"{"language":"en"}"#).await.expect(StatusCode::OK);
    assert_eq!(title(&mut client, "/login").await, "Log in · Tea &amp; Co");
}

#[tokio::test]
async fn an_unsupported_language_is_refused_and_a_choice_never_leads_to_another_site() {
    let app = App::new().await;
    let mut client = app.client();
    for body in [r#"{"language":"xx"}"#, "{}", r#"{"language":{"$ne":""}}"#] {
        let answer = client.post_json("/api/language", body).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.code(), "invalid");
        assert!(answer.set_cookies().is_empty());
    }
    for next in ["//evil.test", "https://evil.test", ""] {
        let answer = client.post_form("/api/language", &[("language", "id"), ("next", next)]).await;
        assert_eq!(answer.expect(StatusCode::SEE_OTHER).location(), "/", "{next}");
    }
}

#[tokio::test]
async fn an_account_remembers_the_language_for_browsers_without_a_choice() {
    let app = App::new().await;
    let mut ada = speaking(app.client(), "id");
    ada.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    let mut abroad = speaking(app.client(), "en");
    abroad.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    assert_eq!(title(&mut abroad, "/account").await, "Akun Anda · Tea &amp; Co");

    abroad.post_json("/api/language", r#"{"language":"en"}"#).await.expect(StatusCode::OK);
    assert_eq!(title(&mut abroad, "/account").await, "Your account · Tea &amp; Co");
    // She chose no language on her other device.
    assert_eq!(title(&mut ada, "/account").await, "Your account · Tea &amp; Co");
    // A choice there does not change the choice here.
    ada.post_json("/api/language", r#"{"language":"id"}"#).await.expect(StatusCode::OK);
    assert_eq!(title(&mut abroad, "/account").await, "Your account · Tea &amp; Co");
}

#[tokio::test]
async fn a_form_without_scripts_shows_its_faults_in_the_language() {
    let app = App::new().await;
    let mut client = speaking(app.client(), "id");
    client.post_form("/api/auth/login", &[("email", "nobody")]).await.expect(StatusCode::SEE_OTHER);
    let page = client.get_page("/login").await.body;
    assert!(page.contains("<title>Kesalahan: Masuk · Tea &amp; Co</title>"), "{page}");
    assert!(page.contains("Ada masalah") && page.contains("Masukkan kata sandi."), "{page}");
}

#[tokio::test]
async fn n28_a_sign_up_without_a_language_stores_none_with_the_account() {
    let app = App::new().await;
    let mut script = app.client();
    let id = script.sign_up("ada@x.test").await.expect(StatusCode::CREATED).json()["_id"].as_str().unwrap().to_owned();
    let id = CustomerId::parse(&id).unwrap();
    assert_eq!(app.stores.customers.find(id).await.unwrap().unwrap().language, None);
    // The first browser that she uses gets its own language, not a default.
    let mut browser = speaking(app.client(), "in-ID,in;q=0.9,en;q=0.8");
    browser.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    assert_eq!(title(&mut browser, "/account").await, "Akun Anda · Tea &amp; Co");

    let mut other = speaking(app.client(), "in");
    other.sign_up("bob@x.test").await.expect(StatusCode::CREATED);
    let bob = EmailAddress::parse("bob@x.test").unwrap();
    let bob = app.stores.customers.find_by_email(&bob).await.unwrap().unwrap();
    assert_eq!(bob.language, Some(Language::Indonesian));
}
