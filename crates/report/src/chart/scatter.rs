//! Points in a plane, coloured by a third quantity, with a front and labelled marks.

use super::axis::{Axis, Extent, Room, Span};
use super::canvas::{Anchor, Canvas, Drawing, Ink, Marker, Px, Type, area_attribute};
use super::color::{Rgb, of_series, viridis};
use super::frame::{Area, Frame, Key, SMALL_PX, Sample, Side, draw_no_data, most_ticks};
use super::place::{Obstacles, place};
use super::{Join, Size, Svg};
use crate::Error;

/// One point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Along x, in the axis' unit.
    pub x: f64,
    /// Along y, in the axis' unit.
    pub y: f64,
    /// On the colour scale; `None` is drawn grey.
    pub color: Option<f64>,
}

/// Points that stand out: they are ringed, and a line may join them.
#[derive(Debug, Clone, PartialEq)]
pub struct Front {
    /// Its name in the legend.
    pub name: String,
    /// Indices of the points to ring.
    pub ringed: Vec<usize>,
    /// Indices of the points to join, in order; often fewer than are ringed, where the front has a third objective.
    pub joined: Vec<usize>,
    /// How they are joined.
    pub join: Join,
}

/// A labelled mark at a place of its own, such as a baseline or a pick.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Along x.
    pub x: f64,
    /// Along y.
    pub y: f64,
    /// What stands beside it; a few words.
    pub label: String,
    /// Its shape.
    pub marker: Marker,
}

/// A scatter plot.
///
/// ```
/// use report::chart::{Axis, Front, Join, Mark, Marker, Point, Scatter};
///
/// let mut chart = Scatter::new("Cost against latency", Axis::linear("cost [USD]"), Axis::log("mean TTFT [s]"));
/// chart.color = Some(Axis::linear("throughput [tokens/s]"));
/// chart.points = vec![
///     Point { x: 10.0, y: 2.0, color: Some(900.0) },
///     Point { x: 12.0, y: 0.5, color: Some(1200.0) },
/// ];
/// let both = vec![0, 1];
/// chart.front = Some(Front { name: "front".into(), ringed: both.clone(), joined: both, join: Join::Step });
/// chart.marks = vec![Mark { x: 13.0, y: 0.8, label: "fixed 1024 GB".into(), marker: Marker::Star }];
/// assert!(chart.to_svg()?.as_str().starts_with("<svg"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// Above the drawing, and its accessible name.
    pub title: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// The largest value that the vertical axis shows. Points beyond it are triangles at its end, so that a few of them do not
    /// take the room of all others.
    pub y_most: Option<f64>,
    /// Colour scale; `None` draws all points alike.
    pub color: Option<Axis>,
    /// What the points are called in the legend.
    pub points_name: String,
    /// The points.
    pub points: Vec<Point>,
    /// Points that stand out.
    pub front: Option<Front>,
    /// Labelled marks, drawn last.
    pub marks: Vec<Mark>,
    /// How large it is.
    pub size: Size,
}

/// The axes once they know where they run.
struct Spans {
    x: Span,
    y: Span,
    color: Option<Span>,
}

