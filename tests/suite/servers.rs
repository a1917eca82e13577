//! Real MongoDB and Redis for tests, started by `script/services`. Without them a test fails. No test is ever skipped.

use std::net::IpAddr;

use doorstep::accounts::ports::Randomness;

/// The URLs of both, with a database for this test.
pub struct Servers {
    pub mongodb: String,
    pub redis: String,
    pub database: String,
    /// A client address for this test, since limits are counted by address.
    pub address: IpAddr,
}

impl Servers {
    /// # Panics
    /// If they are not available.
    pub fn new() -> Self {
        let mut random = [0; 16];
        doorstep::adapters::randomness::SystemRandomness.fill(&mut random);
        let database = format!("doorstep_test_{:032x}", u128::from_be_bytes(random));
        let mut mongodb = url::Url::parse(&variable("DOORSTEP_TEST_MONGODB_URI")).unwrap();
        mongodb.set_path(&database);
        Self { mongodb: mongodb.into(), redis: variable("DOORSTEP_TEST_REDIS_URL"), database, address: random.into() }
    }

    /// Returns the users of this test, as the shop's own tools see them.
    pub async fn users(&self) -> mongodb::Collection<mongodb::bson::Document> {
        let client = mongodb::Client::with_uri_str(&self.mongodb).await.unwrap();
        client.database(&self.database).collection("users")
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run script/test, or start the servers with script/services start and set it")
    })
}
