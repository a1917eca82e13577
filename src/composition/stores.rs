//! The stores, embedded or on servers.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    accounts::ports::{
        Archive, AttemptLimits, Browsers, Clock, Customers, Outbox, Sessions, SigningKeys, StoreError, StoreName,
        Timeline,
    },
    adapters::{
        clock::SystemClock,
        embedded::Embedded,
        measured::Measured,
        mongo::{MongoStore, Survey},
        redis::RedisStore,
    },
    composition::stop,
    config::{RedisServers, ServiceUrl, StoresConfig},
    web::FormStateStore,
    workers::Workers,
};

/// The time limit for closing the stores.
const LONGEST_CLOSING: Duration = Duration::from_secs(2);

/// The stores of all data.
#[derive(Clone)]
pub struct Stores {
    pub customers: Arc<dyn Customers>,
    pub sessions: Arc<dyn Sessions>,
    pub timeline: Arc<dyn Timeline>,
    pub browsers: Arc<dyn Browsers>,
    pub outbox: Arc<dyn Outbox>,
    pub signing_keys: Arc<dyn SigningKeys>,
    pub limits: Arc<dyn AttemptLimits>,
    pub archive: Arc<dyn Archive>,
    pub form_states: FormStateStore,
    /// The implementation of these stores.
    pub(super) backend: Backend,
}

#[derive(Clone)]
pub(super) enum Backend {
    Embedded(Embedded),
    Servers(MongoStore, RedisStore),
}

impl Stores {
    /// Opens the configured stores.
    ///
    /// # Errors
    /// If a store does not answer, or reports that it cannot be used.
    pub async fn open(config: &StoresConfig, clock: &Arc<dyn Clock>) -> Result<Self, StoreError> {
        match config {
            StoresConfig::Embedded { data_dir } => Ok(Self::embedded(Embedded::open(data_dir, clock.clone()).await?)),
            StoresConfig::Servers { mongodb, redis } => {
                let customers = MongoStore::connect(mongodb.expose()).await?;
                match connect_redis(redis.servers(), clock.clone()).await {
                    Ok(redis) => Ok(Self::servers(customers, redis)),
                    Err(error) => {
                        customers.close().await;
                        Err(error)
                    }
                }
            }
        }
    }

    /// Returns the migrations that [`Self::open`] would run, as text.
    ///
    /// # Errors
    /// If a store does not answer.
    pub async fn pending_migrations(config: &StoresConfig) -> Result<Vec<String>, StoreError> {
        match config {
            StoresConfig::Embedded { data_dir } => Embedded::pending_migrations(data_dir).await,
            StoresConfig::Servers { mongodb, .. } => MongoStore::pending_migrations(mongodb.expose()).await,
        }
    }

    /// Returns the stores of an embedded setup: everything in one file.
    #[must_use]
    pub fn embedded(store: Embedded) -> Self {
        let form_states = FormStateStore(Arc::new(store.clone()));
        let backend = Backend::Embedded(store.clone());
        let store = Arc::new(Measured::new(StoreName::Embedded, Arc::new(store)));
        Self {
            customers: store.clone(),
            sessions: store.clone(),
            timeline: store.clone(),
            browsers: store.clone(),
            outbox: store.clone(),
            signing_keys: store.clone(),
            archive: store.clone(),
            limits: store,
            form_states,
            backend,
        }
    }

    /// Returns the stores of a server setup: durable data in MongoDB, short-lived data in Redis.
    #[must_use]
    pub fn servers(customers: MongoStore, redis: RedisStore) -> Self {
        let form_states = FormStateStore(Arc::new(redis.clone()));
        let backend = Backend::Servers(customers.clone(), redis.clone());
        let customers = Arc::new(Measured::new(StoreName::MongoDb, Arc::new(customers)));
        let redis = Arc::new(Measured::new(StoreName::Redis, Arc::new(redis)));
        Self {
            timeline: customers.clone(),
            browsers: customers.clone(),
            outbox: customers.clone(),
            signing_keys: customers.clone(),
            archive: customers.clone(),
            customers,
            sessions: redis.clone(),
            limits: redis,
            form_states,
            backend,
        }
    }

    /// Returns the background tasks of the stores, one group per store.
    pub(super) fn workers(&self) -> Vec<Workers> {
        match &self.backend {
            Backend::Embedded(store) => vec![store.workers().clone()],
            Backend::Servers(mongodb, redis) => vec![mongodb.workers().clone(), redis.workers().clone()],
        }
    }

    /// Stops the background tasks of the stores and closes the stores, in bounded time. They must not be used
    /// afterwards. The last program that closes an embedded store leaves a single file, which is complete.
    pub async fn close(&self) {
        for group in self.workers() {
            stop(&group).await;
        }
        let close = async {
            match &self.backend {
                Backend::Embedded(store) => store.close().await,
                // Redis needs no orderly close.
                Backend::Servers(mongodb, _) => mongodb.close().await,
            }
        };
        if tokio::time::timeout(LONGEST_CLOSING, close).await.is_err() {
            tracing::warn!("shutdown: stores not closed in time");
        }
    }
}

/// The store in use, so that an operator notices a wrong one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSummary {
    pub store: StoreName,
    /// The name of the database, or the path of the file.
    pub database: String,
    /// The estimated number of customers.
    pub customers: u64,
    /// What in the store concerns some customers, as sentences for the operator.
    pub warnings: Vec<String>,
    /// What in the store prevents a start or every sign-up, as sentences for the operator.
    pub obstacles: Vec<String>,
}

impl StoreSummary {
    /// Queries the configured store without writing to it.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn of(config: &StoresConfig) -> Result<Self, StoreError> {
        match config {
            StoresConfig::Embedded { data_dir } => {
                let (database, customers) = Embedded::count_customers(data_dir).await?;
                let (warnings, obstacles) = (Vec::new(), Vec::new());
                Ok(Self { store: StoreName::Embedded, database, customers, warnings, obstacles })
            }
            StoresConfig::Servers { mongodb, .. } => {
                let Survey { database, customers, warnings, obstacles } = MongoStore::survey(mongodb.expose()).await?;
                Ok(Self { store: StoreName::MongoDb, database, customers, warnings, obstacles })
            }
        }
    }
}

impl fmt::Display for StoreSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store in use: {}, database {}, customers: {}", self.store, self.database, self.customers)
    }
}

/// Connects to the configured Redis without writing to it, and returns its URL without the password. Returns `None`
/// for an embedded store.
///
/// # Errors
/// If it does not answer.
pub async fn check_redis(config: &StoresConfig) -> Result<Option<String>, StoreError> {
    let StoresConfig::Servers { redis, .. } = config else { return Ok(None) };
    let store = connect_redis(redis.servers(), Arc::new(SystemClock)).await?;
    stop(store.workers()).await;
    Ok(Some(redis.to_string()))
}

/// Connects to Redis in any of its setups.
async fn connect_redis(servers: &RedisServers, clock: Arc<dyn Clock>) -> Result<RedisStore, StoreError> {
    match servers {
        RedisServers::One(url) => RedisStore::connect(url.expose(), clock).await,
        RedisServers::Cluster(nodes) => RedisStore::connect_cluster(&exposed(nodes), clock).await,
        RedisServers::Sentinel { sentinels, service } => {
            RedisStore::connect_sentinel(&exposed(sentinels), service, clock).await
        }
    }
}

fn exposed(urls: &[ServiceUrl]) -> Vec<&str> {
    urls.iter().map(ServiceUrl::expose).collect()
}
