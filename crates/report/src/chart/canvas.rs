//! A drawing surface in px over plotters' SVG backend: lines, shapes, markers, text.
//!
//! plotters draws on whole numbers, which bends fine curves; here a px is [`FINE`] of its units, and the finished
//! drawing is scaled back by its view box.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::color::Rgb;
use super::frame::Area;
use super::{STYLE, Size, Svg};

/// Units of the drawing per px.
const FINE: f64 = 10.0;
/// plotters divides a font size by this on its way to SVG.
const PLOTTERS_FONT_RATIO: f64 = 1.24;

/// A position [px] from the upper left corner.
pub(super) type Px = (f64, f64);

/// The shape of a mark, so that series differ by more than colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // shapes say what they are
pub enum Marker {
    Circle,
    Square,
    Diamond,
    Triangle,
    TriangleDown,
    Star,
    Cross,
    Plus,
}

impl Marker {
    /// All of them in the order in which series take them.
    const ALL: [Marker; 8] = [
        Marker::Circle,
        Marker::Square,
        Marker::Triangle,
        Marker::Diamond,
        Marker::Cross,
        Marker::TriangleDown,
        Marker::Plus,
        Marker::Star,
    ];

    /// The marker of the `index`-th series. Colours come round after as many series as markers do, so each round
    /// begins one marker later.
    pub(super) fn of_series(index: usize) -> Marker {
        let count = Marker::ALL.len();
        Marker::ALL[(index + index / count) % count]
    }

    /// Corners on a circle around the middle: (angle in turns from the right going down, share of the radius).
    fn corners(self) -> Vec<(f64, f64)> {
        let regular = |n: u32, start: f64, size: f64| -> Vec<(f64, f64)> {
            (0..n).map(|i| (start + f64::from(i) / f64::from(n), size)).collect()
        };
        match self {
            Marker::Square => regular(4, 0.125, 1.25),
            Marker::Diamond => regular(4, 0.0, 1.35),
            Marker::Triangle => regular(3, 0.75, 1.4),
            Marker::TriangleDown => regular(3, 0.25, 1.4),
            Marker::Star => {
                (0..10u32).map(|i| (0.75 + f64::from(i) / 10.0, if i % 2 == 0 { 1.6 } else { 0.7 })).collect()
            }
            Marker::Circle | Marker::Cross | Marker::Plus => Vec::new(),
        }
    }
}

/// Where a text's position is on the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Center,
    Right,
}

/// Which way a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Level,
    Up,
}

/// How a text looks. Its position is the middle of its height.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) color: Rgb,
    pub(super) anchor: Anchor,
    pub(super) turn: Turn,
    pub(super) bold: Weight,
}

/// How heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Normal,
    Bold,
}

impl Type {
    pub(super) fn new(size: f64, color: Rgb, anchor: Anchor) -> Self {
        Type { size, color, anchor, turn: Turn::Level, bold: Weight::Normal }
    }
    pub(super) fn turned(self) -> Self {
        Type { turn: Turn::Up, ..self }
    }
    pub(super) fn bold(self) -> Self {
        Type { bold: Weight::Bold, ..self }
    }
}

/// A line's or area's colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    pub(super) color: Rgb,
    /// 0 to 1.
    pub(super) alpha: f64,
    /// Width of a line [px].
    pub(super) width: f64,
}

impl Ink {
    pub(super) fn new(color: Rgb, width: f64) -> Self {
        Ink { color, alpha: 1.0, width }
    }
    pub(super) fn alpha(self, alpha: f64) -> Self {
        Ink { alpha, ..self }
    }
    fn style(self, filled: bool) -> ShapeStyle {
        let Rgb(r, g, b) = self.color;
        let stroke_width = (self.width * FINE).round() as u32;
        ShapeStyle { color: RGBColor(r, g, b).mix(self.alpha), filled, stroke_width }
    }
}

/// A layer of a chart being drawn.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

/// A chart being drawn, layer by layer.
pub(super) struct Drawing {
    size: Size,
    body: String,
}

