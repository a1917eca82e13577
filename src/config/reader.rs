//! Reads variables one by one and remembers what was wrong with them.

use std::{fmt, str::FromStr};

/// What is wrong with one variable. Its value is not in it: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub variable: &'static str,
    pub reason: String,
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}: {}", problem.variable, problem.reason)?;
        }
        Ok(())
    }
}

pub(super) struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variable, problems: Vec::new() }
    }

    /// The variable's text; one that is set to nothing counts as not set.
    pub(super) fn text(&self, variable: &str) -> Option<String> {
        (self.variable)(variable).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The variable, by its type's own parser.
    pub(super) fn parse<T: FromStr>(&mut self, variable: &'static str, default: T, form: &str) -> T {
        self.parse_with(variable, default, form, |text| text.parse().ok())
    }

    /// The variable, by `parse`; what it answers with `None` is no `form`, as the operator is told.
    pub(super) fn parse_with<T>(
        &mut self,
        variable: &'static str,
        default: T,
        form: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let Some(text) = self.text(variable) else { return default };
        parse(&text).unwrap_or_else(|| {
            self.problem(variable, format!("must be {form}"));
            default
        })
    }

    pub(super) fn problem(&mut self, variable: &'static str, reason: impl Into<String>) {
        self.problems.push(Problem { variable, reason: reason.into() });
    }

    pub(super) fn finish<T>(self, config: T) -> Result<T, Problems> {
        if self.problems.is_empty() { Ok(config) } else { Err(Problems(self.problems)) }
    }
}
