//! What surrounds the data: title, legend, axes with grid, colour bar. Everything here has its own room, so nothing
//! covers the data.

use super::Size;
use super::axis::Span;
use super::canvas::{Anchor, Canvas, Drawing, Ink, Marker, Px, Type, fitting_size, text_width, wrapped};
use super::color::{Rgb, viridis};

const PAD: f64 = 14.0;
const TITLE_PX: f64 = 15.0;
/// Bold letters are wider.
const BOLD_WIDER: f64 = 1.14;
const LABEL_PX: f64 = 13.0;
pub(super) const SMALL_PX: f64 = 12.5;
const TICK_LENGTH: f64 = 5.0;
const BAR_WIDTH: f64 = 14.0;

/// A rectangle [px].
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }
    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }
    /// The place at these shares of width (from the left) and height (from below).
    pub(super) fn at(&self, x: f64, y: f64) -> Px {
        (self.left + x * self.width(), self.bottom - y * self.height())
    }
}

/// Most labelled ticks that a drawing of this size has room for, along x and y.
pub(super) fn most_ticks(size: Size) -> (usize, usize) {
    ((size.width as usize / 90).clamp(3, 7), (size.height as usize / 55).clamp(3, 7))
}

/// One axis as it is drawn: places are shares of its length.
pub(super) struct Side {
    pub(super) label: String,
    ticks: Vec<(f64, String)>,
    minor: Vec<f64>,
    kind: SideKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SideKind {
    Values,
    Categories,
}

impl Side {
    pub(super) fn values(label: &str, span: &Span) -> Self {
        let ticks = span.ticks.iter().map(|t| (span.share(t.value), t.label.clone())).collect();
        let minor = span.minor.iter().map(|v| span.share(*v)).collect();
        Side { label: label.to_owned(), ticks, minor, kind: SideKind::Values }
    }

    pub(super) fn categories(label: &str, names: &[String]) -> Self {
        let share = |i: usize| (i as f64 + 0.5) / names.len() as f64;
        let ticks = names.iter().enumerate().map(|(i, name)| (share(i), name.clone())).collect();
        Side { label: label.to_owned(), ticks, minor: Vec::new(), kind: SideKind::Categories }
    }

    fn widest(&self) -> f64 {
        self.ticks.iter().map(|(_, label)| text_width(label, SMALL_PX)).fold(0.0, f64::max)
    }

    /// Labels below an axis `width` long: long names in several lines, and only every second, fourth ... where
    /// they are many.
    fn labels_below(&self, width: f64) -> Vec<(f64, Vec<String>)> {
        let slot = width / self.ticks.len().max(1) as f64 - 6.0;
        let broken = |label: &str| match self.kind {
            SideKind::Values => vec![label.to_owned()],
            SideKind::Categories => wrapped(label, SMALL_PX, slot),
        };
        let labels: Vec<(f64, Vec<String>)> =
            self.ticks.iter().map(|(at, label)| (*at, broken(label))).collect();
        let widest = labels.iter().flat_map(|(_, l)| l).map(|l| text_width(l, SMALL_PX)).fold(0.0, f64::max);
        let every = match self.kind {
            SideKind::Values => 1,
            SideKind::Categories => {
                (((widest + 8.0) / (slot + 6.0)).ceil() as usize).max(1).next_power_of_two()
            }
        };
        labels.into_iter().step_by(every).collect()
    }
}

/// How a legend shows an entry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sample {
    Disc(Rgb),
    Beyond,
    Ringed,
    RingedLine,
    Line(Rgb, Option<Marker>),
    Swatch(Rgb),
    Framed,
}

/// A legend entry.
pub(super) struct Key {
    pub(super) text: String,
    pub(super) sample: Sample,
}

impl Key {
    pub(super) fn new(text: impl Into<String>, sample: Sample) -> Self {
        Key { text: text.into(), sample }
    }
    fn width(&self) -> f64 {
        30.0 + text_width(&self.text, SMALL_PX) + 14.0
    }
}

/// Everything around the data.
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) keys: Vec<Key>,
    pub(super) x: Side,
    pub(super) y: Side,
    pub(super) colors: Option<Side>,
}

