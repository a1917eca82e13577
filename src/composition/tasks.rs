//! The background tasks.

use std::{error::Error, sync::Arc, time::Duration};

use crate::{
    accounts::{
        AbandonedAccounts, DevMailbox, Keys, MailWorker,
        ports::{AccessTokens, Clock, Customers},
    },
    adapters::access_tokens::JwtAccessTokens,
    composition::stores::{Backend, Stores},
    workers::{Worker, Workers},
};

/// How often expired data is removed.
const SWEEP: Duration = Duration::from_mins(1);

/// How often abandoned accounts are removed. Each time scans all customers.
const REMOVE_ABANDONED: Duration = Duration::from_hours(1);

/// How often an instance checks for signing keys that another instance added or removed.
const LOOK_FOR_KEYS: Duration = Duration::from_secs(2);

/// How often the outbox is checked for mail while it is empty.
const LOOK_FOR_MAIL: Duration = Duration::from_secs(1);

/// The number of workers that send mail: one continues while another waits for a mail server.
const ROUNDS: usize = 2;

/// Keeps the keys of `access_tokens` up to date with the store.
pub(super) fn follow_keys(workers: &Workers, keys: Keys, access_tokens: Arc<JwtAccessTokens>) {
    let keys = Arc::new(keys);
    workers.repeat(Worker::SigningKeys, move || {
        let (keys, access_tokens) = (keys.clone(), access_tokens.clone());
        async move {
            match keys.ring().await {
                Ok(ring) => access_tokens.use_keys(&ring),
                Err(error) => tracing::warn!(error = &error as &dyn Error, "signing keys not refreshed"),
            }
            LOOK_FOR_KEYS
        }
    });
}

/// Delivers the mail in the outbox.
pub(super) fn deliver(workers: &Workers, mail_worker: MailWorker) {
    let mail_worker = Arc::new(mail_worker);
    for _ in 0..ROUNDS {
        let mail_worker = mail_worker.clone();
        workers.repeat(Worker::MailDelivery, move || {
            let mail_worker = mail_worker.clone();
            async move {
                match mail_worker.deliver_due().await {
                    Ok(true) => return Duration::ZERO,
                    Ok(false) => {}
                    Err(error) => tracing::warn!(error = &error as &dyn Error, "mail delivery failed"),
                }
                LOOK_FOR_MAIL
            }
        });
    }
}

/// Removes old mail from the development mailbox.
pub(super) fn trim_kept_mail(workers: &Workers, dev_mailbox: DevMailbox) {
    workers.repeat(Worker::MailTrimming, move || {
        let dev_mailbox = dev_mailbox.clone();
        async move {
            if let Err(error) = dev_mailbox.remove_the_oldest().await {
                tracing::warn!(error = &error as &dyn Error, "sweep failed: old mail stays until the next sweep");
            }
            SWEEP
        }
    });
}

/// Removes expired data from the embedded store. Redis does that automatically.
pub(super) fn sweep(workers: &Workers, stores: &Stores, clock: &Arc<dyn Clock>) {
    let Backend::Embedded(store) = &stores.backend else { return };
    let (store, clock) = (store.clone(), clock.clone());
    workers.repeat(Worker::Sweep, move || {
        let (store, clock) = (store.clone(), clock.clone());
        async move {
            if let Err(error) = store.sweep(clock.now()).await {
                tracing::warn!(error = &error as &dyn Error, "sweep failed: expired data stays until the next sweep");
            }
            SWEEP
        }
    });
}

/// Removes accounts that were never verified, in any store.
pub(super) fn remove_abandoned(workers: &Workers, customers: Arc<dyn Customers>, clock: Arc<dyn Clock>) {
    let abandoned = Arc::new(AbandonedAccounts { customers, clock });
    workers.repeat(Worker::Sweep, move || {
        let abandoned = abandoned.clone();
        async move {
            if let Err(error) = abandoned.remove().await {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "sweep failed: abandoned accounts stay until the next sweep"
                );
            }
            REMOVE_ABANDONED
        }
    });
}
