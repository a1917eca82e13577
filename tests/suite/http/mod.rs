//! The whole application over HTTP: the real router, real forms, real stores. Only the time and the cost of a hash are
//! replaced.

mod activity;
mod api;
mod authentication;
mod bad_input;
mod brand;
mod browser_defences;
mod devices;
mod disabled;
mod enumeration;
mod form_states;
pub mod harness;
mod hostile_headers;
mod hosts;
pub mod html;
mod jwks;
mod languages;
mod limits;
mod overload;
mod pages;
mod panics;
mod plain_forms;
mod refused_reads;
mod security;
mod tutorial;
mod walk;
mod well_known;