impl Frame {
    /// Draws it and returns the area for the data.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, size: Size) -> Area {
        let (area, below) = self.draw_around(canvas, size);
        self.draw_along_x(canvas, &area, &below);
        area
    }

    /// The same in two layers: `x-ticks` has what depends on where the horizontal axis runs.
    pub(super) fn draw_apart(&self, drawing: &mut Drawing, size: Size) -> Area {
        let (area, below) = drawing.layer("", |canvas| self.draw_around(canvas, size));
        drawing.layer("class=\"x-ticks\"", |canvas| self.draw_along_x(canvas, &area, &below));
        area
    }

    /// Everything but the ticks and grid of the horizontal axis.
    fn draw_around(&self, canvas: &mut Canvas<'_>, size: Size) -> (Area, Vec<(f64, Vec<String>)>) {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let top = self.draw_head(canvas, width) + 8.0;
        let left = PAD + LABEL_PX + 8.0 + self.y.widest() + TICK_LENGTH + 3.0;
        let right = width - PAD - self.room_right();
        let below = self.x.labels_below(right - left);
        let lines = below.iter().map(|(_, lines)| lines.len()).max().unwrap_or(1).max(1);
        let bottom = height - PAD - LABEL_PX - 7.0 - lines as f64 * 14.0 - TICK_LENGTH;
        let area = Area { left, top, right: right.max(left + 40.0), bottom: bottom.max(top + 40.0) };
        self.draw_grid(canvas, &area);
        self.draw_labels(canvas, &area, height);
        if let Some(colors) = &self.colors {
            draw_color_bar(canvas, &area, colors);
        }
        (area, below)
    }

    fn room_right(&self) -> f64 {
        let last = self.x.ticks.last().map_or(0.0, |(_, label)| text_width(label, SMALL_PX) / 2.0);
        match &self.colors {
            Some(colors) => 16.0 + BAR_WIDTH + TICK_LENGTH + 3.0 + colors.widest() + 8.0 + LABEL_PX,
            None if self.x.kind == SideKind::Values => last.min(24.0),
            None => 4.0,
        }
    }

    /// Title and legend; returns where they end.
    fn draw_head(&self, canvas: &mut Canvas<'_>, width: f64) -> f64 {
        let mut y = PAD + 6.0;
        for line in wrapped(&self.title, TITLE_PX * BOLD_WIDER, width - 2.0 * PAD) {
            canvas.text(&line, (PAD, y), Type::new(TITLE_PX, Rgb::INK, Anchor::Left).bold());
            y += 20.0;
        }
        if self.keys.is_empty() {
            return y - 10.0;
        }
        y += 3.0;
        let mut x = PAD;
        for key in &self.keys {
            if x > PAD && x + key.width() > width - PAD {
                (x, y) = (PAD, y + 18.0);
            }
            draw_sample(canvas, key.sample, (x + 12.0, y));
            let size = fitting_size(&key.text, SMALL_PX, width - 2.0 * PAD - 30.0);
            canvas.text(&key.text, (x + 28.0, y), Type::new(size, Rgb::TEXT, Anchor::Left));
            x += key.width();
        }
        y + 9.0
    }

    fn draw_grid(&self, canvas: &mut Canvas<'_>, area: &Area) {
        let faint = Ink::new(Rgb::GRID, 0.5);
        let grid = Ink::new(Rgb::GRID, 1.0);
        for share in &self.y.minor {
            canvas.line(area.at(0.0, *share), area.at(1.0, *share), faint);
        }
        if self.y.kind == SideKind::Values {
            for (share, _) in &self.y.ticks {
                canvas.line(area.at(0.0, *share), area.at(1.0, *share), grid);
            }
        }
        let rule = Ink::new(Rgb::RULE, 1.0);
        canvas.line(area.at(0.0, 0.0), area.at(1.0, 0.0), rule);
        canvas.line(area.at(0.0, 0.0), area.at(0.0, 1.0), rule);
    }

    fn draw_along_x(&self, canvas: &mut Canvas<'_>, area: &Area, below: &[(f64, Vec<String>)]) {
        let rule = Ink::new(Rgb::RULE, 1.0);
        for share in &self.x.minor {
            canvas.line(area.at(*share, 0.0), area.at(*share, 1.0), Ink::new(Rgb::GRID, 0.5));
        }
        if self.x.kind == SideKind::Values {
            for (share, _) in &self.x.ticks {
                canvas.line(area.at(*share, 0.0), area.at(*share, 1.0), Ink::new(Rgb::GRID, 1.0));
            }
        }
        for (share, lines) in below {
            let (x, y) = area.at(*share, 0.0);
            canvas.line((x, y), (x, y + TICK_LENGTH), rule);
            for (i, line) in lines.iter().enumerate() {
                let at = (x, y + TICK_LENGTH + 9.0 + 14.0 * i as f64);
                canvas.text(line, at, Type::new(SMALL_PX, Rgb::TEXT, Anchor::Center));
            }
        }
    }

    fn draw_labels(&self, canvas: &mut Canvas<'_>, area: &Area, height: f64) {
        let rule = Ink::new(Rgb::RULE, 1.0);
        // Names beside a short axis: as many as have 14 px each.
        let slot = area.height() / self.y.ticks.len().max(1) as f64;
        let every = ((14.0 / slot).ceil() as usize).max(1).next_power_of_two();
        for (share, label) in self.y.ticks.iter().step_by(every) {
            let (x, y) = area.at(0.0, *share);
            canvas.line((x - TICK_LENGTH, y), (x, y), rule);
            let look = Type::new(SMALL_PX, Rgb::TEXT, Anchor::Right);
            canvas.text(label, (x - TICK_LENGTH - 3.0, y), look);
        }
        let center = f64::midpoint(area.left, area.right);
        let size = fitting_size(&self.x.label, LABEL_PX, 2.0 * (center - PAD));
        canvas.text(&self.x.label, (center, height - PAD - 2.0), Type::new(size, Rgb::INK, Anchor::Center));
        let middle = f64::midpoint(area.top, area.bottom);
        let size = fitting_size(&self.y.label, LABEL_PX, area.height() + 40.0);
        let look = Type::new(size, Rgb::INK, Anchor::Center).turned();
        canvas.text(&self.y.label, (PAD + LABEL_PX / 2.0, middle), look);
    }
}

