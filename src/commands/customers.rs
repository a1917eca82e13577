//! `doorstep customers`: manages customer accounts, for operators and scripts.

mod password;
mod records;

use std::{error::Error as StdError, sync::Arc};

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use doorstep::{
    accounts::{BackOffice, Error, Whom},
    adapters::hasher::BcryptHasher,
    composition::{self, Stores},
    config::Config,
    domain::{CustomerId, Field, FieldError, FieldErrors, Role, SignUp},
};

use self::{password::read_password, records::Printer};
use super::{Done, Refusal, open_existing_stores, open_stores, output::print, world};

/// The number of customers per query.
const PAGE: usize = 200;

#[derive(Args)]
pub struct CustomersArguments {
    /// Print JSON: one object, or one per line for lists
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: CustomersCommand,
}

#[derive(Subcommand)]
enum CustomersCommand {
    /// Create an account with a verified address; the first line of standard input is the password
    Create {
        /// Name of the customer
        #[arg(long)]
        name: String,
        /// Email address of the customer
        #[arg(long)]
        email: String,
        /// Role of the customer
        #[arg(long, default_value = "customer", value_parser = roles())]
        role: Role,
    },
    /// Show a customer
    Show {
        #[command(flatten)]
        customer: One,
    },
    /// List customers, ordered by id
    List {
        /// Maximum number of customers
        #[arg(long)]
        limit: Option<usize>,
        /// List only customers after this id
        #[arg(long, value_parser = CustomerId::parse)]
        after: Option<CustomerId>,
    },
    /// Disable an account: end its sessions and refuse logins
    Disable {
        #[command(flatten)]
        customer: One,
    },
    /// Enable a disabled account
    Enable {
        #[command(flatten)]
        customer: One,
    },
    /// Change the role of a customer
    Role {
        #[command(flatten)]
        customer: One,
        #[arg(value_parser = roles())]
        role: Role,
    },
    /// List the sessions of a customer
    Sessions {
        #[command(flatten)]
        customer: One,
        /// End the sessions instead of listing them
        #[arg(long)]
        end: bool,
    },
}

/// The customer that a command is about.
#[derive(Args)]
struct One {
    /// Customer id or email address
    #[arg(value_name = "CUSTOMER", value_parser = whom)]
    whom: Whom,
}

fn whom(text: &str) -> Result<Whom, &'static str> {
    Whom::parse(text).ok_or("not a customer id or an email address")
}

fn roles() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new([Role::Customer, Role::Admin].map(Role::as_str)).map(|role| Role::from_store(&role))
}

/// Runs the command and prints its result.
///
/// # Errors
/// A [`Refusal`], or an error if a store does not answer.
pub async fn customers(config: Config, arguments: CustomersArguments) -> Done {
    carry_out(&config, arguments).await.map_err(in_a_sentence)
}

async fn carry_out(config: &Config, CustomersArguments { json, command }: CustomersArguments) -> Done {
    let printer = Printer { json };
    match command {
        CustomersCommand::Create { name, email, role } => {
            // Before the stores are opened, so that someone who types the password does not wait for them.
            let form = SignUp::parse(&name, &email, &read_password()?).map_err(Error::Invalid)?;
            let stores = open_stores(&config.stores, &world().0).await?;
            printer.customer(&ask_of(stores, config, async |office| office.create(form, role).await).await?)
        }
        CustomersCommand::Show { customer: One { whom } } => {
            printer.customer(&ask(config, async |office| Ok(office.find(&whom).await?)).await?)
        }
        CustomersCommand::List { limit, after } => {
            ask(config, async |office| list(office, limit, after, &printer).await).await
        }
        CustomersCommand::Disable { customer: One { whom } } => {
            printer.customer(&ask(config, async |office| Ok(office.disable(&whom).await?)).await?)
        }
        CustomersCommand::Enable { customer: One { whom } } => {
            printer.customer(&ask(config, async |office| Ok(office.enable(&whom).await?)).await?)
        }
        CustomersCommand::Role { customer: One { whom }, role } => {
            printer.customer(&ask(config, async |office| Ok(office.set_role(&whom, role).await?)).await?)
        }
        CustomersCommand::Sessions { customer: One { whom }, end: false } => {
            printer.sessions(&ask(config, async |office| Ok(office.sessions(&whom).await?)).await?)
        }
        CustomersCommand::Sessions { customer: One { whom }, end: true } => {
            printer.ended(ask(config, async |office| Ok(office.end_sessions(&whom).await?)).await?)
        }
    }
}

/// Runs an operation of the back office on existing stores.
async fn ask<T>(
    config: &Config,
    question: impl AsyncFnOnce(&BackOffice) -> Result<T, Box<dyn StdError>>,
) -> Result<T, Box<dyn StdError>> {
    let stores = open_existing_stores(&config.stores, &world().0).await?;
    ask_of(stores, config, question).await
}

/// Runs an operation of the back office, and closes the stores.
async fn ask_of<T, E>(
    stores: Stores,
    config: &Config,
    question: impl AsyncFnOnce(&BackOffice) -> Result<T, E>,
) -> Result<T, E> {
    let (clock, randomness) = world();
    let hasher = Arc::new(BcryptHasher::new(config.passwords.bcrypt_cost, randomness.clone()));
    let shop = config.brand.shop.clone();
    let back_office = composition::back_office(&stores, &clock, &randomness, hasher, config.lifetimes, shop);
    let answer = question(&back_office).await;
    stores.close().await;
    answer
}

/// Prints customers, one page at a time.
async fn list(
    back_office: &BackOffice,
    limit: Option<usize>,
    mut after: Option<CustomerId>,
    printer: &Printer,
) -> Done {
    let mut left = limit.unwrap_or(usize::MAX);
    while left > 0 {
        let page = back_office.list(after, left.min(PAGE)).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        left -= page.len();
        for customer in &page {
            printer.listed(customer)?;
        }
    }
    Ok(())
}

/// Converts an expected error, such as an unknown customer, to a [`Refusal`].
fn in_a_sentence(error: Box<dyn StdError>) -> Box<dyn StdError> {
    let sentence = match error.downcast_ref::<Error>() {
        Some(Error::NotFound) => "Customer not found.".to_owned(),
        Some(Error::EmailTaken) => "An account with this email address already exists.".to_owned(),
        Some(Error::Invalid(faults)) => faults_in_words(faults),
        _ => return error,
    };
    Refusal(sentence).into()
}

fn faults_in_words(faults: &FieldErrors) -> String {
    let in_words = |(field, error)| {
        let field = match field {
            Field::Name => "name",
            Field::Email => "email address",
            Field::CurrentPassword | Field::Password => "password",
            Field::Code => "code",
        };
        let fault = match error {
            FieldError::Required => "is missing",
            FieldError::TooShort => "is too short",
            FieldError::TooLong => "is too long",
            FieldError::Malformed => "is invalid",
            FieldError::TooCommon => "is too common",
            FieldError::TooPersonal => "is too similar to the name, the email address or the shop's name",
            FieldError::Unchanged => "is unchanged",
            FieldError::Wrong => "is wrong",
        };
        format!("the {field} {fault}")
    };
    let faults: Vec<String> = faults.iter().map(in_words).collect();
    format!("Invalid input: {}.", faults.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_of_a_form_are_one_sentence() {
        let faults = SignUp::parse(" ", "ada", "short").unwrap_err();
        let said = "Invalid input: the name is missing, the email address is invalid, the password is too short.";
        assert_eq!(faults_in_words(&faults), said);
    }
}
