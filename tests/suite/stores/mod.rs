//! The contract of the stores: the requirements of `accounts::ports`, checked for every adapter.
//!
//! `archive`, `browsers`, `customers`, `sessions`, `signing_keys`, `timeline`, `limits` and `form_state` are written
//! once and run for each. `embedded`, `mongo` and `redis` test properties of one store only. `lost_answers` interrupts
//! the connection to the servers at the worst moment.

/// Runs the named tests of this file against every adapter. A test that is not named is reported as dead code.
macro_rules! store_contract {
    ($($test:ident),* $(,)?) => {
        store_contract!(@ embedded $($test)*);
        store_contract!(@ mongo_redis $($test)*);
    };
    (@ $adapter:ident $($test:ident)*) => {
        mod $adapter {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let world = crate::stores::harness::World::$adapter().await;
                    super::$test(&world).await;
                    world.close().await;
                }
            )*
        }
    };
}

pub(crate) use store_contract;

mod addresses;
mod archive;
mod browsers;
mod customers;
mod embedded;
mod form_state;
pub mod harness;
mod limits;
mod lost_answers;
mod migrations;
mod mongo;
pub mod outbox;
mod redis;
mod session_machine;
mod sessions;
mod shop_rules;
mod signing_keys;
mod timeline;
