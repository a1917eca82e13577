//! A set of stores for one test, and test data for them.

use std::{error::Error, sync::Arc, time::Duration};

use doorstep::{
    accounts::{
        Archivist, BrowserHash, Client, Device, Network, Session, SessionId, SessionKey, TokenHash,
        ports::{
            Archive, AttemptId, AttemptLimits, Browsers, CLOCK_SKEW, Clock, Credentials, Customers, Limit, Outbox,
            PasswordHash, Randomness, Rotation, Sessions, SigningKeys, Step, Timeline,
        },
    },
    adapters::{embedded::Embedded, mongo::MongoStore, randomness::SystemRandomness, redis::RedisStore},
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, PersonName, Role},
};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use tempfile::TempDir;
use time::OffsetDateTime;
use tower_sessions::SessionStore;

use crate::{
    leaks,
    servers::Servers,
    support::{FakeClock, folder},
};

/// The idle and the maximum lifetime of sessions in these tests.
pub const IDLE: Duration = Duration::from_hours(1);
pub const ABSOLUTE: Duration = Duration::from_hours(2);

/// The credential epoch of a new session.
pub const EPOCH: CredentialEpoch = CredentialEpoch::new(3);

/// A limit of one attempt a second.
pub const ONCE: Limit = Limit::new(Duration::from_secs(1), [Step { below: 1, delay: Duration::ZERO }]);

/// All stores of one kind, without data of this test.
pub struct World {
    pub clock: Arc<FakeClock>,
    pub customers: Arc<dyn Customers>,
    pub sessions: Arc<dyn Sessions>,
    pub timeline: Arc<dyn Timeline>,
    pub browsers: Arc<dyn Browsers>,
    pub outbox: Arc<dyn Outbox>,
    pub signing_keys: Arc<dyn SigningKeys>,
    pub limits: Arc<dyn AttemptLimits>,
    pub archive: Arc<dyn Archive>,
    pub form_state: Arc<dyn SessionStore>,
    behind: Behind,
}

/// The servers or files of the stores, as their owner sees them.
enum Behind {
    Folder(TempDir),
    Servers(Servers),
}

impl World {
    /// Returns the grace period by the clock of the tests. Redis measures it by its own clock, which the tests do not
    /// control, and uses the program's clock only to check that the two are not too far apart.
    pub fn grace(&self, grace: Duration) -> Duration {
        match self.behind {
            Behind::Folder(_) => grace,
            Behind::Servers(_) => grace + CLOCK_SKEW,
        }
    }

    pub async fn embedded() -> Self {
        let folder = folder();
        let clock = Arc::new(FakeClock::new());
        let store = Arc::new(Embedded::open(folder.path(), clock.clone()).await.unwrap());
        Self {
            clock,
            customers: store.clone(),
            sessions: store.clone(),
            timeline: store.clone(),
            browsers: store.clone(),
            outbox: store.clone(),
            signing_keys: store.clone(),
            limits: store.clone(),
            archive: store.clone(),
            form_state: store,
            behind: Behind::Folder(folder),
        }
    }

    pub async fn mongo_redis() -> Self {
        Self::on(Servers::new()).await
    }

    /// Returns the stores on these servers, with the data that is there.
    pub async fn on(servers: Servers) -> Self {
        let clock = Arc::new(FakeClock::new());
        let redis = Arc::new(RedisStore::connect(&servers.redis, clock.clone()).await.unwrap());
        let customers = Arc::new(MongoStore::connect(&servers.mongodb).await.unwrap());
        Self {
            clock,
            customers: customers.clone(),
            timeline: customers.clone(),
            browsers: customers.clone(),
            outbox: customers.clone(),
            archive: customers.clone(),
            signing_keys: customers,
            sessions: redis.clone(),
            limits: redis.clone(),
            form_state: redis,
            behind: Behind::Servers(servers),
        }
    }

    pub fn is_embedded(&self) -> bool {
        matches!(self.behind, Behind::Folder(_))
    }

    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Returns everything that is stored, keys and values, as a thief would see it.
    pub async fn dump(&self) -> Vec<u8> {
        match &self.behind {
            Behind::Folder(folder) => leaks::files(folder.path()),
            Behind::Servers(servers) => leaks::servers(servers).await,
        }
    }

    /// Returns the export and import of these stores.
    pub fn archivist(&self) -> Archivist {
        Archivist { store: self.archive.clone(), signing_keys: self.signing_keys.clone() }
    }

    /// Removes everything that does not expire by itself.
    pub async fn close(self) {
        if let Behind::Servers(servers) = &self.behind {
            drop_database(servers).await;
        }
    }

