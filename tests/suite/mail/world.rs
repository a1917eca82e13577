//! A shop that sends mail to a real SMTP server, on the embedded store or on real MongoDB and Redis.

use std::sync::Arc;

use doorstep::{
    accounts::ports::{Clock, Mailer},
    adapters::{mongo::MongoStore, redis::RedisStore},
    composition::{Mailing, Stores},
};
use serde_json::json;

use super::{Message, SmtpServer, mailer};
use crate::{
    http::harness::{App, Client, ORIGIN, Options},
    leaks,
    servers::Servers,
    stores::harness::drop_database,
    support::FakeClock,
};

/// Runs the named tests of this file on both kinds of stores. A test that is not named is reported as dead code.
macro_rules! on_both_stores {
    ($($test:ident),* $(,)?) => {
        on_both_stores!(@ embedded $($test)*);
        on_both_stores!(@ servers $($test)*);
    };
    (@ $place:ident $($test:ident)*) => {
        mod $place {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let place = crate::mail::world::Place::$place();
                    super::$test(&place).await;
                    place.close().await;
                }
            )*
        }
    };
}
pub(super) use on_both_stores;

/// The stores of a shop.
pub struct Place(Option<Servers>);

impl Place {
    pub fn embedded() -> Self {
        Self(None)
    }

    pub fn servers() -> Self {
        Self(Some(Servers::new()))
    }

    /// Returns a shop on these stores, with its own client address.
    pub async fn world(&self, options: Options) -> World {
        let server = SmtpServer::start(&json!({}));
        let app = self.app(Options { mailing: Mailing::Sent(mailer_to(&server)), ..options }).await;
        World { server, app, address: self.0.as_ref().map_or([127, 0, 0, 1].into(), |servers| servers.address) }
    }

    /// Returns a shop on these stores with these options, including those of mail.
    pub async fn app(&self, options: Options) -> App {
        let Some(servers) = &self.0 else { return App::with(options).await };
        let clock = Arc::new(FakeClock::new());
        let redis = RedisStore::connect(&servers.redis, clock.clone() as Arc<dyn Clock>).await.unwrap();
        let stores = Stores::servers(MongoStore::connect(&servers.mongodb).await.unwrap(), redis);
        App::over(&options, stores, clock).await
    }

    /// Returns everything that `app` has stored.
    pub async fn dump(&self, app: &App) -> Vec<u8> {
        match &self.0 {
            None => leaks::files(app.folder().unwrap()),
            Some(servers) => leaks::servers(servers).await,
        }
    }

    /// Removes everything that does not expire by itself.
    pub async fn close(self) {
        if let Some(servers) = &self.0 {
            drop_database(servers).await;
        }
    }
}

pub struct World {
    pub server: SmtpServer,
    pub app: App,
    pub address: std::net::IpAddr,
}

fn mailer_to(server: &SmtpServer) -> Arc<dyn Mailer> {
    mailer(&format!("smtp://127.0.0.1:{}", server.port))
}

impl World {
    /// Returns the default options, with mail by this world's server.
    pub fn options(&self) -> Options {
        Options { mailing: Mailing::Sent(mailer_to(&self.server)), ..Options::default() }
    }

    /// Returns a new browser.
    pub fn client(&self) -> Client {
        let mut client = self.app.client();
        client.address = self.address;
        client
    }

    /// Returns a browser that has just signed up with this address.
    pub async fn signed_up(&self, email: &str) -> Client {
        let mut client = self.client();
        client.sign_up(email).await.expect(axum::http::StatusCode::CREATED);
        client
    }

    /// Waits for this many mails to this address with this subject, and returns the newest.
    pub async fn mail(&self, to: &str, subject: &str, count: usize) -> Message {
        self.server.wait_for(to, subject, count).await.pop().unwrap()
    }
}

/// Returns the token of a mail's link to this page.
pub fn token(mail: &Message, page: &str) -> String {
    let (_, token) = links(&mail.text).find(|(to, _)| *to == page).unwrap_or_else(|| panic!("no link: {mail:?}"));
    token.to_owned()
}

/// Returns the links with a token in a mail's text: the page and the token of each.
pub fn links(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace().filter_map(|word| word.strip_prefix(ORIGIN)?.split_once("?token="))
}

/// Returns the six-digit code of a mail.
pub fn code(mail: &Message) -> String {
    let code = code_in(&mail.text).unwrap_or_else(|| panic!("no code: {mail:?}"));
    assert!(mail.html.contains(code), "{mail:?}");
    code.to_owned()
}

/// Returns the six-digit code in a mail's text, if there is one.
pub fn code_in(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()))
}
