//! Colours: an ordered map for values, a set for series, greys for everything else.
//!
//! A drawing is written for a light ground. `dark.css` gives the colours of ground, text and lines another value on a dark
//! screen, by the value that they are written with. A reader of SVG without style sheets shows the light drawing.

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

impl Rgb {
    /// The ground, and edges that keep things apart. Dark on a dark screen.
    pub(super) const WHITE: Rgb = Rgb(255, 255, 255);
    /// Text on a dark colour of a scale. It stays light everywhere.
    const LIGHT: Rgb = Rgb(254, 254, 254);
    /// Text on a light colour of a scale. It stays dark everywhere.
    const BLACK: Rgb = Rgb(23, 27, 32);
    /// Titles, rings, the front.
    pub(super) const INK: Rgb = Rgb(24, 28, 33);
    /// Labels.
    pub(super) const TEXT: Rgb = Rgb(64, 70, 78);
    /// Ticks and frame.
    pub(super) const RULE: Rgb = Rgb(140, 146, 154);
    /// Grid.
    pub(super) const GRID: Rgb = Rgb(228, 231, 235);
    /// Points and cells without a value.
    pub(super) const NONE: Rgb = Rgb(190, 195, 201);
    /// What a chart points at.
    pub(super) const ACCENT: Rgb = Rgb(204, 51, 17);

    /// Relative luminance of WCAG 2, 0 (black) to 1 (white).
    pub(super) fn luminance(self) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// White or near black, whichever reads better on this colour: the two contrasts are equal at a luminance of
    /// sqrt(1.05 * 0.05) - 0.05 = 0.18.
    pub(super) fn readable_on(self) -> Rgb {
        match self {
            // These two change on a dark screen, and the text on them with them.
            Rgb::INK => Rgb::WHITE,
            Rgb::NONE => Rgb::INK,
            _ if self.luminance() < 0.18 => Rgb::LIGHT,
            _ => Rgb::BLACK,
        }
    }
}

/// Viridis (matplotlib, CC0) at every eighth: dark blue to yellow, lightness rising evenly, safe for colour blind
/// readers and in grey.
const VIRIDIS: [Rgb; 9] = [
    Rgb(68, 1, 84),
    Rgb(71, 45, 123),
    Rgb(59, 82, 139),
    Rgb(44, 114, 142),
    Rgb(33, 145, 140),
    Rgb(40, 174, 128),
    Rgb(94, 201, 98),
    Rgb(173, 220, 48),
    Rgb(253, 231, 37),
];

/// The colour at `share` (0 lowest, 1 highest) of a scale.
pub(super) fn viridis(share: f64) -> Rgb {
    let at = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let low = (at.floor() as usize).min(VIRIDIS.len() - 2);
    let (a, b, part) = (VIRIDIS[low], VIRIDIS[low + 1], at - low as f64);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    Rgb(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// Eight colours that colour blind readers tell apart (after Okabe and Ito, yellow left out: too light on white).
/// More series begin again, with other markers.
const SERIES: [Rgb; 8] = [
    Rgb(0, 114, 178),
    Rgb(213, 94, 0),
    Rgb(0, 145, 110),
    Rgb(150, 60, 130),
    Rgb(150, 156, 164),
    Rgb(225, 150, 0),
    Rgb(75, 165, 220),
    Rgb(24, 28, 33),
];

pub(super) fn of_series(index: usize) -> Rgb {
    SERIES[index % SERIES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ground on a dark screen, as `dark.css` has it.
    const NIGHT: Rgb = Rgb(27, 31, 36);

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (a.luminance() + 0.05, b.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// What somebody without red or without green cones sees (Machado, Oliveira and Fernandes 2009, severity 1), linear.
    fn seen(Rgb(r, g, b): Rgb, by: [[f64; 3]; 3]) -> [f64; 3] {
        let of = [r, g, b].map(|it| (f64::from(it) / 255.0).powf(2.2));
        by.map(|row| row.iter().zip(of).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0).powf(1.0 / 2.2))
    }

    #[test]
    fn series_stand_out_on_both_grounds_and_differ_for_colour_blind_readers() {
        const DEUTERANOPIA: [[f64; 3]; 3] =
            [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]];
        const PROTANOPIA: [[f64; 3]; 3] =
            [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]];
        for color in &SERIES[..7] {
            assert!(contrast(*color, NIGHT) > 2.5, "{color:?}: {}", contrast(*color, NIGHT));
            assert!(contrast(*color, Rgb::WHITE) > 2.4, "{color:?}: {}", contrast(*color, Rgb::WHITE));
        }
        for by in [DEUTERANOPIA, PROTANOPIA] {
            for (place, a) in SERIES[..7].iter().enumerate() {
                for b in &SERIES[place + 1..7] {
                    let between =
                        seen(*a, by).iter().zip(seen(*b, by)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                    assert!(between.sqrt() > 0.15, "{a:?} and {b:?}: {}", between.sqrt());
                }
            }
        }
    }

    #[test]
    fn a_dark_screen_turns_every_colour_that_is_no_scale() {
        let css = include_str!("dark.css");
        for Rgb(r, g, b) in [Rgb::WHITE, Rgb::INK, Rgb::TEXT, Rgb::RULE, Rgb::GRID, Rgb::NONE, Rgb::ACCENT] {
            let value = format!("\"#{r:02X}{g:02X}{b:02X}\"");
            assert!(css.contains(&value), "{value}");
        }
    }
}
