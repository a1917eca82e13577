//! Detects probable typos in addresses: domains that are one edit away from a large mail provider.

use strsim::osa_distance;

use super::EmailAddress;

/// Large mail providers. Shorter domains are left out, since too many other domains are similar to them.
const LARGE: [&str; 14] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.id",
    "yahoo.co.uk",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "icloud.com",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "yandex.ru",
    "comcast.net",
];

/// Real domains that are one edit away from a large provider.
const REAL: [&str; 5] = ["email.com", "gmail.co", "mail.com", "ymail.com", "yandex.ua"];

impl EmailAddress {
    /// Returns the address that was probably meant if this one looks like a typo. This one may still be right.
    #[must_use]
    pub fn probably_meant(&self) -> Option<Self> {
        let domain = self.domain();
        if LARGE.contains(&domain) || REAL.contains(&domain) {
            return None;
        }
        let meant = LARGE.into_iter().find(|large| osa_distance(domain, large) == 1)?;
        Self::parse(&format!("{}@{meant}", self.local_part())).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_in_a_large_domain_is_noticed_and_a_correct_domain_is_not_questioned() {
        let meant =
            |typed: &str| EmailAddress::parse(typed).unwrap().probably_meant().map(|email| email.as_str().to_owned());
        for typed in
            ["Ada@gmial.com", "ada@gmai.com", "ada@gmail.con", "ada@gmaill.com", "ada@gnail.com", "ada@gmail.cm"]
        {
            assert_eq!(meant(typed).as_deref(), Some("ada@gmail.com"), "{typed}");
        }
        assert_eq!(meant("a.b@hotmal.com").as_deref(), Some("a.b@hotmail.com"));
        assert_eq!(meant("ada@yaho.co.id").as_deref(), Some("ada@yahoo.co.id"));
        for typed in [
            "ada@gmail.com",
            "ada@mail.com",
            "ada@ymail.com",
            "ada@hotmail.fr",
            "ada@shop.example",
            "ada@bücher.example",
        ] {
            assert_eq!(meant(typed), None, "{typed}");
        }
    }
}
