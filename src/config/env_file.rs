//! The `.env` file: variables with literal values.
//!
//! Values are not substituted: a password may contain any character. Published parsers of such files replace `$NAME`,
//! truncate values at a `#`, or refuse spaces.

mod syntax;

use std::{collections::HashMap, fs, io, path::Path};

use syntax::{Entry, parse_entry};

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
    /// Reads the file at `path`. A file that does not exist has no variables. If it cannot be read, or has a line that is
    /// not understood, [`Self::check`] reports that.
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
        let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let lines: Vec<&[u8]> = lines.flat_map(|line| line.split(|byte| *byte == b'\r')).collect();
        let mut problems: Vec<(usize, &str)> = Vec::new();
        let decode = |(line, number)| {
            str::from_utf8(line).unwrap_or_else(|_| {
                problems.push((number, "is not UTF-8"));
                ""
            })
        };
        let text = lines.into_iter().zip(1..).map(decode).collect::<Vec<_>>().join("\n");
        let mut variables = HashMap::new();
        let (mut rest, mut number) = (text.as_str(), 1);
        while !rest.is_empty() {
            let after = match parse_entry(rest) {
                Ok(Entry { variable, rest }) => {
                    variables.extend(variable.map(|(name, value)| (name.to_owned(), value)));
                    rest
                }
                Err(reason) => {
                    problems.push((number, reason));
                    rest.split_once('\n').map_or("", |(_, rest)| rest)
                }
            };
            number += rest[..rest.len() - after.len()].matches('\n').count();
            rest = after;
        }
        problems.sort_by_key(|(number, _)| *number);
        let problems = problems.into_iter().map(|(number, reason)| problem(format!("line {number} {reason}")));
        Self { variables, problems: problems.collect() }
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

    /// The kinds of cases in the tests of dotenv for Node.js 17 and in its README.
    #[test]
    fn n9_a_file_that_dotenv_reads_has_the_same_values() {
        for (line, expected) in [
            ("\n\n# b\nA=b", "b"),
            ("A=''", ""),
            ("A=\"\"", ""),
            ("A=``", ""),
            ("A=   b  c   ", "b  c"),
            ("A='  b  '", "  b  "),
            ("A=\"  b  \"", "  b  "),
            ("A=`  b  `", "  b  "),
            ("A='\"b\" `c`'", "\"b\" `c`"),
            ("A=\"'b' `c`\"", "'b' `c`"),
            ("A=`\"b\" 'c'`", "\"b\" 'c'"),
            ("A=\"{ port: $PORT}\"", "{ port: $PORT}"),
            ("A={\"b\": \"c\"}", "{\"b\": \"c\"}"),
            ("A=`{\"b\": \"c's\"}`", "{\"b\": \"c's\"}"),
            ("A=b\\nc", "b\\nc"),
            ("A='b\\nc'", "b\\nc"),
            ("A=\"b\\nc\\rd\"", "b\nc\rd"),
            ("A=b c # d #e", "b c"),
            ("A='b #c' # d", "b #c"),
            ("A=\"b #c\" # d", "b #c"),
            ("A=`b #c` # d", "b #c"),
            ("A='b'# c", "b"),
            ("A=\"b\"# c", "b"),
            ("A=`b`# c", "b"),
            ("    A = b", "b"),
            ("export   A  =b", "b"),
            ("export\tA=b", "b"),
            ("export = b\nA=c", "c"),
            ("A: b", "b"),
            ("export A:\t'b' # c", "b"),
            ("A:", ""),
            ("A=\nB=c", ""),
            ("a.b-c=d\n1A=d\nA=b", "b"),
            ("A='it\\'s'", "it\\'s"),
            ("A='b\\'", "b\\"),
            ("A='b\nc'", "b\nc"),
            ("A=\"b\r\n# c\r\n d\" # e\r\n", "b\n# c\n d"),
            ("A=`b\n\n\"c's\"`", "b\n\n\"c's\""),
            ("B='\nA=b\n'\nA=c", "c"),
        ] {
            assert_eq!(value(line).as_deref(), Some(expected), "{line}");
        }
        let names = parse(b"a.b-c=d\n1A: e").unwrap();
        assert_eq!((names.get("a.b-c"), names.get("1A")), (Some("d"), Some("e")));
    }

    #[test]
    fn n9_a_quote_that_is_not_closed_is_reported_where_it_opens_and_hides_no_later_problem() {
        for (file, expected) in [
            ("A='b\nB=c", ".env: line 1 has an unclosed quote"),
            ("A=\"b\nB=\"c\"", ".env: line 1 has an unclosed quote"),
            ("A=b\nB=`c\n\nC=`d`", ".env: line 2 has an unclosed quote"),
            ("A='b\n\nc'\nhunter2", ".env: line 4 is not in the form NAME=value"),
            ("A='b\nhunter2", ".env: line 1 has an unclosed quote\n.env: line 2 is not in the form NAME=value"),
            ("A:b", ".env: line 1 is not in the form NAME=value"),
            ("export A", ".env: line 1 is not in the form NAME=value"),
        ] {
            let Err(problems) = parse(file.as_bytes()) else { panic!("{file} was read") };
            assert_eq!(problems.to_string(), expected, "{file}");
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
        let file = b"A=b\nhunter2\n=hunter2\n\xffA=hunter2\nA B=hunter2\nA+=hunter2\nA='hunter2\nA=\"hunter2\nA='b'hunter2\nA=b";
        let Err(problems) = parse(file) else { panic!("it was read") };
        let said = problems.to_string();
        let lines: Vec<&str> = said.lines().map(|line| line.split(' ').nth(2).unwrap()).collect();
        assert_eq!(lines, ["2", "3", "4", "5", "6", "7", "8", "9"], "{said}");
        assert!(said.lines().all(|line| line.starts_with(".env: line ")) && !said.contains("hunter2"), "{said}");
    }
}
