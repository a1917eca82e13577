//! Converts a `User-Agent` to readable names: `Firefox` on `Linux`.
//!
//! The rules use the format and the library of the uap-core project. Its own list has over a thousand rules for every
//! crawler, and would take as much memory as the rest of the program. The first matching rule counts.

use std::sync::LazyLock;

use ua_parser::{Regexes, os, user_agent};

use crate::accounts::Device;

/// The maximum length of the header that is read, in bytes. Real headers have a third of it.
const MAX_LENGTH: usize = 512;

struct Rules {
    browsers: user_agent::Extractor<'static>,
    systems: os::Extractor<'static>,
}

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| match read_rules() {
    Ok(rules) => Some(rules),
    Err(error) => {
        tracing::error!(error = &*error, "the rules for browsers cannot be read");
        None
    }
});

fn read_rules() -> Result<Rules, Box<dyn std::error::Error>> {
    let rules: Regexes = serde_json::from_str(include_str!("user_agents.json"))?;
    Ok(Rules {
        browsers: user_agent::Builder::new().push_all(rules.user_agent_parsers)?.build()?,
        systems: os::Builder::new().push_all(rules.os_parsers)?.build()?,
    })
}

/// Returns the device that a `User-Agent` header describes.
#[must_use]
pub fn device(header: &str) -> Device {
    let Some(rules) = &*RULES else { return Device::default() };
    let header = &header[..header.floor_char_boundary(MAX_LENGTH)];
    Device {
        browser: rules.browsers.extract(header).map(|found| found.family.into_owned()).unwrap_or_default(),
        system: rules.systems.extract(header).map(|found| found.os.into_owned()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn n14_of_a_long_header_the_beginning_is_looked_at() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";
        assert_eq!(device(firefox).browser, "Firefox");
        assert_eq!(device(&format!("{}{firefox}", " ".repeat(MAX_LENGTH))), Device::default());
    }

    #[test]
    fn a_device_is_described_by_the_usual_names_of_its_browser_and_system() {
        for (header, browser, system) in [
            ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 \
                 Safari/537.36 Edg/126.0.0.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 \
                 Chrome/121.0.0.0 Mobile Safari/537.36",
                "Samsung Internet",
                "Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.4 Safari/605.1.15",
                "Safari",
                "Mac",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1",
                "Chrome",
                "iPad",
            ),
            ("curl/8.5.0", "curl", ""),
            ("PostmanRuntime/7.39.0", "Postman", ""),
            ("", "", ""),
            ("\u{1b}[2J\r\nSet-Cookie: a=b", "", ""),
        ] {
            let device = device(header);
            assert_eq!((device.browser.as_str(), device.system.as_str()), (browser, system), "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_user_agent_is_read_without_a_panic_and_gives_only_known_names(header in ".{0,600}") {
            let device = device(&header);
            let named = |list: &str, name: &str| name.is_empty() || list.contains(name);
            prop_assert!(named(include_str!("user_agents.json"), &device.browser));
            prop_assert!(named(include_str!("user_agents.json"), &device.system));
        }
    }
}
