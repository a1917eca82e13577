//! Parses pages like a browser: tags, forms and links.

use std::collections::BTreeMap;

use doorstep::pages::PAGES;
use html_escape::decode_html_entities;

/// Returns the paths of all pages.
pub fn page_paths() -> Vec<String> {
    let paths: Vec<String> = PAGES.iter().map(|page| page.path.to_owned()).collect();
    assert!(paths.iter().any(|path| path == "/account/confirm") && paths.len() > 12, "{paths:?}");
    paths
}

/// The start tag of an element, with unescaped attributes.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

impl Tag {
    fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// A token of a page (HTML, 13.2.5), without end tags and comments.
enum Part<'a> {
    Start(Tag),
    Text(&'a str),
    /// The content of a script or a style.
    Code(&'a str),
}

fn parts(page: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), page);
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = if comment.starts_with('>') { Some(0) } else { comment.find("-->").map(|end| end + 2) };
            rest = end.map_or("", |end| &comment[end + 1..]);
        } else if rest.starts_with("<!") || rest.starts_with("</") {
            rest = rest.split_once('>').map_or("", |(_, rest)| rest);
        } else if rest.starts_with('<') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (tag, after) = tag(&rest[1..]);
            let has_no_elements = ["script", "style", "title", "textarea"].contains(&tag.name.as_str());
            let end =
                if has_no_elements { after.to_ascii_lowercase().find(&format!("</{}", tag.name)) } else { Some(0) };
            let (content, after) = after.split_at(end.unwrap_or(after.len()));
            let is_code = ["script", "style"].contains(&tag.name.as_str());
            parts.extend([Part::Start(tag), if is_code { Part::Code(content) } else { Part::Text(content) }]);
            rest = after;
        } else {
            let end = rest[1..].find('<').map_or(rest.len(), |end| end + 1);
            parts.push(Part::Text(&rest[..end]));
            rest = &rest[end..];
        }
    }
    parts
}

/// Parses a tag from its name on, and returns the rest.
fn tag(text: &str) -> (Tag, &str) {
    let is_space = |c: char| c.is_ascii_whitespace() || c == '/';
    let (name, mut rest) = text.split_at(text.find(|c| is_space(c) || c == '>').unwrap_or(text.len()));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() || rest.starts_with('>') {
            return (Tag { name: name.to_ascii_lowercase(), attributes }, rest.get(1..).unwrap_or_default());
        }
        // An equals sign in the first place is part of the name.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find(|c| is_space(c) || c == '>' || c == '=').map_or(rest.len(), |end| first + end);
        let (key, after) = rest.split_at(end);
        let (value, after) = after.strip_prefix('=').map_or(("", after), value);
        attributes.entry(key.to_ascii_lowercase()).or_insert_with(|| decode_html_entities(value).into_owned());
        rest = after;
    }
}

/// Parses an attribute's value, and returns the rest.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(text) = text.strip_prefix(quote) {
            return text.split_once(quote).unwrap_or((text, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len()))
}

/// Returns the start tags of a page in order.
pub fn tags(page: &str) -> Vec<Tag> {
    let tag = |part| if let Part::Start(tag) = part { Some(tag) } else { None };
    parts(page).into_iter().filter_map(tag).collect()
}

/// Returns the text of a page without tags.
pub fn text(page: &str) -> String {
    let text = parts(page).into_iter().filter_map(|part| if let Part::Text(text) = part { Some(text) } else { None });
    decode_html_entities(&text.collect::<String>()).into_owned()
}

/// Returns the contents of the scripts and styles of a page.
pub fn code(page: &str) -> Vec<&str> {
    parts(page).into_iter().filter_map(|part| if let Part::Code(code) = part { Some(code) } else { None }).collect()
}

/// A form, with the names and values of its fields.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub method: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _)| name == field)
    }
}

/// Returns the forms of a page that have a target.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    for tag in tags(page) {
        let value = |name| tag.attribute(name).to_owned();
        match tag.name.as_str() {
            "form" => forms.push(Form { action: value("action"), method: value("method"), fields: Vec::new() }),
            // A button is sent with its own form only if it has a name.
            "input" | "select" | "textarea" | "button" if tag.attributes.contains_key("name") => {
                let form = forms.last_mut().expect("a field outside of a form");
                if !form.has(tag.attribute("name")) {
                    form.fields.push((value("name"), value("value")));
                }
            }
            _ => {}
        }
    }
    forms.retain(|form| form.method != "dialog");
    forms
}

/// Returns every URL that a page links to or loads.
pub fn urls(page: &str) -> Vec<String> {
    let names = ["href", "src", "srcset", "action", "formaction", "content", "poster", "data", "ping"];
    let attributes = tags(page).into_iter().flat_map(|tag| tag.attributes);
    attributes.filter(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value).collect()
}

#[test]
fn pages_are_read_as_browsers_do() {
    let page = "<!DOCTYPE html><title><a href=x>&lt;</title><FORM Action='/a&amp;b' method=post><input name=\"n\" value='>'>\
                <br/><!-- <img src=no> --></form><img src=x onerror=\"alert(1)\">c<!>d<!-->e</p><script>\"<b>\"</script>";
    let names: Vec<String> = tags(page).into_iter().map(|tag| tag.name).collect();
    assert_eq!(names, ["title", "form", "input", "br", "img", "script"]);
    let [form] = &forms(page)[..] else { panic!("{:?}", forms(page)) };
    assert_eq!((form.action.as_str(), form.method.as_str()), ("/a&b", "post"));
    assert_eq!(form.fields, [("n".to_owned(), ">".to_owned())]);
    assert_eq!(urls(page), ["/a&b", "x"]);
    assert_eq!(text(page), "<a href=x><cde");
    assert_eq!(code(page), ["\"<b>\""]);
}
