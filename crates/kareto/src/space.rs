//! The design space: a lattice of configurations, and points of it.
//!
//! An axis is an ordered list of integers in the axis's own unit, which its name ends with (`dram_gib`,
//! `disk_lease_s`), or a list of categories. A point is a vector of positions on the axes. What an axis *means*
//! to the simulator is not known here: the evaluator reads the values by name.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One direction of the design space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// Name with the unit last; lower-case letters, digits and `_`.
    pub name: String,
    /// What the axis can be set to.
    pub values: AxisValues,
}

/// The settings of an axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AxisValues {
    /// Strictly increasing integers in the axis's unit.
    Integers(Vec<i64>),
    /// The same, where they are too many to be listed: `first`, `first + step`, ..., `count` of them. The step is positive.
    Steps {
        /// The least value.
        first: i64,
        /// From one value to the next.
        step: i64,
        /// How many values there are.
        count: u32,
    },
    /// Distinct names without an order; letters, digits and `_ . + -`.
    Categories(Vec<String>),
}

/// The setting of one axis at one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AxisValue<'a> {
    /// In the axis's unit.
    Integer(i64),
    /// A category by name.
    Category(&'a str),
}

/// A point of a [`DesignSpace`]: the position on every axis, in the order of the axes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point(pub Vec<u32>);

impl Point {
    /// Whether the point lies in the box between two others, both included.
    #[must_use]
    pub fn is_between(&self, first: &Self, last: &Self) -> bool {
        let ends = first.0.iter().zip(&last.0);
        ends.zip(&self.0).all(|((first, last), at)| first <= at && at <= last)
    }
}

/// A lattice of configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesignSpace {
    /// Shared, so that a copy of a space costs nothing.
    axes: Arc<[Axis]>,
    size: usize,
}

/// A design space that cannot be built, or a point that is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpaceError {
    /// No axis at all.
    #[error("a design space has at least one axis")]
    NoAxes,
    /// An axis name that a key could not hold, or that occurs twice.
    #[error("axis name `{name}` is not usable: write distinct names of lower-case letters, digits and `_`")]
    AxisName {
        /// The name.
        name: String,
    },
    /// Values that are empty, repeated, unordered or not writable in a key.
    #[error("axis `{axis}`: {what}")]
    AxisValues {
        /// The axis.
        axis: String,
        /// What is wrong and what is allowed.
        what: String,
    },
    /// More points than can be counted.
    #[error("the design space has more than {} points", u32::MAX)]
    TooLarge,
    /// An axis was given no value, or a value for an axis that is not there.
    #[error("axis `{axis}`: {what}; the axes are {known}")]
    Lookup {
        /// The axis asked for.
        axis: String,
        /// What is wrong.
        what: String,
        /// The axes there are.
        known: String,
    },
}

/// The longest range whose values are listed one by one.
pub const MOST_LISTED: u32 = 4096;

impl Axis {
    /// An axis of the integers `first`, `first + step`, ... up to `last` at most.
    ///
    /// # Errors
    /// A step that is not positive, or `last` below `first`.
    pub fn stepped(name: &str, first: i64, last: i64, step: i64) -> Result<Self, SpaceError> {
        if step <= 0 || last < first {
            let what = format!(
                "{first}..={last} step {step} is empty; the step is positive and the end not below the start"
            );
            return Err(SpaceError::AxisValues { axis: name.to_owned(), what });
        }
        let count = last.abs_diff(first) / step.unsigned_abs();
        let count = u32::try_from(count).ok().and_then(|it| it.checked_add(1)).ok_or(SpaceError::TooLarge)?;
        let values = match count {
            0..=MOST_LISTED => {
                AxisValues::Integers((0..i64::from(count)).map(|index| first + index * step).collect())
            }
            _ => AxisValues::Steps { first, step, count },
        };
        Ok(Self { name: name.to_owned(), values })
    }

    /// An axis of named categories.
    #[must_use]
    pub fn categories(name: &str, values: &[&str]) -> Self {
        let values = AxisValues::Categories(values.iter().map(|&value| value.to_owned()).collect());
        Self { name: name.to_owned(), values }
    }

