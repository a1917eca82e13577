//! The shop's colour, and the shades derived from it that are readable on light and dark backgrounds (WCAG 2.2, 1.4.3).

use std::{fmt, str::FromStr};

use palette::{FromColor, Oklch, Srgb, color_difference::Wcag21RelativeContrast};

/// The minimum contrast of text (WCAG 2.2, 1.4.3).
const READABLE: f32 = 4.5;
/// The change in lightness on hover, in Oklch, where lightness goes from 0 to 1.
const HOVER: f32 = 0.06;
const WHITE: Accent = Accent(Srgb::new(255, 255, 255));
const BLACK: Accent = Accent(Srgb::new(0, 0, 0));

/// The page background, light and dark: `--paper` in `style/tokens.css`.
pub const PAPER: [Accent; 2] = [Accent(Srgb::new(0xfa, 0xf7, 0xf0)), Accent(Srgb::new(0x14, 0x18, 0x16))];

/// A colour, written as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent(Srgb<u8>);

impl FromStr for Accent {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if !text.starts_with('#') || text.len() != 7 || !text.is_ascii() {
            return Err(());
        }
        text.parse().map(Self).map_err(drop)
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0.red, self.0.green, self.0.blue)
    }
}

impl Accent {
    /// Returns the contrast ratio, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f32 {
        self.0.into_format::<f32>().relative_contrast(other.0.into_format())
    }

    /// Returns the same hue with its lightness changed by `by`.
    fn lighter(self, by: f32) -> Self {
        let mut colour = Oklch::from_color(self.0.into_format::<f32>());
        colour.l = (colour.l + by).clamp(0.0, 1.0);
        let shade: Srgb<f32> = Srgb::from_color(colour);
        Self(shade.into_format())
    }

    /// Returns the nearest shade that is readable on `paper`.
    fn readable_on(self, paper: Self) -> Self {
        let step = if paper.contrast(WHITE) < paper.contrast(BLACK) { -0.01 } else { 0.01 };
        let mut shade = self;
        // The loop ends at black or white, which is readable on both backgrounds.
        for _ in 0..100 {
            if shade.contrast(paper) >= READABLE {
                break;
            }
            shade = shade.lighter(step);
        }
        shade
    }
}

/// The accent's shades for one background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// The background of the main button.
    pub accent: Accent,
    /// The same on hover.
    pub accent_hover: Accent,
    /// The text on both.
    pub on_accent: Accent,
    /// Links.
    pub link: Accent,
}

/// The accent's shades, light and dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub light: Shades,
    pub dark: Shades,
}

impl Theme {
    /// Returns the theme of an accent. On a light background the accent itself is unchanged, and links become readable.
    #[must_use]
    pub fn of(accent: Accent) -> Self {
        let [light, dark] = PAPER;
        let on_dark = accent.readable_on(dark);
        Self { light: shades(accent, accent.readable_on(light)), dark: shades(on_dark, on_dark) }
    }

    /// Returns CSS with the tokens that these shades replace.
    #[must_use]
    pub fn css(&self) -> String {
        // The illustrated doors use the accent itself, in light and dark.
        let (frame, panel) = (self.light.accent, self.light.accent_hover);
        let drawn = format!("--frame:{frame};--panel:{panel}");
        format!(":root{{{};{drawn}}}@media (prefers-color-scheme:dark){{:root{{{};{drawn}}}}}", self.light, self.dark)
    }
}

fn shades(accent: Accent, link: Accent) -> Shades {
    // One of the two always has a contrast of at least 4.58.
    let on_accent = if accent.contrast(WHITE) >= READABLE { WHITE } else { BLACK };
    let away = if on_accent == WHITE { -HOVER } else { HOVER };
    Shades { accent, accent_hover: accent.lighter(away), on_accent, link }
}

/// Writes the shades as custom properties.
impl fmt::Display for Shades {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accent, accent_hover, on_accent, link } = self;
        write!(f, "--accent:{accent};--accent-hover:{accent_hover};--on-accent:{on_accent};--link:{link}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_accent_is_six_hex_digits() {
        assert_eq!("#17594A".parse::<Accent>().unwrap().to_string(), "#17594a");
        for text in ["", "17594a", "#175", "#17594", "#17594g", "green", "#17594a;", "##17594", "#1é94a"] {
            assert!(text.parse::<Accent>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_paper_colours_are_those_of_the_style_sheet() {
        let style = include_str!("../../style/tokens.css");
        for paper in PAPER {
            assert!(style.contains(&format!("--paper: {paper};")), "{paper}");
        }
    }

    #[test]
    fn a_readable_shade_stays_unchanged() {
        let green: Accent = "#17594a".parse().unwrap();
        let theme = Theme::of(green);
        assert_eq!((theme.light.accent, theme.light.link, theme.light.on_accent), (green, green, WHITE));
        assert_ne!(theme.dark.accent, green);
        let yellow = Theme::of("#ffe600".parse().unwrap());
        assert_eq!((yellow.light.accent.to_string(), yellow.light.on_accent), ("#ffe600".to_owned(), BLACK));
        assert_ne!(yellow.light.link, yellow.light.accent);
    }

    proptest! {
        #[test]
        fn text_is_readable_with_any_accent_colour(red: u8, green: u8, blue: u8) {
            let theme = Theme::of(Accent(Srgb::new(red, green, blue)));
            for (Shades { accent, accent_hover, on_accent, link }, paper) in [(theme.light, PAPER[0]), (theme.dark, PAPER[1])] {
                prop_assert!(link.contrast(paper) >= READABLE, "{link} on {paper}");
                prop_assert!(on_accent.contrast(accent) >= READABLE, "{on_accent} on {accent}");
                prop_assert!(on_accent.contrast(accent_hover) >= READABLE, "{on_accent} on {accent_hover}");
            }
        }
    }
}
