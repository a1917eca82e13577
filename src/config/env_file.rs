//! The `.env` file: one variable per line, with a literal value.
//!
//! Values are not substituted: a password may contain any character. Published parsers of such files replace `$NAME`,
//! truncate values at a `#`, or refuse spaces.

use std::{collections::HashMap, fs, io, path::Path};

use super::reader::{Problem, Problems};

/// The name in error messages about the file.
const NAME: &str = ".env";

/// The variables of a file. Its `Debug` output does not contain them.
#[derive(Default)]
pub struct EnvFile {
    variables: HashMap<String, String>,
    problems: Vec<Problem>,
}

impl EnvFile {
    /// Reads the file at `path`. A file that does not exist has no variables. If it cannot be read, or a line is not in
    /// the form `NAME=value`, [`Self::check`] reports that.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        match fs::read(path) {
            Ok(bytes) => Self::parse(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(error) => Self { problems: vec![problem(format!("cannot be read: {error}"))], ..Self::default() },
        }
    }

    /// Returns what was read from the variables, if the file has no problem.
    ///
    /// # Errors
    /// The problems of the file, followed by those of the variables.
    pub fn check<T>(self, read: Result<T, Problems>) -> Result<T, Problems> {
        match read {
            Ok(read) if self.problems.is_empty() => Ok(read),
            Ok(_) => Err(Problems(self.problems)),
            Err(Problems(others)) => Err(Problems([self.problems, others].concat())),
        }
    }

    /// Parses the content of a file. A byte order mark is skipped, and lines may end in LF, CRLF or CR.
    fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let (mut variables, mut problems) = (HashMap::new(), Vec::new());
        let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        for (line, number) in lines.flat_map(|line| line.split(|byte| *byte == b'\r')).zip(1_u64..) {
            match str::from_utf8(line).map_err(|_| "is not UTF-8").and_then(parse_line) {
                Ok(None) => {}
                Ok(Some((name, value))) => drop(variables.insert(name, value)),
                Err(reason) => problems.push(problem(format!("line {number} {reason}"))),
            }
        }
        Self { variables, problems }
    }

    /// Returns the value of a variable.
    #[must_use]
    pub fn get(&self, variable: &str) -> Option<&str> {
        self.variables.get(variable).map(String::as_str)
    }
}

fn problem(reason: String) -> Problem {
    Problem { variable: NAME, reason }
}

/// Parses `NAME=value`, optionally after `export `. Returns `None` for an empty line or a comment.
fn parse_line(line: &str) -> Result<Option<(String, String)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("is not in the form NAME=value")?;
    let name = name.trim();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if name.is_empty() || !is_name || name.as_bytes()[0].is_ascii_digit() {
        return Err("is not in the form NAME=value");
    }
    Ok(Some((name.to_owned(), parse_value(value)?)))
}

/// Parses a value: in single quotes literally; in double quotes with `\"`, `\\`, `\$` and `\n`; without quotes up to
/// the end of the line or to a `#` after a space.
fn parse_value(text: &str) -> Result<String, &'static str> {
    let trimmed = text.trim_start();
    let (value, rest) = match trimmed.chars().next() {
        Some('\'') => {
            let (value, rest) = trimmed[1..].split_once('\'').ok_or("has an unclosed quote")?;
            (value.to_owned(), rest)
        }
        Some('"') => parse_double_quoted(&trimmed[1..])?,
        _ => return Ok(without_comment(text).trim().to_owned()),
    };
    if without_comment(rest).trim().is_empty() { Ok(value) } else { Err("has text after the closing quote") }
}

fn parse_double_quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => return Ok((value, chars.as_str())),
            '\\' => match chars.next() {
                Some(escaped @ ('"' | '\\' | '$')) => value.push(escaped),
                Some('n') => value.push('\n'),
                Some(other) => value.extend(['\\', other]),
                None => break,
            },
            _ => value.push(char),
        }
    }
    Err("has an unclosed quote")
}

/// Returns the text before a `#` that follows white space.
fn without_comment(text: &str) -> &str {
    let starts = |(index, _): &(usize, &str)| text[..*index].ends_with(char::is_whitespace);
    text.match_indices('#').find(starts).map_or(text, |(index, _)| &text[..index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<EnvFile, Problems> {
        let file = EnvFile::parse(bytes);
        let variables = file.variables.clone();
        file.check(Ok(EnvFile { variables, problems: Vec::new() }))
    }

    fn value(line: &str) -> Option<String> {
        parse(line.as_bytes()).unwrap().get("A").map(str::to_owned)
    }

    #[test]
    fn n9_a_value_is_read_as_it_is_written() {
        for (line, expected) in [
            ("A=b", "b"),
            ("A=", ""),
            (" export A = b c ", "b c"),
            ("A=Tea Shop <hello@tea.example>", "Tea Shop <hello@tea.example>"),
            ("A=#17594a", "#17594a"),
            ("A=b#c", "b#c"),
            ("A=b # c", "b"),
            ("A= # c", ""),
            ("A='b # c'", "b # c"),
            ("A='b' # c", "b"),
            ("A=\"b # c\"", "b # c"),
            ("A=pa$word ${B} $(c) `d` \\e", "pa$word ${B} $(c) `d` \\e"),
            ("A='pa$word \\n \"'", "pa$word \\n \""),
            ("A=\"pa$word \\\\ \\\" \\$ \\e '\"", "pa$word \\ \" $ \\e '"),
            ("A=\"b\\nc\"", "b\nc"),
            ("A=b=c==", "b=c=="),
            ("A=it's", "it's"),
            ("A=b\nA=c", "c"),
        ] {
            assert_eq!(value(line).as_deref(), Some(expected), "{line}");
        }
        for line in ["#A=b", "  # A=b", "", "\n\n", "AA=b"] {
            assert_eq!(value(line), None, "{line}");
        }
    }

    #[test]
    fn n9_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_value() {
        let file = parse("\u{feff}A=b\r\n\r\n# c\r\nB='d'\r\n".as_bytes()).unwrap();
        assert_eq!((file.get("A"), file.get("B")), (Some("b"), Some("d")));
    }

    #[test]
    fn n9_a_carriage_return_without_a_line_feed_ends_a_line() {
        let file = parse(b"A=b\r# c\rB='d'\rC=e").unwrap();
        assert_eq!((file.get("A"), file.get("B"), file.get("C")), (Some("b"), Some("d"), Some("e")));
        let Err(problems) = parse(b"A=b\rhunter2\rC=e") else { panic!("it was read") };
        assert!(problems.to_string().starts_with(".env: line 2 "), "{problems}");
    }

    #[test]
    fn n9_every_bad_line_is_named_by_its_number_and_without_its_value() {
        let file = b"A=b\nhunter2\n=hunter2\n\xffA=hunter2\nA B=hunter2\n1A=hunter2\nA='hunter2\nA=\"hunter2\nA='b'hunter2\nA=b";
        let Err(problems) = parse(file) else { panic!("it was read") };
        let said = problems.to_string();
        let lines: Vec<&str> = said.lines().map(|line| line.split(' ').nth(2).unwrap()).collect();
        assert_eq!(lines, ["2", "3", "4", "5", "6", "7", "8", "9"], "{said}");
        assert!(said.lines().all(|line| line.starts_with(".env: line ")) && !said.contains("hunter2"), "{said}");
    }
}