    /// Number of settings.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.values {
            AxisValues::Integers(values) => values.len(),
            AxisValues::Steps { count, .. } => *count as usize,
            AxisValues::Categories(values) => values.len(),
        }
    }

    /// Whether the axis has no setting, which a [`DesignSpace`] refuses.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the settings have an order, so that "more" and "between" mean something.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        !matches!(self.values, AxisValues::Categories(_))
    }

    /// The setting at a position.
    ///
    /// # Panics
    /// If the position is beyond the axis.
    #[must_use]
    pub fn value(&self, position: u32) -> AxisValue<'_> {
        match &self.values {
            AxisValues::Integers(values) => AxisValue::Integer(values[position as usize]),
            AxisValues::Steps { first, step, count } => {
                assert!(position < *count, "position {position} of an axis of {count} values");
                AxisValue::Integer(first + i64::from(position) * step)
            }
            AxisValues::Categories(values) => AxisValue::Category(&values[position as usize]),
        }
    }

    /// The position of a setting as [`AxisValue`] writes it; none for any other text.
    fn position(&self, text: &str) -> Option<u32> {
        let found = match &self.values {
            AxisValues::Integers(values) => values.binary_search(&text.parse().ok()?).ok()?,
            AxisValues::Steps { first, step, .. } => {
                let above = i128::from(text.parse::<i64>().ok()?) - i128::from(*first);
                usize::try_from(above / i128::from(*step)).ok()?
            }
            AxisValues::Categories(values) => values.iter().position(|value| value == text)?,
        };
        // Not every text of a number is the one that is written, and between steps there is nothing.
        let position = u32::try_from(found).ok().filter(|_| found < self.len())?;
        (self.value(position).to_string() == text).then_some(position)
    }

    fn check(&self) -> Result<(), SpaceError> {
        let error = |what: String| Err(SpaceError::AxisValues { axis: self.name.clone(), what });
        if self.is_empty() {
            return error("no values; give at least one".to_owned());
        }
        match &self.values {
            AxisValues::Integers(values) => match values.windows(2).find(|pair| pair[1] <= pair[0]) {
                Some(pair) => error(format!("{} follows {}; integers must increase", pair[1], pair[0])),
                None => Ok(()),
            },
            AxisValues::Steps { first, step, count } => {
                let last = step.checked_mul(i64::from(*count) - 1).and_then(|it| first.checked_add(it));
                match last.filter(|_| *step > 0) {
                    Some(_) => Ok(()),
                    None => error(format!(
                        "{count} steps of {step} from {first}; steps are positive, and end below 2^63"
                    )),
                }
            }
            AxisValues::Categories(values) => {
                for (index, value) in values.iter().enumerate() {
                    let writable = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
                    if value.is_empty() || !value.chars().all(writable) {
                        return error(format!(
                            "category `{value}` must be made of letters, digits and `_ . + -`"
                        ));
                    }
                    if values[..index].contains(value) {
                        return error(format!("category `{value}` occurs twice"));
                    }
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for AxisValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Category(name) => name.fmt(f),
        }
    }
}

impl fmt::Display for Point {
    /// Positions in brackets, such as `[4 2]`; [`DesignSpace::key`] writes the settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let positions: Vec<_> = self.0.iter().map(u32::to_string).collect();
        write!(f, "[{}]", positions.join(" "))
    }
}

impl DesignSpace {
    /// The lattice over these axes.
    ///
    /// # Errors
    /// See [`SpaceError`].
    pub fn new(axes: Vec<Axis>) -> Result<Self, SpaceError> {
        if axes.is_empty() {
            return Err(SpaceError::NoAxes);
        }
        let mut size = 1_u32;
        for (index, axis) in axes.iter().enumerate() {
            let writable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let repeated = axes[..index].iter().any(|other| other.name == axis.name);
            if axis.name.is_empty() || repeated || !axis.name.chars().all(writable) {
                return Err(SpaceError::AxisName { name: axis.name.clone() });
            }
            axis.check()?;
            let len = u32::try_from(axis.len()).map_err(|_| SpaceError::TooLarge)?;
            size = size.checked_mul(len).ok_or(SpaceError::TooLarge)?;
        }
        Ok(Self { axes: axes.into(), size: size as usize })
    }