impl Scatter {
    /// A scatter plot without points, of standard size.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Scatter {
            title: title.into(),
            x,
            y,
            y_most: None,
            color: None,
            points_name: "evaluated".to_owned(),
            points: Vec::new(),
            front: None,
            marks: Vec::new(),
            size: Size::STANDARD,
        }
    }

    /// Draws it.
    ///
    /// # Errors
    /// [`Error::NotFinite`] and [`Error::NotPositive`] (on a logarithmic axis) name the point or mark;
    /// [`Error::NoSuchPoint`] for an index of the front; [`Error::TooWide`]; [`Error::BadSize`].
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.size.check(&self.title)?;
        self.check_front()?;
        let spans = self.spans()?;
        let frame = Frame {
            title: self.title.clone(),
            keys: self.keys(),
            x: Side::values(&self.x.label, &spans.x),
            y: Side::values(&self.y.label, &spans.y),
            colors: match (&self.color, &spans.color) {
                (Some(axis), Some(span)) => Some(Side::values(&axis.label, span)),
                _ => None,
            },
        };
        let mut drawing = Drawing::new(self.size);
        let area = frame.draw_apart(&mut drawing, self.size);
        let color = spans.color.as_ref().map_or_else(String::new, |it| it.attribute("color"));
        let (x, y) = (spans.x.attribute("x"), spans.y.attribute("y"));
        let beyond = self.y_most.map_or_else(String::new, |most| format!(" data-most=\"{most}\""));
        let attributes = format!("class=\"points\" {}{x}{y}{color}{beyond}", area_attribute(&area));
        drawing.layer(&attributes, |canvas| self.draw_data(canvas, &area, &spans));
        Ok(drawing.finish(&self.title))
    }

    fn check_front(&self) -> Result<(), Error> {
        let Some(front) = &self.front else { return Ok(()) };
        match front.ringed.iter().chain(&front.joined).find(|i| **i >= self.points.len()) {
            Some(&index) => {
                let (chart, series, points) = (self.title.clone(), front.name.clone(), self.points.len());
                Err(Error::NoSuchPoint { chart, series, index, points })
            }
            None => Ok(()),
        }
    }

    fn spans(&self) -> Result<Spans, Error> {
        let (most_x, most_y) = most_ticks(self.size);
        let mut x = Extent::new(&self.title, &self.x)?;
        let mut y = Extent::new(&self.title, &self.y)?;
        for (i, point) in self.points.iter().enumerate() {
            x.add(point.x, i, || format!("x of `{}`", self.points_name))?;
            y.add(self.shown_y(point.y), i, || format!("y of `{}`", self.points_name))?;
        }
        for (i, mark) in self.marks.iter().enumerate() {
            x.add(mark.x, i, || format!("x of mark `{}`", mark.label))?;
            y.add(mark.y, i, || format!("y of mark `{}`", mark.label))?;
        }
        let color = match &self.color {
            None => None,
            Some(axis) => {
                let mut extent = Extent::new(&self.title, axis)?;
                for (i, value) in self.points.iter().enumerate().filter_map(|(i, p)| Some((i, p.color?))) {
                    extent.add(value, i, || format!("colour of `{}`", self.points_name))?;
                }
                Some(extent.span(Room::None, most_y)?)
            }
        };
        Ok(Spans { x: x.span(Room::Some, most_x)?, y: y.span(Room::Some, most_y)?, color })
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        if !self.points.is_empty() {
            let color = if self.color.is_some() { viridis(0.45) } else { of_series(0) };
            keys.push(Key::new(&self.points_name, Sample::Disc(color)));
        }
        if self.points.iter().any(|point| self.is_beyond(point.y)) {
            keys.push(Key::new("beyond the axis", Sample::Beyond));
        }
        if let Some(front) = &self.front {
            keys.push(Key::new(
                &front.name,
                if front.joined.len() > 1 { Sample::RingedLine } else { Sample::Ringed },
            ));
        }
        keys
    }

    fn is_beyond(&self, y: f64) -> bool {
        self.y_most.is_some_and(|most| y > most)
    }

    /// Where a value stands on the vertical axis.
    fn shown_y(&self, y: f64) -> f64 {
        // A value that is not finite stays what it is, and is refused.
        if self.is_beyond(y) && y.is_finite() { self.y_most.unwrap_or(y) } else { y }
    }

    fn draw_data(&self, canvas: &mut Canvas<'_>, area: &Area, spans: &Spans) {
        let at = |x: f64, y: f64| area.at(spans.x.share(x), spans.y.share(y));
        let places: Vec<Px> = self.points.iter().map(|p| at(p.x, self.shown_y(p.y))).collect();
        if places.is_empty() && self.marks.is_empty() {
            draw_no_data(canvas, area);
            return;
        }
        let line: Vec<Px> = match &self.front {
            Some(front) => front.join.path(&front.joined.iter().map(|i| places[*i]).collect::<Vec<_>>()),
            None => Vec::new(),
        };
        // Many points are drawn smaller. The front comes last: other points must not hide it.
        let radius = if self.points.len() > 150 { 3.2 } else { 4.2 };
        let ringed: Vec<usize> = self.front.iter().flat_map(|f| f.ringed.iter().copied()).collect();
        (0..places.len())
            .filter(|i| !ringed.contains(i))
            .for_each(|i| self.draw_point(canvas, i, places[i], spans, radius));
        canvas.path(&line, Ink::new(Rgb::INK, 1.6));
        for &i in &ringed {
            self.draw_point(canvas, i, places[i], spans, radius);
            canvas.ring(places[i], radius + 1.9, Ink::new(Rgb::INK, 1.5));
        }
        let ringed: Vec<Px> = ringed.iter().map(|i| places[*i]).collect();
        let important: Vec<Px> = ringed.iter().chain(&along(&line)).copied().collect();
        self.draw_marks(canvas, area, &at, &Obstacles { points: &places, important: &important });
    }

    fn draw_point(&self, canvas: &mut Canvas<'_>, index: usize, at: Px, spans: &Spans, radius: f64) {
        let fill = match (&spans.color, self.points[index].color) {
            (Some(span), Some(value)) => viridis(span.share(value)),
            (Some(_), None) => Rgb::NONE,
            (None, _) => of_series(0),
        };
        let shape = if self.is_beyond(self.points[index].y) { Marker::Triangle } else { Marker::Circle };
        canvas.marker(shape, at, radius, fill, Ink::new(Rgb::INK, 0.7).alpha(0.55));
    }

    fn draw_marks(
        &self,
        canvas: &mut Canvas<'_>,
        area: &Area,
        at: &impl Fn(f64, f64) -> Px,
        obstacles: &Obstacles<'_>,
    ) {
        let labels: Vec<(Px, &str)> = self.marks.iter().map(|m| (at(m.x, m.y), m.label.as_str())).collect();
        let places = place(&labels, obstacles, area);
        for ((mark_at, _), label) in labels.iter().zip(&places) {
            canvas.line(*mark_at, label.nearest(*mark_at), Ink::new(Rgb::INK, 1.0));
        }
        for ((mark_at, _), mark) in labels.iter().zip(&self.marks) {
            canvas.marker(mark.marker, *mark_at, 6.5, Rgb::ACCENT, Ink::new(Rgb::WHITE, 1.4));
        }
        for ((_, text), label) in labels.iter().zip(&places) {
            let ground = Ink::new(Rgb::WHITE, 0.0).alpha(0.85);
            canvas.rect((label.left, label.top), (label.right, label.bottom), ground);
            canvas.text(text, label.center(), Type::new(SMALL_PX, Rgb::INK, Anchor::Center));
        }
    }
}

/// Places every few px along a line, for labels to keep clear of.
fn along(line: &[Px]) -> Vec<Px> {
    line.windows(2)
        .flat_map(|w| {
            let (a, b) = (w[0], w[1]);
            let steps = ((b.0 - a.0).hypot(b.1 - a.1) / 12.0).ceil().max(1.0) as u32;
            (0..=steps).map(move |i| {
                let share = f64::from(i) / f64::from(steps);
                (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share)
            })
        })
        .collect()
}
