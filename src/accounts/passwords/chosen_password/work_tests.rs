//! Tests how much work a check takes at most, in comparisons and lookups, which are the same on every machine.

use proptest::prelude::*;

use super::*;

/// The maximum number of comparisons and lookups of one check. Comparing each core with each word of the calendar would
/// take 5,000,000 for [`crafted`].
const MOST_WORK: usize = 12_000;

/// Parts that are expensive in some step of the check: words of the calendar, decoration that may be letters, letters
/// of other scripts, characters that stand for two or 18 others, separators, rows.
const PIECES: [&str; 30] = [
    "may",
    "mai",
    "marmarz",
    "junejunijulho",
    "in",
    "st",
    "the",
    "7h3",
    "weds",
    "m4y",
    "0ct",
    "57575757",
    "5757575",
    "1!1!1!1!",
    "!5!5!5!",
    "$0$0$0$0",
    "55",
    "!",
    "-_-_",
    " ",
    "а",
    "ах",
    "x",
    "dragon",
    "password",
    "abcqwerty",
    "\u{33cc}",
    "\u{fb06}",
    "\u{fdfa}",
    "\u{247d}",
];

fn crafted() -> String {
    let half = ["57575757", &"may".repeat(10), "аx", "5757575"].concat();
    half.repeat(2)
}

fn work_of(typed: &str) -> usize {
    let typed: String = typed.chars().take(Password::MAX_LENGTH).collect();
    Password::parse(&typed).map_or(0, |password| {
        work::take();
        is_weak(&password);
        work::take()
    })
}

#[derive(Clone, Debug)]
enum Step {
    Add(&'static str),
    AddEight(&'static str),
    Double,
    Mirror,
}

fn step() -> impl Strategy<Value = Step> {
    let piece = || proptest::sample::select(&PIECES[..]);
    prop_oneof![
        4 => piece().prop_map(Step::Add),
        1 => piece().prop_map(Step::AddEight),
        2 => Just(Step::Double),
        1 => Just(Step::Mirror),
    ]
}

fn compose(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |text, step| match step {
        Step::Add(piece) => text + piece,
        Step::AddEight(piece) => text + &piece.repeat(8),
        Step::Double => text.chars().chain(text.chars()).take(Password::MAX_LENGTH).collect(),
        Step::Mirror => text.chars().chain(text.chars().rev()).take(Password::MAX_LENGTH).collect(),
    })
}

#[test]
fn n27_r5_a_crafted_password_takes_little_work() {
    let most = work_of(&crafted());
    assert!(most <= MOST_WORK, "{most}");
    for piece in PIECES {
        for end in ["", "x", "57575757", "1!1!1!1!"] {
            let typed = [end, &piece.repeat(100 / piece.len()), end].concat();
            assert!(work_of(&typed) <= MOST_WORK, "{typed}: {}", work_of(&typed));
        }
    }
}

proptest! {
    #[test]
    fn n27_r5_no_composition_of_expensive_parts_takes_more_work(steps in prop::collection::vec(step(), 1..16)) {
        let typed = compose(&steps);
        let work = work_of(&typed);
        prop_assert!(work <= MOST_WORK, "{}: {}", typed, work);
    }

    #[test]
    fn n27_r5_no_password_leaves_many_readings(steps in prop::collection::vec(step(), 1..16)) {
        let texts = readings(&plain(&compose(&steps)).chars().take(Password::MAX_LENGTH).collect::<String>()).count();
        prop_assert!(texts <= 40, "{}", texts);
    }
}