    /// The axes, in the order of a point's positions.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Number of points.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The point at a place of the lexicographic order: the last axis moves fastest.
    ///
    /// # Panics
    /// If the place is not below [`Self::size`].
    #[must_use]
    pub fn point(&self, mut place: usize) -> Point {
        assert!(place < self.size, "place {place} of a space of {} points", self.size);
        let mut positions = vec![0; self.axes.len()];
        for (position, axis) in positions.iter_mut().zip(&*self.axes).rev() {
            *position = (place % axis.len()) as u32;
            place /= axis.len();
        }
        Point(positions)
    }

    /// The place of a point in the lexicographic order; the inverse of [`Self::point`].
    ///
    /// # Panics
    /// If the point is not of this space.
    #[must_use]
    pub fn place(&self, point: &Point) -> usize {
        assert!(self.contains(point), "{point:?} is not a point of this space");
        point
            .0
            .iter()
            .zip(&*self.axes)
            .fold(0, |place, (&position, axis)| place * axis.len() + position as usize)
    }

    /// Whether the point has a position on every axis of this space.
    #[must_use]
    pub fn contains(&self, point: &Point) -> bool {
        point.0.len() == self.axes.len()
            && point.0.iter().zip(&*self.axes).all(|(&position, axis)| (position as usize) < axis.len())
    }

    /// The first and the last point in lexicographic order: the corners of the box that is the whole space.
    #[must_use]
    pub fn corners(&self) -> [Point; 2] {
        [0, self.size - 1].map(|place| self.point(place))
    }

    /// All points in lexicographic order.
    pub fn points(&self) -> impl ExactSizeIterator<Item = Point> + '_ {
        (0..self.size).map(|place| self.point(place))
    }

    /// The settings of a point, in the order of the axes.
    ///
    /// # Panics
    /// If the point is not of this space.
    #[must_use]
    pub fn values(&self, point: &Point) -> Vec<AxisValue<'_>> {
        self.axes.iter().zip(&point.0).map(|(axis, &position)| axis.value(position)).collect()
    }

    /// The point written out, such as `dram_gib=512,disk_lease_s=600`: stable, so fit for records.
    ///
    /// # Panics
    /// If the point is not of this space.
    #[must_use]
    pub fn key(&self, point: &Point) -> String {
        let settings = self.axes.iter().zip(self.values(point));
        settings.map(|(axis, value)| format!("{}={value}", axis.name)).collect::<Vec<_>>().join(",")
    }

    /// The point that a key written by [`Self::key`] names; the order of the settings does not matter.
    ///
    /// # Errors
    /// [`SpaceError::Lookup`] for an axis that is unknown, given twice, or left out, and for a value off the lattice.
    pub fn parse_key(&self, key: &str) -> Result<Point, SpaceError> {
        let mut positions = vec![None; self.axes.len()];
        for setting in key.split(',') {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            let lookup = |what: String| self.lookup_error(name, what);
            let index = self.axes.iter().position(|axis| axis.name == name);
            let index = index.ok_or_else(|| lookup("there is no such axis".to_owned()))?;
            let found = self.axes[index].position(value);
            let found = found.ok_or_else(|| lookup(format!("`{value}` is not on the lattice")))?;
            if positions[index].replace(found).is_some() {
                return Err(lookup("it is given twice".to_owned()));
            }
        }
        let missing = |index: usize| self.lookup_error(&self.axes[index].name, "it is not given".to_owned());
        let positions =
            positions.into_iter().enumerate().map(|(index, found)| found.ok_or_else(|| missing(index)));
        Ok(Point(positions.collect::<Result<_, _>>()?))
    }

    fn lookup_error(&self, axis: &str, what: String) -> SpaceError {
        let known = self.axes.iter().map(|axis| axis.name.as_str()).collect::<Vec<_>>().join(", ");
        SpaceError::Lookup { axis: axis.to_owned(), what, known }
    }
}
