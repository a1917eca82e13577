//! What refuses a write to `users`: a unique index, or a rule of the shop's validator. Leaves out the values, which
//! MongoDB quotes.

use std::fmt;

use mongodb::{
    bson::{Bson, Document},
    error::{Error, ErrorKind, WriteFailure},
};

use super::DUPLICATE_KEY;

/// What refuses a write.
pub(super) enum Rule {
    /// A unique index.
    UniqueIndex { name: String, first_field: String },
    /// The validator of the collection, by the rules that the document does not satisfy.
    Validator(Vec<String>),
}

impl Rule {
    /// Returns what refused a write, or `None` if the error has another cause.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match &*error.kind {
            ErrorKind::Write(WriteFailure::WriteError(error)) => {
                Self::new(error.code, &error.message, error.details.as_ref())
            }
            ErrorKind::Command(refused) => {
                let response = error.server_response().and_then(|response| Document::try_from(&**response).ok());
                let info = response.as_ref().and_then(|response| response.get_document("errInfo").ok());
                Self::new(refused.code, &refused.message, info)
            }
            _ => None,
        }
    }

    /// Returns the same for an element of `writeErrors`.
    pub(super) fn of_write_error(refused: &Document) -> Option<Self> {
        let message = refused.get_str("errmsg").unwrap_or_default();
        Self::new(refused.get_i32("code").ok()?, message, refused.get_document("errInfo").ok())
    }

    fn new(code: i32, message: &str, info: Option<&Document>) -> Option<Self> {
        if code == DUPLICATE_KEY {
            return unique_index(message);
        }
        let mut rules = Vec::new();
        add_unmet(info?.get("details")?, "", &mut rules);
        Some(Self::Validator(rules))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UniqueIndex { name, .. } => write!(f, "the unique index {name}"),
            Self::Validator(rules) => write!(f, "the validator of users: {}", rules.join(", ")),
        }
    }
}

/// Returns true if the server refused a write because another document has its address.
pub(super) fn is_taken_email(error: &Error) -> bool {
    matches!(Rule::of(error), Some(Rule::UniqueIndex { first_field, .. }) if first_field == "email")
}

/// Reads the index from MongoDB's message: `… index: NAME dup key: { FIELD: VALUE, … }`. The driver passes on nothing else
/// of a refused insert. An index with a collation has it after its name.
fn unique_index(message: &str) -> Option<Rule> {
    let (_, message) = message.split_once(" index: ")?;
    let (name, keys) = message.split_once(" dup key: { ")?;
    let name = name.split_once(" collation: ").map_or(name, |(name, _)| name);
    let (first_field, _) = keys.split_once(':')?;
    Some(Rule::UniqueIndex { name: name.to_owned(), first_field: first_field.to_owned() })
}

/// Adds the rules that a document does not satisfy, from the details of a failed validation. `path` is the field that
/// they concern.
fn add_unmet(details: &Bson, path: &str, rules: &mut Vec<String>) {
    let found = rules.len();
    match details {
        Bson::Array(parts) => parts.iter().for_each(|part| add_unmet(part, path, rules)),
        Bson::Document(details) => {
            let names = |list| details.get_array(list).into_iter().flatten().filter_map(Bson::as_str);
            rules.extend(names("missingProperties").map(|name| format!("{} is missing", joined(path, name))));
            rules.extend(names("additionalProperties").map(|name| format!("{} is not allowed", joined(path, name))));
            let path = details.get_str("propertyName").map_or_else(|_| path.to_owned(), |name| joined(path, name));
            for list in ["propertiesNotSatisfied", "schemaRulesNotSatisfied", "clausesNotSatisfied", "details"] {
                details.get(list).into_iter().for_each(|part| add_unmet(part, &path, rules));
            }
            if rules.len() == found {
                rules.extend(operator(details, &path));
            }
        }
        _ => {}
    }
}

/// Returns the operator that is not satisfied, with its field. A query names the field in its own specification.
fn operator(details: &Document, path: &str) -> Option<String> {
    let operator = details.get_str("operatorName").ok()?;
    let specified = details.get_document("specifiedAs").ok().and_then(|specified| specified.keys().next());
    let field = specified.filter(|key| path.is_empty() && !key.starts_with('$') && *key != operator);
    match field.map_or(path, String::as_str) {
        "" => Some(operator.to_owned()),
        field => Some(format!("{field}: {operator}")),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_without_the_values_whatever_they_contain() {
        for (message, expected) in [
            (
                "E11000 duplicate key error collection: a.users index: email_1 dup key: { email: \"a index: b\" }",
                "email_1 email",
            ),
            (
                "Plan executor error :: caused by :: E11000 duplicate key error collection: a.users index: by shop \
                 collation: { locale: \"en\" } dup key: { shop: null, email: \"0x2\" }",
                "by shop shop",
            ),
            ("E11000 duplicate key error", ""),
        ] {
            let read = unique_index(message).map_or(String::new(), |rule| match rule {
                Rule::UniqueIndex { name, first_field } => format!("{name} {first_field}"),
                Rule::Validator(_) => panic!("{message}"),
            });
            assert_eq!(read, expected);
        }
    }
}
