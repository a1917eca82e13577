//! Prints customers and sessions: text for people, or JSON in the format of the API.

use doorstep::{
    accounts::Session,
    api::{CustomerBody, SessionBody},
    domain::{Customer, Language},
    web::bodies::{customer_body, session_body},
    words::Words,
};
use serde::Serialize;

use super::{Done, print};

/// Writes to standard output.
pub(super) struct Printer {
    pub json: bool,
}

/// A customer as in the API, with fields that only the shop sees.
#[derive(Serialize)]
struct CustomerRecord {
    #[serde(flatten)]
    body: CustomerBody,
    verified: bool,
    disabled: bool,
    /// `null` if it is unknown.
    language: Option<Language>,
}

impl Printer {
    /// Prints all fields of one customer.
    pub fn customer(&self, customer: &Customer) -> Done {
        let record = CustomerRecord::of(customer);
        if self.json {
            return print(serde_json::to_string(&record)?);
        }
        let yes_or_no = |is_so| if is_so { "yes" } else { "no" };
        let CustomerRecord { body, verified, disabled, language } = &record;
        for (label, value) in [
            ("id", body.id.as_str()),
            ("name", &body.name),
            ("email", &body.email),
            ("role", body.role.as_str()),
            ("verified", yes_or_no(*verified)),
            ("disabled", yes_or_no(*disabled)),
            ("language", language.map_or("unknown", Language::code)),
            ("created", &body.created_at),
            ("updated", &body.updated_at),
        ] {
            print(format_args!("{label:8}  {}", tame(value)))?;
        }
        Ok(())
    }

    /// Prints one customer of a list in one line.
    pub fn listed(&self, customer: &Customer) -> Done {
        let record = CustomerRecord::of(customer);
        if self.json {
            return print(serde_json::to_string(&record)?);
        }
        let CustomerRecord { body, verified, disabled, .. } = &record;
        let mut line = format!("{}  {}  {}  {}", body.id, body.email, body.name, body.role.as_str());
        line.push_str(if *verified { "" } else { "  not verified" });
        line.push_str(if *disabled { "  disabled" } else { "" });
        print(tame(&line))
    }

    /// Prints sessions, one per line.
    pub fn sessions(&self, sessions: &[Session]) -> Done {
        for session in sessions {
            // None of them is the current session.
            let body = session_body(session, false);
            if self.json {
                print(serde_json::to_string(&body)?)?;
                continue;
            }
            let SessionBody { id, device, browser, address, created_at, last_seen_at, .. } = &body;
            let device = Words::of(Language::English).device(browser, device);
            print(tame(&format!("{id}  {device}  {address}  since {created_at}  last seen {last_seen_at}")))?;
        }
        Ok(())
    }

    /// Prints the number of sessions that were ended.
    pub fn ended(&self, count: usize) -> Done {
        print(if self.json { format!("{{\"ended\":{count}}}") } else { format!("{count} ended") })
    }
}

impl CustomerRecord {
    fn of(customer: &Customer) -> Self {
        let Customer { verified, disabled, language, .. } = *customer;
        Self { body: customer_body(customer), verified, disabled, language }
    }
}

/// Returns a text without terminal control characters: other systems may have stored it (ASVS 5.0, 16.4.1).
fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g3_a_name_cannot_control_a_terminal() {
        assert_eq!(tame("Zoë\u{1b}[31m\nO’Neil\u{9b}"), "Zoë\u{fffd}[31m\u{fffd}O’Neil\u{fffd}");
    }
}
