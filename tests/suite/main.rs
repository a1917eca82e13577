//! Tests of properties that involve more than one module, against the real router and real stores.
//!
//! One binary, so that it is linked once:
//!
//! - `stores` holds every adapter to the same contract.
//! - `use_cases` advances the clock and makes stores fail, `budgets` tests the cost of attempts, and `callers` how a
//!   caller is recognised.
//! - `http` tests the whole application, and `mail` what a mail server receives.
//! - `program` runs the built program, and `faults` makes its servers fail.
//! - `architecture` reads the source, `security_page` and `asvs_page` check the security documentation, and `operate`
//!   the documentation for operators.
//! - `site_names` tests the names of files in a release.

mod account;
mod api_document;
mod architecture;
mod asvs_page;
mod budgets;
mod callers;
mod corpus;
mod faults;
mod http;
mod leaks;
mod line;
mod mail;
mod operate;
mod program;
mod security_page;
mod server_process;
mod servers;
mod site_names;
mod stores;
mod support;
mod use_cases;
