//! Tests of names.

use super::*;

fn parsed(typed: &str) -> String {
    PersonName::parse(typed).unwrap().as_str().to_owned()
}

#[test]
fn a_name_is_trimmed_and_otherwise_kept() {
    assert_eq!(parsed("  Zoë O’Neil-Łuk "), "Zoë O’Neil-Łuk");
}

#[test]
fn a_blank_name_a_long_name_and_a_control_character_give_different_errors() {
    assert_eq!(PersonName::parse(" \t "), Err(FieldError::Required));
    assert_eq!(PersonName::parse(&"é".repeat(101)), Err(FieldError::TooLong));
    assert!(PersonName::parse(&"é".repeat(100)).is_ok());
    assert_eq!(PersonName::parse("a\u{1b}[31mb"), Err(FieldError::Malformed));
}

#[test]
fn n27_a_name_of_only_invisible_characters_counts_as_missing() {
    for typed in ["\u{200b}\u{200b}", "\u{3164}", "\u{2800}", "\u{200d}\u{fe0f}", "\u{ad} \u{feff}", "\u{115f}\u{1160}"]
    {
        assert_eq!(PersonName::parse(typed), Err(FieldError::Required), "{typed:?}");
    }
}

#[test]
fn n27_a_name_needs_a_character_that_is_visible_by_itself() {
    for typed in [
        "\u{16fe4}",
        "\u{1107f}",
        "\u{2d7f}",
        "\u{13430}",
        "\u{13441}",
        "\u{1d159}",
        "\u{301}",
        "\u{20dd}",
        "\u{301}\u{200d} \u{20dd}",
        "\u{93f}",
        &"\u{301}".repeat(100),
    ] {
        assert_eq!(PersonName::parse(typed), Err(FieldError::Required), "{typed:?}");
    }
}

#[test]
fn n27_a_name_has_no_code_points_without_a_character() {
    for c in ['\u{ffff}', '\u{fdd0}', '\u{10ffff}', '\u{378}'] {
        for typed in [c.to_string(), format!("Ada{c}"), format!("A{c}da")] {
            assert_eq!(PersonName::parse(&typed), Err(FieldError::Malformed), "{typed:?}");
        }
    }
}

#[test]
fn n27_direction_marks_are_removed_except_beside_right_to_left_letters() {
    for mark in ["\u{200e}", "\u{200f}", "\u{61c}"] {
        assert_eq!(parsed(&format!("A{mark}da")), "Ada");
        assert_eq!(parsed(&format!("A{}da {mark}Lovelace", mark.repeat(20))), "Ada Lovelace");
        assert_eq!(parsed(&format!("李{mark}小")), "李小");
        assert_eq!(parsed(&format!("דוד{} ב", mark.repeat(20))), format!("דוד{mark} ב"));
        assert_eq!(parsed(&format!("{mark}דוד{mark}")), "דוד");
    }
    assert_eq!(parsed("A\u{2d7f}\u{1107f}\u{13430}\u{1d159}\u{16fe4}da"), "Ada");
}

#[test]
fn n27_a_name_cannot_change_the_direction_or_the_lines_of_the_text_around_it() {
    for c in
        ['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2028}', '\u{2029}']
    {
        assert_eq!(PersonName::parse(&format!("Ada{c}moc.live")), Err(FieldError::Malformed), "{c:?}");
    }
    // The override and its end are at the ends of the name, where they are trimmed.
    assert_eq!(parsed("\u{202a}Ada\u{202c}"), "Ada");
    assert_eq!(PersonName::parse("Ada\u{85}Lovelace"), Err(FieldError::Malformed));
}

#[test]
fn n27_invisible_characters_that_spell_nothing_are_removed() {
    assert_eq!(parsed("\u{feff}A\u{200b}d\u{ad}a\u{200d}\u{2060}"), "Ada");
    assert_eq!(parsed("A\u{200d}da"), parsed("Ada"));
    assert_eq!(parsed("Jose\u{200b}\u{301}"), "José");
    assert_eq!(parsed("Ada\u{e0041}\u{e0042}"), "Ada");
}

#[test]
fn n27_a_name_of_another_system_is_cleaned() {
    let cleaned = |text: &str| PersonName::cleaned(text).map(|name| name.as_str().to_owned());
    assert_eq!(cleaned("Bob \u{202e}moc.live").as_deref(), Some("Bob moc.live"));
    assert_eq!(cleaned("Bob\r\nYour account is closed").as_deref(), Some("Bob Your account is closed"));
    assert_eq!(cleaned(&"é".repeat(300)), Some("é".repeat(100)));
    assert_eq!(cleaned("\u{200b} \n"), None);
}

#[test]
fn n27_names_of_all_scripts_stay_as_they_are() {
    for name in [
        "क्‍षमा",
        "می‌نا",
        "ශ්‍රී",
        "ന്‍",
        "👩‍👩‍👧 Family",
        "❤️",
        "👩🏽‍🚀",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        "葛\u{e0100}城",
        "דוד\u{200e} (David)",
        "Nguyễn Thị Ánh",
        "ᠮᠣᠩᠭᠣᠯ",
        "O\u{a0}Brien",
        "محمد\u{200f} (Mo)",
        "ⴰ\u{2d7f}ⴱ",
        "\u{13000}\u{13430}\u{13001}",
        "José María Núñez-Ñandú",
        "Ẹ̀kọ́ Ọlá",
        "अनुष्का शर्मा",
        "น้ำฝน ใจดี",
        "ဒေါ်အောင်ဆန်း",
        "ელენე",
        "Աննա",
        "ሰላም",
        "ᏣᎳᎩ",
        "김민준",
        "𞤀𞤣𞤢𞤥",
    ] {
        let kept = PersonName::parse(name).unwrap();
        assert_eq!(kept.as_str(), crate::platform::nfc(name), "{name:?}");
    }
}