    /// Returns a session that starts now, of a new customer.
    pub fn new_session(&self) -> Session {
        let now = self.now();
        Session {
            key: SessionKey { customer: CustomerId::from_bytes(random()), id: SessionId::from_bytes(random()) },
            token: token(0),
            created_at: now,
            authenticated_at: now,
            last_used_at: now,
            last_seen_at: now,
            expires_at: now + IDLE,
            ends_at: now + ABSOLUTE,
            epoch: EPOCH,
            browser: Some(BrowserHash::from_bytes([8; 32])),
            client: Client {
                address: [192, 0, 2, 7].into(),
                device: Device { browser: "Firefox".to_owned(), system: "Zoë’s phone".to_owned() },
                language: None,
            },
        }
    }

    /// Returns a customer who is created now.
    pub fn new_customer(&self, email: &str) -> Credentials {
        let now = self.now();
        Credentials {
            customer: Customer {
                id: CustomerId::new(now, random()),
                name: PersonName::parse("Zoë O’Neil-Łuk").unwrap(),
                email: EmailAddress::parse(email).unwrap(),
                verified: true,
                disabled: false,
                role: Role::Customer,
                language: Some(Language::Indonesian),
                epoch: CredentialEpoch::default(),
                password_changed_at: Some(now),
                created_at: now,
                updated_at: now,
            },
            password: PasswordHash::new("$2b$12$first".to_owned()),
        }
    }
}

/// Returns a use of a refresh token at `now`, from an unknown browser, with a grace period of ten seconds.
pub fn rotation(session: SessionKey, presented: TokenHash, successor: TokenHash, now: OffsetDateTime) -> Rotation {
    Rotation {
        session,
        presented,
        successor,
        epoch: EPOCH,
        browser: None,
        network: Network::of([192, 0, 2, 7].into()),
        now,
        grace: Duration::from_secs(10),
        idle: IDLE,
    }
}

/// Returns a new attempt.
pub fn attempt() -> AttemptId {
    AttemptId::from_bytes(random())
}

/// Returns the hash of the token of this generation.
pub fn token(generation: u8) -> TokenHash {
    TokenHash::from_bytes([generation; 32])
}

/// Returns an address that no other test uses: limits in Redis outlive a test.
pub fn new_email() -> String {
    format!("{:032x}@x.test", u128::from_be_bytes(random()))
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandomness.fill(&mut bytes);
    bytes
}

/// Returns everything that an error and its causes can print.
pub fn texts(error: &dyn Error) -> String {
    let causes = error.source().map(texts).unwrap_or_default();
    format!("{error} {error:?}\n{causes}")
}

pub async fn drop_database(servers: &Servers) {
    servers.users().await.client().database(&servers.database).drop().await.unwrap();
}

pub async fn redis_connection(url: &str) -> MultiplexedConnection {
    redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}

/// Returns every key in Redis, with its remaining lifetime in milliseconds (-1: unlimited) and its content. May include
/// keys of other tests, which run at the same time.
pub async fn redis_entries(url: &str) -> Vec<(String, i64, Vec<Vec<u8>>)> {
    let mut connection = redis_connection(url).await;
    let keys: Vec<String> = connection.keys("*").await.unwrap();
    let mut entries = Vec::new();
    // In batches, since tests leave thousands of keys.
    for keys in keys.chunks(500) {
        let (mut kinds, mut lives, mut reads) = (redis::pipe(), redis::pipe(), redis::pipe());
        for key in keys {
            kinds.cmd("TYPE").arg(key);
            lives.pttl(key);
        }
        let kinds: Vec<String> = kinds.query_async(&mut connection).await.unwrap();
        let lives: Vec<i64> = lives.query_async(&mut connection).await.unwrap();
        for (key, kind) in keys.iter().zip(&kinds) {
            match kind.as_str() {
                "hash" => reads.hgetall(key),
                "zset" => reads.zrange(key, 0, -1),
                // It may have expired since.
                "string" | "none" => reads.get(key),
                other => panic!("{key} is a {other}"),
            };
        }
        let reads: Vec<redis::Value> = reads.query_async(&mut connection).await.unwrap();
        for ((key, life), read) in keys.iter().zip(lives).zip(reads) {
            let values = match read {
                redis::Value::Nil => continue,
                redis::Value::BulkString(value) => vec![value],
                values => redis::from_redis_value(values).unwrap(),
            };
            entries.push((key.clone(), life, values));
        }
    }
    entries
}
