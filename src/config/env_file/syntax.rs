//! The syntax of a `.env` file: that of dotenv for Node.js, with two differences. A `#` within an unquoted value is part
//! of it, and `\"`, `\\` and `\$` in double quotes are one character.

/// A variable and its value, and the text after the line on which the value ends.
pub(super) struct Entry<'a> {
    pub variable: Option<(&'a str, String)>,
    pub rest: &'a str,
}

/// Parses the first line of a text, and the following ones if a quoted value continues there. An empty line and a
/// comment have no variable. Lines must end in LF.
///
/// # Errors
/// What is wrong with the line, without any part of it.
pub(super) fn parse_entry(text: &str) -> Result<Entry<'_>, &'static str> {
    let (line, rest) = next_line(text);
    if is_comment(line) {
        return Ok(Entry { variable: None, rest });
    }
    let (name, value) = parse_name(text).ok_or("is not in the form NAME=value")?;
    // White space, but not the end of the line: an empty value does not continue on the next one.
    let trimmed = value.trim_start_matches(|char: char| char.is_whitespace() && char != '\n');
    let (value, rest) = match trimmed.chars().next() {
        Some(quote @ ('\'' | '`')) => parse_literal(&trimmed[1..], quote)?,
        Some('"') => parse_double_quoted(&trimmed[1..])?,
        _ => {
            let (line, rest) = next_line(value);
            (without_comment(line).trim().to_owned(), rest)
        }
    };
    Ok(Entry { variable: Some((name, value)), rest })
}

/// Returns the text as a line and what follows it.
fn next_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// Returns true if there is nothing else in the line.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// Splits `NAME=value` or `NAME: value`, optionally after `export`.
fn parse_name(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let exported = text.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).map(str::trim_start);
    let text = exported.filter(|rest| !rest.starts_with('=')).unwrap_or(text);
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-');
    let (name, rest) = text.split_at(text.find(|char| !is_part(char)).unwrap_or(text.len()));
    if name.is_empty() {
        return None;
    }
    let by_colon = || rest.strip_prefix(':').filter(|value| value.is_empty() || value.starts_with(char::is_whitespace));
    let by_equals = || rest.trim_start_matches([' ', '\t']).strip_prefix('=');
    Some((name, by_equals().or_else(by_colon)?))
}

/// Parses a value that is taken literally, from behind its opening quote. A quote after a backslash does not end it,
/// unless nothing else is in the line.
fn parse_literal(text: &str, quote: char) -> Result<(String, &str), &'static str> {
    for (end, _) in text.match_indices(quote) {
        let value = &text[..end];
        let (line, _) = next_line(&text[end + 1..]);
        if is_comment(line) || !value.ends_with('\\') {
            return after_quote(value.to_owned(), &text[end + 1..], value.contains('\n'));
        }
    }
    Err(UNCLOSED)
}

/// Parses a value with the escapes `\"`, `\\`, `\$`, `\n` and `\r`, from behind its opening quote.
fn parse_double_quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                let rest = chars.as_str();
                return after_quote(value, rest, text[..text.len() - rest.len()].contains('\n'));
            }
            '\\' => match chars.next() {
                Some(escaped @ ('"' | '\\' | '$')) => value.push(escaped),
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some(other) => value.extend(['\\', other]),
                None => break,
            },
            _ => value.push(char),
        }
    }
    Err(UNCLOSED)
}

const UNCLOSED: &str = "has an unclosed quote";

/// Checks that only a comment follows the closing quote in its line. Text after a value of several lines means that the
/// quote belongs to another value, and that this one is not closed.
fn after_quote(value: String, text: &str, has_lines: bool) -> Result<(String, &str), &'static str> {
    let (line, rest) = next_line(text);
    match (is_comment(line), has_lines) {
        (true, _) => Ok((value, rest)),
        (false, true) => Err(UNCLOSED),
        (false, false) => Err("has text after the closing quote"),
    }
}

/// Returns the text before a `#` that follows white space.
fn without_comment(text: &str) -> &str {
    let starts = |(index, _): &(usize, &str)| text[..*index].ends_with(char::is_whitespace);
    text.match_indices('#').find(starts).map_or(text, |(index, _)| &text[..index])
}