impl Drawing {
    /// A drawing with nothing but its ground.
    pub(super) fn new(size: Size) -> Self {
        let mut drawing = Self { size, body: String::new() };
        let corner = (f64::from(size.width), f64::from(size.height));
        drawing.layer("", |canvas| canvas.rect((0.0, 0.0), corner, Ink::new(Rgb::WHITE, 0.0)));
        drawing
    }

    /// Draws over what is there. With `attributes`, such as a class, the layer is a group that a script finds.
    pub(super) fn layer<T>(&mut self, attributes: &str, draw: impl FnOnce(&mut Canvas<'_>) -> T) -> T {
        let fine = |px: u32| px * FINE as u32;
        let mut text = String::new();
        let sheet = (fine(self.size.width), fine(self.size.height));
        let mut canvas = Canvas { backend: SVGBackend::with_string(&mut text, sheet) };
        let drawn = draw(&mut canvas);
        done(canvas.backend.present());
        drop(canvas);
        let inner = text.split_once('\n').map_or("", |(_, inner)| inner);
        let inner = inner.rfind("</svg>").map_or(inner, |end| &inner[..end]);
        match attributes {
            "" => self.body += inner,
            attributes => self.body += &format!("<g {attributes}>\n{inner}</g>\n"),
        }
        drawn
    }

    /// The document, with `name` as its accessible name.
    pub(super) fn finish(self, name: &str) -> Svg {
        let Size { width, height } = self.size;
        let name = maud::html! { svg aria-label=(name) {} }.into_string();
        let label = name.trim_start_matches("<svg ").trim_end_matches("></svg>");
        Svg(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {} {}\" role=\"img\" {label}>\n{STYLE}{}</svg>\n",
            width * FINE as u32,
            height * FINE as u32,
            self.body
        ))
    }
}

/// An area in the units of the drawing, as an attribute of a layer has it: left, top, right, bottom.
pub(super) fn area_attribute(area: &Area) -> String {
    let [left, top, right, bottom] = [area.left, area.top, area.right, area.bottom].map(|it| it * FINE);
    format!("data-area=\"{left} {top} {right} {bottom}\"")
}

