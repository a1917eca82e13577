//! Tests of the tokens of links.

use proptest::prelude::*;

use super::*;

fn tokens() -> LinkTokens {
    LinkTokens::new(Zeroizing::new([1; 32]))
}

fn written() -> (CustomerId, EmailAddress, String) {
    let (customer, to) = (CustomerId::from_bytes([2; 12]), EmailAddress::parse("ada@x.test").unwrap());
    let token = tokens().write(LinkPurpose::ResetPassword, customer, &to, LinkId([3; 16]));
    (customer, to, token.to_string())
}

#[test]
fn v2_a_token_is_valid_only_unaltered_and_for_its_address() {
    let (customer, to, token) = written();
    let is_good = |tokens: &LinkTokens, token: &str, to: &EmailAddress| {
        LinkTokens::parse(token).is_some_and(|shown| tokens.made(&shown, LinkPurpose::ResetPassword, to))
    };
    assert!(is_good(&tokens(), &token, &to));
    assert_eq!(LinkTokens::parse(&token).unwrap().customer, customer);
    assert!(!is_good(&tokens(), &token, &EmailAddress::parse("eve@x.test").unwrap()));
    assert!(!is_good(&LinkTokens::new(Zeroizing::new([9; 32])), &token, &to));
    for position in 0..token.len() {
        let mut altered = token.clone().into_bytes();
        altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
        assert!(!is_good(&tokens(), str::from_utf8(&altered).unwrap(), &to), "{position}");
    }
}

#[test]
fn a_code_is_six_digits_however_they_are_typed_and_of_one_link_and_address() {
    let (customer, to, _) = written();
    let hash = LinkId([3; 16]).hash();
    let code = tokens().code(customer, &to, hash);
    let written = code.to_string();
    assert_eq!(written.len(), 6);
    for typed in [
        written.clone(),
        format!(" {} {}", &written[..3], &written[3..]),
        format!("{}-{}", &written[..3], &written[3..]),
    ] {
        assert_eq!(Code::parse(&typed), Some(code), "{typed}");
    }
    for typed in ["", "12345", "1234567", "12345a", "12345½", "12.456", "١٢٣٤٥"] {
        assert_eq!(Code::parse(typed), None, "{typed}");
    }
    assert_eq!(Code::parse("000007"), Some(Code(7)));
    assert_ne!(code, tokens().code(customer, &EmailAddress::parse("eve@x.test").unwrap(), hash));
    assert_ne!(code, tokens().code(customer, &to, LinkId([4; 16]).hash()));
    assert_eq!(format!("{code:?}"), "Code(***)");
}

#[test]
fn a_code_may_have_the_digits_of_any_script_and_characters_that_cannot_be_seen() {
    for typed in [
        "１２３４５６",
        "１２３ ４５６",
        "١٢٣٤٥٦",
        "۱۲۳۴۵۶",
        "१२३४५६",
        "𝟏𝟐𝟑𝟒𝟓𝟔",
        "\u{a9d1}\u{a9d2}\u{a9d3}\u{a9d4}\u{a9d5}\u{a9d6}",
        "\u{200b}123\u{200b}456\u{200b}",
        "\u{200f}123456\u{200e}",
        "\u{2067}123456\u{2069}",
        "\u{feff}123\u{a0}456",
        "123\u{202f}456\u{ad}",
        "123\u{2011}456",
        "123–456",
        "123－456",
        "123\u{2212}456\r\n",
    ] {
        assert_eq!(Code::parse(typed), Some(Code(123_456)), "{typed:?}");
    }
}

proptest! {
    #[test]
    fn a_code_is_the_same_in_any_script_and_with_anything_invisible(
        number in 0..Code::COUNT,
        zeros in prop::collection::vec(prop::sample::select(vec!['0', '０', '٠', '۰', '०', '০', '᭐', '𝟘']), Code::DIGITS),
        between in prop::collection::vec("[ \u{a0}\u{200b}-\u{200f}\u{2060}\u{ad}-]{0,2}", Code::DIGITS),
    ) {
        let code = Code(number);
        let digits = code.to_string().bytes().zip(zeros).map(|(digit, zero)| {
            char::from_u32(u32::from(zero) + u32::from(digit - b'0')).unwrap()
        }).collect::<Vec<_>>();
        let parts = digits.into_iter().zip(between).flat_map(|(digit, between)| [between, digit.to_string()]);
        let typed: String = parts.collect();
        prop_assert_eq!(Code::parse(&typed), Some(code), "{:?}", typed);
    }
}

#[test]
fn n9_x4_a_link_and_a_code_of_the_previous_key_are_still_valid() {
    let (customer, to, token) = written();
    let [one, other] = [Zeroizing::new([1; 32]), Zeroizing::new([2; 32])];
    let both = LinkTokens::new(DerivedKeys::new(other.clone(), Some(one)));
    assert!(both.made(&LinkTokens::parse(&token).unwrap(), LinkPurpose::ResetPassword, &to));
    let hash = LinkId([3; 16]).hash();
    assert!(both.is_code(customer, &to, hash, tokens().code(customer, &to, hash)));
    let (new, code) =
        (both.write(LinkPurpose::ResetPassword, customer, &to, LinkId([3; 16])), both.code(customer, &to, hash));
    let after = LinkTokens::new(other);
    assert!(after.made(&LinkTokens::parse(&new).unwrap(), LinkPurpose::ResetPassword, &to));
    assert!(after.is_code(customer, &to, hash, code) && !tokens().is_code(customer, &to, hash, code));
}

#[test]
fn n5_n9_a_link_is_known_to_the_ticket_that_requested_it_and_to_no_other() {
    let [ticket, other] = [[1; 32], [2; 32]].map(TicketHash::from_bytes);
    let at = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let hash = tokens().requested_by(ticket, at).hash();
    let previous = LinkTokens::new(DerivedKeys::new(Zeroizing::new([2; 32]), Some(Zeroizing::new([1; 32]))));
    for keys in [tokens(), previous] {
        assert!(keys.is_requested_by(ticket, at, hash));
        assert!(!keys.is_requested_by(other, at, hash));
        assert!(!keys.is_requested_by(ticket, at + time::Duration::MILLISECOND, hash));
    }
    assert!(!LinkTokens::new(Zeroizing::new([2; 32])).is_requested_by(ticket, at, hash));
}

#[test]
fn a_token_is_valid_only_for_its_purpose() {
    let (_, to, token) = written();
    let shown = LinkTokens::parse(&token).unwrap();
    assert!(!tokens().made(&shown, LinkPurpose::VerifyEmail, &to));
}

#[test]
fn a_token_never_prints_itself() {
    assert_eq!(format!("{:?}", LinkId([3; 16])), "LinkId(***)");
}

proptest! {
    #[test]
    fn garbage_is_no_token(text in ".{0,120}") {
        let (_, to, _) = written();
        let shown = LinkTokens::parse(&text);
        prop_assert!(!shown.is_some_and(|shown| tokens().made(&shown, LinkPurpose::ResetPassword, &to)));
    }
}
