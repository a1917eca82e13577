//! `doorstep customers`: the accounts of customers, for an operator or a script.

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

/// How many customers are asked for at once.
const PAGE: usize = 200;

#[derive(Args)]
pub struct CustomersArguments {
    /// Print JSON: an object, or for a list one a line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: CustomersCommand,
}

#[derive(Subcommand)]
enum CustomersCommand {
    /// Make an account, whose address counts as verified; the first line of standard input is its password
    Create {
        /// What they are called
        #[arg(long)]
        name: String,
        /// Their address
        #[arg(long)]
        email: String,
        /// What they may do
        #[arg(long, default_value = "customer", value_parser = roles())]
        role: Role,
    },
    /// Show one
    Show {
        #[command(flatten)]
        customer: One,
    },
    /// List them by their ids
    List {
        /// How many at most
        #[arg(long)]
        limit: Option<usize>,
        /// Only those after the one of this id
        #[arg(long, value_parser = CustomerId::parse)]
        after: Option<CustomerId>,
    },
    /// Sign one out everywhere, and let nobody log in to the account any more
    Disable {
        #[command(flatten)]
        customer: One,
    },
    /// Let one log in again
    Enable {
        #[command(flatten)]
        customer: One,
    },
    /// Change what one may do
    Role {
        #[command(flatten)]
        customer: One,
        #[arg(value_parser = roles())]
        role: Role,
    },
    /// List where one is signed in
    Sessions {
        #[command(flatten)]
        customer: One,
        /// Sign them out there instead
        #[arg(long)]
        end: bool,
    },
}

/// The customer that it is about.
#[derive(Args)]
struct One {
    /// An id, or an email address
    #[arg(value_name = "CUSTOMER", value_parser = whom)]
    whom: Whom,
}

fn whom(text: &str) -> Result<Whom, &'static str> {
    Whom::parse(text).ok_or("it is neither an id nor an email address")
}

fn roles() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new([Role::Customer, Role::Admin].map(Role::as_str)).map(|role| Role::from_store(&role))
}

/// Carries the command out, and prints what came of it.
///
/// # Errors
/// A [`Refusal`], or that a store cannot answer.
pub async fn customers(config: Config, arguments: CustomersArguments) -> Done {
    carry_out(&config, arguments).await.map_err(in_a_sentence)
}

async fn carry_out(config: &Config, CustomersArguments { json, command }: CustomersArguments) -> Done {
    let printer = Printer { json };
    match command {
        CustomersCommand::Create { name, email, role } => {
            // Before the stores are waited for: somebody may be typing.
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

/// Asks the back office for something about the customers that there are.
async fn ask<T>(
    config: &Config,
    question: impl AsyncFnOnce(&BackOffice) -> Result<T, Box<dyn StdError>>,
) -> Result<T, Box<dyn StdError>> {
    let stores = open_existing_stores(&config.stores, &world().0).await?;
    ask_of(stores, config, question).await
}

/// Asks the back office for something, and closes the stores.
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

/// Prints customers, a page at a time.
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

/// What is told of an error: what was asked for and cannot be is a sentence to whoever asked.
fn in_a_sentence(error: Box<dyn StdError>) -> Box<dyn StdError> {
    let sentence = match error.downcast_ref::<Error>() {
        Some(Error::NotFound) => "There is no such customer.".to_owned(),
        Some(Error::EmailTaken) => "The email address has an account already.".to_owned(),
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
            FieldError::Malformed => "is malformed",
            FieldError::TooCommon => "is one of the most common",
            FieldError::TooPersonal => "is too close to the name, the email address or the shop's name",
            FieldError::Unchanged => "is the one that there is already",
            FieldError::Wrong => "is wrong",
        };
        format!("the {field} {fault}")
    };
    let faults: Vec<String> = faults.iter().map(in_words).collect();
    format!("It cannot be: {}.", faults.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_of_a_form_are_one_sentence() {
        let faults = SignUp::parse(" ", "ada", "short").unwrap_err();
        let said = "It cannot be: the name is missing, the email address is malformed, the password is too short.";
        assert_eq!(faults_in_words(&faults), said);
    }
}
