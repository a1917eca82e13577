//! The page to return to after a login.

/// A path on this site, with its query: safe to redirect to (ASVS 5.0, 3.7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// The longest path that is accepted, in bytes.
    const MAX_LENGTH: usize = 2000;

    /// Parses the `next` of a login. Only an absolute path of plain, printable ASCII passes: no scheme, no host, and
    /// none of the spellings that browsers read as a host (`//e`, `/\e`, `/<tab>/e`; CVE-2025-27143).
    #[must_use]
    pub fn parse(next: &str) -> Option<Self> {
        let is_plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        // An encoded slash, backslash, tab or line break at the start of a path is never legitimate.
        let second = next.as_bytes().get(1);
        let starts_well = next.starts_with('/') && !matches!(second, Some(b'/' | b'%'));
        (is_plain && starts_well && next.len() <= Self::MAX_LENGTH).then(|| Self(next.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn l7_a_path_on_this_site_is_kept() {
        for next in ["/", "/account", "/account/sessions?page=2#top", "/a%20b"] {
            assert_eq!(LocalPath::parse(next).unwrap().as_str(), next);
        }
    }

    #[test]
    fn l7_a_path_that_could_leave_this_site_is_dropped() {
        for next in [
            "",
            "account",
            "//e.test",
            "///e.test",
            "/\\e.test",
            "\\/e.test",
            "/%09/e.test",
            "/%5ce.test",
            "/%2fe.test",
            "/\t/e.test",
            "/\n/e.test",
            "/a\r\nSet-Cookie: x=y",
            "https:e.test",
            "https://e.test",
            "javascript:alert(1)",
            "/a b",
            "/é",
            " /account",
        ] {
            assert_eq!(LocalPath::parse(next), None, "{next:?}");
        }
    }

    proptest! {
        #[test]
        fn l7_no_text_resolves_to_another_origin(next in r"[/\\%a-z0-9:.@?#\t\n ]{0,24}") {
            if let Some(path) = LocalPath::parse(&next) {
                let base = url::Url::parse("https://shop.test/login").unwrap();
                prop_assert_eq!(base.join(path.as_str()).unwrap().origin(), base.origin());
            }
        }
    }
}
