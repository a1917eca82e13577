//! The URLs that forms lead to without scripts contain no secret.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use doorstep::endpoints::ENDPOINTS;
use futures_util::future::join_all;
use serde_json::json;

use super::{
    events::{Account, post},
    world::{self, World, code, token},
};
use crate::http::{
    harness::{Client, Options, PASSWORD},
    html::{Form, forms, page_paths, urls},
};

/// Values for fields that expect something else or a longer text.
const WRONG: [&str; 2] = ["canary-of-mine", "canary7"];
const NEW: &str = "another canary phrase";

/// A visitor or customer who fills in one form, with an account that has every kind of link and code.
struct Person {
    account: Account,
    client: Client,
    /// The URLs of all pages: those of the router, and of the links in mails.
    pages: Vec<String>,
    code: String,
    secrets: Vec<String>,
}

impl Person {
    async fn new(world: &World, number: usize, is_customer: bool) -> Self {
        let email = format!("ada.canary{number}@x.test");
        let mut account = Account::new(world, &email).await;
        let new = format!("eve.canary{number}@x.test");
        post(&mut account.owner, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
        let mail = world.mail(&new, "Confirm your new email address", 1).await;
        let links = [
            format!("/verify-email?token={}", account.verification),
            format!("/reset-password?token={}", account.reset),
            format!("/secure-account?token={}", account.notice),
            format!("/change-email?token={}", token(&mail, "/change-email")),
        ];
        let client = if is_customer { account.owner.clone() } else { world.client() };
        let paths = page_paths().into_iter().filter(|path| !path.starts_with("/dev/"));
        let pages: Vec<String> = paths.chain(links.iter().cloned()).collect();
        let tokens = links.iter().map(|link| link.split_once("token=").unwrap().1.to_owned());
        let mut secrets: Vec<String> = tokens.chain([email, new]).collect();
        secrets.extend([PASSWORD, NEW, WRONG[0], WRONG[1]].map(str::to_owned));
        secrets.extend(["canary", "herons"].map(str::to_owned));
        let code = code(&mail);
        secrets.push(code.clone());
        Self { account, client, pages, code, secrets }
    }

    /// Fills in a form with valid or with invalid values.
    fn fill(&self, form: &Form, is_right: bool, number: usize) -> Vec<(String, String)> {
        let value = |name: &str, shown: &str| match (name, is_right) {
            ("name", _) => "Ada".to_owned(),
            ("email", true) if ["/api/auth/signup", "/api/auth/change-email"].contains(&form.action.as_str()) => {
                format!("other.canary{number}@x.test")
            }
            ("email", true) => self.account.email.clone(),
            ("email", false) => "canary.without.at".to_owned(),
            ("password", true) if form.action == "/api/auth/login" => PASSWORD.to_owned(),
            ("password", true) => NEW.to_owned(),
            ("current_password", true) => PASSWORD.to_owned(),
            ("current_password", false) => WRONG[0].to_owned(),
            ("password", false) => WRONG[1].to_owned(),
            ("code", true) => self.code.clone(),
            ("code", false) => "canary".to_owned(),
            // An invalid link. If the password is invalid too, the link is kept valid and leads back to the form.
            ("token", false) if !form.has("password") => format!("{}canary", &shown[..shown.len() - 6]),
            ("token" | "session" | "language" | "next" | "username", _) => shown.to_owned(),
            unknown => panic!("what is typed into {unknown:?}?"),
        };
        form.fields.iter().map(|(name, shown)| (name.clone(), value(name, shown))).collect()
    }

    fn note_cookies(&mut self) {
        self.secrets.extend(self.client.cookies.values().filter(|value| value.len() > 8).cloned());
    }

    /// # Panics
    /// If one of these URLs contains a secret.
    #[track_caller]
    fn expect_none_in(&self, urls: &[String], what: &str) {
        for url in urls {
            let decoded = percent_encoding::percent_decode_str(url).decode_utf8_lossy();
            let found = self.secrets.iter().find(|secret| url.contains(*secret) || decoded.contains(*secret));
            assert!(found.is_none(), "{what}: {found:?} is in {url}");
        }
    }
}

/// A form on one of a person's pages.
#[derive(Clone, Debug)]
struct Place {
    page: usize,
    action: String,
    has_token: bool,
    /// True if the form has input or a link.
    takes_something: bool,
}

impl Place {
    fn find(&self, page: &str) -> Form {
        let mut forms = forms(page).into_iter();
        let found = forms.find(|form| form.action == self.action && form.has("token") == self.has_token);
        found.unwrap_or_else(|| panic!("{self:?} is gone: {page}"))
    }
}

/// Visits every page, and returns the first occurrence of each form.
async fn places(person: &mut Person) -> Vec<Place> {
    let (mut seen, mut places) = (BTreeSet::new(), Vec::new());
    for (number, page) in person.pages.clone().iter().enumerate() {
        let shown = person.client.get_page(page).await;
        person.note_cookies();
        person.expect_none_in(&urls(&shown.body), &format!("the page {page}"));
        for form in forms(&shown.body) {
            assert_eq!(form.method, "post", "{form:?}");
            let has_token = form.has("token");
            if seen.insert((form.action.clone(), has_token)) {
                let given = ["session", "language", "next", "username"];
                let takes_something = form.fields.iter().any(|(name, _)| !given.contains(&&**name));
                places.push(Place { page: number, action: form.action, has_token, takes_something });
            }
        }
    }
    places
}

/// Fills in a form, and checks the redirect.
async fn fill_in(person: &mut Person, place: &Place, number: usize, is_right: bool, is_customer: bool) {
    let page = person.pages[place.page].clone();
    let form = place.find(&person.client.get_page(&page).await.body);
    let fields = person.fill(&form, is_right, number);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = person.client.post_form(&form.action, &fields).await.expect(StatusCode::SEE_OTHER);
    person.note_cookies();
    let what = format!("{} from {page}, {is_right}", form.action);
    let location = answer.location();
    let reclaims = !is_customer && form.action == "/api/auth/verify-email" && is_right && place.has_token;
    match location.split_once("?token=") {
        // Back to the link that was followed, while it is still valid.
        Some(_) if location == page && ["/api/language", "/api/auth/reset-password"].contains(&&*form.action) => {}
        // A verification in another browser leads to the same page as the link of a mail.
        Some(("/reset-password", _)) if reclaims => {}
        _ => person.expect_none_in(&[location.to_owned()], &what),
    }
    let next = person.client.get_page(location).await;
    person.expect_none_in(&urls(&next.body), &what);
    person.expect_none_in(&[next.location().to_owned()], &what);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p3_no_token_or_password_is_in_a_url() {
    let world = world::Place::embedded().world(Options::default()).await;
    let mut sent = BTreeSet::new();
    for is_customer in [false, true] {
        // Invalid values change nothing, so one person tries them all. Valid ones end sessions and use links up.
        let number = |place: usize| 2 * place + usize::from(is_customer);
        let mut careless = Person::new(&world, number(0), is_customer).await;
        let places = places(&mut careless).await;
        // At the same time, since each waits for mail.
        let persons = (0..places.len()).map(|place| Person::new(&world, number(place + 1), is_customer));
        let persons = join_all(persons).await;
        for (index, (place, mut person)) in places.into_iter().zip(persons).enumerate() {
            if place.takes_something {
                fill_in(&mut careless, &place, number(index), false, is_customer).await;
            }
            fill_in(&mut person, &place, number(index + 1), true, is_customer).await;
            sent.insert(place.action);
        }
    }
    // Every request that a browser can send was tested. Only scripts send a refresh.
    let paths = ENDPOINTS.iter().filter(|endpoint| endpoint.method == Method::POST);
    let paths: BTreeSet<String> = paths.map(|endpoint| endpoint.path.to_owned()).collect();
    let without_form: Vec<_> = paths.difference(&sent).collect();
    assert_eq!(without_form, ["/api/auth/refresh-token"], "{sent:?}");
}
