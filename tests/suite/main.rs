//! The promises that need more than one module to keep, shown against the real router and real stores.
//!
//! One program, so that it is linked once. `stores` holds every adapter to the same contract; `use_cases` turns the
//! clock and breaks stores, and `budgets` what attempts cost, and `callers` by what a caller is known; `http` speaks to the whole application; `program` starts the built program; `faults` takes
//! its servers away; `mail` reads what a mail server took; `architecture` reads the source, `security_page` and `asvs_page` what is promised of
//! it, and `operate` what is said to those who run it; `site_names` shows how a release names its files.

mod account;
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
