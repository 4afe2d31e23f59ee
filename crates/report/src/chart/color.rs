//! Colours: an ordered map for values, a set for series, greys for everything else.

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

impl Rgb {
    pub(super) const WHITE: Rgb = Rgb(255, 255, 255);
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
        if self.luminance() < 0.18 { Rgb::WHITE } else { Rgb::INK }
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
    Rgb(170, 80, 140),
    Rgb(90, 96, 104),
    Rgb(225, 150, 0),
    Rgb(75, 165, 220),
    Rgb(24, 28, 33),
];

pub(super) fn of_series(index: usize) -> Rgb {
    SERIES[index % SERIES.len()]
}