impl Canvas<'_> {
    /// Lets `draw` draw a drawing of one layer, with `name` as its accessible name.
    pub(super) fn draw(size: Size, name: &str, draw: impl FnOnce(&mut Canvas<'_>)) -> Svg {
        let mut drawing = Drawing::new(size);
        drawing.layer("", draw);
        drawing.finish(name)
    }

    pub(super) fn line(&mut self, from: Px, to: Px, ink: Ink) {
        done(self.backend.draw_line(fine(from), fine(to), &ink.style(false)));
    }

    pub(super) fn path(&mut self, points: &[Px], ink: Ink) {
        if points.len() > 1 {
            done(self.backend.draw_path(points.iter().map(|p| fine(*p)), &ink.style(false)));
        }
    }

    pub(super) fn area(&mut self, points: &[Px], ink: Ink) {
        done(self.backend.fill_polygon(points.iter().map(|p| fine(*p)), &ink.style(true)));
    }

    pub(super) fn rect(&mut self, from: Px, to: Px, ink: Ink) {
        done(self.backend.draw_rect(fine(from), fine(to), &ink.style(true), true));
    }

    /// The outline of a rectangle.
    pub(super) fn outline(&mut self, from: Px, to: Px, ink: Ink) {
        self.path(&[from, (to.0, from.1), to, (from.0, to.1), from, (to.0, from.1)], ink);
    }

    pub(super) fn disc(&mut self, at: Px, radius: f64, ink: Ink) {
        done(self.backend.draw_circle(fine(at), (radius * FINE).round() as u32, &ink.style(true), true));
    }

    pub(super) fn ring(&mut self, at: Px, radius: f64, ink: Ink) {
        done(self.backend.draw_circle(fine(at), (radius * FINE).round() as u32, &ink.style(false), false));
    }

    /// A filled marker with an `edge` of another colour, which keeps it apart from what lies below.
    pub(super) fn marker(&mut self, marker: Marker, at: Px, radius: f64, fill: Rgb, edge: Ink) {
        let strokes: &[[Px; 2]] = match marker {
            Marker::Cross => &[[(-1.0, -1.0), (1.0, 1.0)], [(-1.0, 1.0), (1.0, -1.0)]],
            Marker::Plus => &[[(-1.3, 0.0), (1.3, 0.0)], [(0.0, -1.3), (0.0, 1.3)]],
            _ => &[],
        };
        let on = |(x, y): Px, grow: f64| (at.0 + x * (radius + grow), at.1 + y * (radius + grow));
        for (grow, ink) in
            [(edge.width, Ink { width: 2.2 + 2.0 * edge.width, ..edge }), (0.0, Ink::new(fill, 2.2))]
        {
            strokes.iter().for_each(|[a, b]| self.line(on(*a, grow), on(*b, grow), ink));
        }
        if !strokes.is_empty() {
            return;
        }
        if marker == Marker::Circle {
            self.disc(at, radius + edge.width, edge);
            self.disc(at, radius, Ink::new(fill, 0.0));
            return;
        }
        let outline: Vec<Px> = marker
            .corners()
            .into_iter()
            .map(|(turns, share)| {
                let angle = turns * std::f64::consts::TAU;
                (at.0 + radius * share * angle.cos(), at.1 + radius * share * angle.sin())
            })
            .collect();
        self.area(&outline, Ink::new(fill, 0.0));
        let closed: Vec<Px> = outline.iter().chain(outline.iter().take(2)).copied().collect();
        self.path(&closed, edge);
    }

    pub(super) fn text(&mut self, text: &str, at: Px, look: Type) {
        let Rgb(r, g, b) = look.color;
        let h_pos = match look.anchor {
            Anchor::Left => HPos::Left,
            Anchor::Center => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let font = ("sans-serif", (look.size * FINE).round() * PLOTTERS_FONT_RATIO).into_font();
        let font = match look.bold {
            Weight::Normal => font,
            Weight::Bold => font.style(FontStyle::Bold),
        };
        let font = match look.turn {
            Turn::Level => font,
            Turn::Up => font.transform(FontTransform::Rotate270),
        };
        let color = RGBColor(r, g, b);
        let style = TextStyle::from(font).color(&color).pos(Pos::new(h_pos, VPos::Top));
        // Height is set here and not left to the reader's idea of a font's middle: VPos::Top moves the baseline
        // 0.76 em down, and the middle of digits and capitals is about 0.36 em above it.
        let up = (0.76 - 0.36) * look.size;
        let at = match look.turn {
            Turn::Level => (at.0, at.1 - up),
            Turn::Up => (at.0 - up, at.1),
        };
        done(self.backend.draw_text(text, &style, fine(at)));
    }
}

fn fine((x, y): Px) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

/// The backend writes to a string; only a file could fail.
fn done<E: std::fmt::Debug>(result: Result<(), E>) {
    result.expect("drawing into a string cannot fail");
}

/// An upper bound of the width of `text` [px]: widths of a wide sans-serif font by class of letter.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' | ' ' => 0.33,
            'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 0.4,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.97,
            c if c.is_ascii_uppercase() || matches!(c, '=' | '+' | '<' | '>') => 0.74,
            c if c.is_ascii() => 0.62,
            _ => 0.9,
        })
        .sum();
    em * size
}

/// The largest size up to `size` at which `text` is at most `width` wide, but not below 8 px.
pub(super) fn fitting_size(text: &str, size: f64, width: f64) -> f64 {
    let natural = text_width(text, size);
    if natural <= width { size } else { (size * width / natural).max(8.0) }
}

/// Breaks `text` between words into lines at most `width` wide.
pub(super) fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line)
                if text_width(line, size) + text_width(" ", size) + text_width(word, size) <= width =>
            {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
