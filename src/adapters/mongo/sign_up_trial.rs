//! A trial of the write of a sign-up: the shop's own indexes and validator on `users` may refuse it.

use std::net::{IpAddr, Ipv4Addr};

use mongodb::{
    Collection,
    bson::{DateTime, Document, oid::ObjectId},
};
use time::OffsetDateTime;

use super::{customers, emails, refusals::Rule};
use crate::{
    accounts::{
        Client, Device, LinkHash, LinkId, Mail, MailId, MailKind, TicketHash,
        ports::{Credentials, PasswordHash, StoreError, Verification},
    },
    adapters::from_millis,
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, PersonName, Role},
};

/// The beginning of a bcrypt hash, without its last character.
const HASH: &str = "$2b$12$....................................................";

/// What a trial of a sign-up found.
pub(super) enum Trial {
    Succeeded,
    /// Every sign-up is refused, or that of a second customer with the same values. The text says by what, and how to
    /// fix it.
    Refused(String),
    /// The trial itself failed.
    Failed(mongodb::error::Error),
}

/// Inserts two customers in a transaction, and aborts it. No one sees them.
pub(super) async fn try_sign_up(users: &Collection<Document>) -> Trial {
    match insert_and_abort(users).await {
        Ok(()) => Trial::Succeeded,
        Err(error) => match Rule::of(&error) {
            Some(rule) => Trial::Refused(refusal(users, &rule).await),
            None => Trial::Failed(error),
        },
    }
}

async fn insert_and_abort(users: &Collection<Document>) -> mongodb::error::Result<()> {
    let mut session = users.client().start_session().await?;
    session.start_transaction().await?;
    let mut tried = Ok(());
    // The second one differs from the first as two customers do, so an index on a field that is in neither refuses it.
    for number in [1, 2] {
        let document = sign_up(number).map_err(|error| mongodb::error::Error::custom(error.to_string()))?;
        tried = users.insert_one(document).session(&mut session).await.map(drop);
        if tried.is_err() {
            break;
        }
    }
    // If this fails, the server aborts it after a minute. It has aborted it already if it refused an insert.
    let _ = session.abort_transaction().await;
    tried
}

/// Returns the text for the operator.
async fn refusal(users: &Collection<Document>, rule: &Rule) -> String {
    let (what, fix) = match rule {
        Rule::UniqueIndex { name, first_field } => {
            let fields = emails::fields_of(users, name).await.map(|fields| format!(" on {}", fields.join(", ")));
            (
                format!("{rule}{} refuses two customers without a value of their own", fields.unwrap_or_default()),
                format!(
                    "Drop it, or create it with partialFilterExpression {{\"{first_field}\": {{\"$type\": \"string\"}}}}, \
                     which leaves out documents without the field"
                ),
            )
        }
        Rule::Validator(_) => (
            rule.to_string(),
            "Allow what Doorstep writes with collMod (docs/operate, \"The shop's own rules\")".to_owned(),
        ),
    };
    format!("customers cannot sign up: {what}. {fix}")
}

/// Returns a document with every field that a sign-up writes. Its address cannot be that of a customer.
fn sign_up(number: u8) -> Result<Document, StoreError> {
    let (id, now) = (ObjectId::new(), now());
    let email = EmailAddress::from_store(format!("{id}@doorstep.invalid"));
    let customer = Customer {
        id: CustomerId::from_bytes(id.bytes()),
        name: PersonName::from_store("Doorstep".to_owned()),
        email: email.clone(),
        verified: false,
        disabled: false,
        role: Role::default(),
        language: Some(Language::default()),
        epoch: CredentialEpoch::default(),
        password_changed_at: Some(now),
        created_at: now,
        updated_at: now,
    };
    let bytes = [number; 32];
    let (hash, ticket) = (LinkHash::from_bytes(bytes), Some(TicketHash::from_bytes(bytes)));
    let client = Client {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        device: Device { browser: String::new(), system: String::new() },
        language: None,
    };
    let mail = Mail {
        id: MailId::from_bytes([number; 16]),
        customer: customer.id,
        to: email,
        name: None,
        letter: MailKind::VerifyEmail(LinkId::from_bytes([number; 16]), client),
        language: Language::default(),
        written_at: now,
    };
    let password = PasswordHash::new(format!("{HASH}{number}"));
    let verification = Verification { hash, expires_at: now, ticket };
    customers::sign_up(&Credentials { customer, password }, Some(&verification), Some(&mail))
}

/// Returns the time of the system, which is in no document that stays.
fn now() -> OffsetDateTime {
    from_millis(DateTime::now().timestamp_millis()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