fn draw_sample(canvas: &mut Canvas<'_>, sample: Sample, at: Px) {
    let edge = Ink::new(Rgb::WHITE, 0.0);
    match sample {
        Sample::Disc(color) => canvas.disc(at, 4.5, Ink::new(color, 0.0)),
        Sample::Beyond => canvas.marker(Marker::Triangle, at, 4.5, viridis(0.45), edge),
        Sample::Ringed | Sample::RingedLine => {
            if matches!(sample, Sample::RingedLine) {
                canvas.line((at.0 - 12.0, at.1), (at.0 + 12.0, at.1), Ink::new(Rgb::INK, 1.6));
            }
            canvas.disc(at, 3.5, Ink::new(Rgb::NONE, 0.0));
            canvas.ring(at, 5.5, Ink::new(Rgb::INK, 1.5));
        }
        Sample::Line(color, marker) => {
            canvas.line((at.0 - 11.0, at.1), (at.0 + 11.0, at.1), Ink::new(color, 2.0));
            if let Some(marker) = marker {
                canvas.marker(marker, at, 4.0, color, edge);
            }
        }
        Sample::Framed => {
            canvas.outline((at.0 - 9.0, at.1 - 6.0), (at.0 + 9.0, at.1 + 6.0), Ink::new(Rgb::ACCENT, 2.5));
        }
        Sample::Swatch(color) => {
            canvas.rect((at.0 - 9.0, at.1 - 6.0), (at.0 + 9.0, at.1 + 6.0), Ink::new(color, 0.0));
        }
    }
}

fn draw_color_bar(canvas: &mut Canvas<'_>, area: &Area, colors: &Side) {
    const STEPS: u32 = 48;
    let (left, right) = (area.right + 16.0, area.right + 16.0 + BAR_WIDTH);
    let y = |share: f64| area.at(0.0, share).1;
    for i in 0..STEPS {
        let (low, high) = (f64::from(i) / f64::from(STEPS), f64::from(i + 1) / f64::from(STEPS));
        // Each step reaches half a px under the next one drawn, so that no seam shows.
        let over = if i == 0 { 0.0 } else { 0.5 };
        let color = viridis(f64::midpoint(low, high));
        canvas.rect((left, y(high)), (right, y(low) + over), Ink::new(color, 0.0));
    }
    canvas.outline((left, y(1.0)), (right, y(0.0)), Ink::new(Rgb::RULE, 1.0));
    for (share, label) in &colors.ticks {
        let at = (right, y(*share));
        canvas.line(at, (at.0 + TICK_LENGTH, at.1), Ink::new(Rgb::RULE, 1.0));
        canvas.text(label, (at.0 + TICK_LENGTH + 3.0, at.1), Type::new(SMALL_PX, Rgb::TEXT, Anchor::Left));
    }
    let x = right + TICK_LENGTH + 3.0 + colors.widest() + 8.0 + LABEL_PX / 2.0;
    let size = fitting_size(&colors.label, LABEL_PX, area.height() + 40.0);
    let look = Type::new(size, Rgb::INK, Anchor::Center).turned();
    canvas.text(&colors.label, (x, f64::midpoint(area.top, area.bottom)), look);
}

/// The note in place of data.
pub(super) fn draw_no_data(canvas: &mut Canvas<'_>, area: &Area) {
    canvas.text("no data", area.at(0.5, 0.5), Type::new(LABEL_PX, Rgb::TEXT, Anchor::Center));
}
