//! A design space with one more axis in front: under what each point is evaluated.

use crate::archive::Archive;
use crate::space::{Axis, AxisValues, DesignSpace, Point, SpaceError};

/// The space with an axis of names in front.
///
/// # Errors
/// See [`SpaceError`].
pub fn joint_space(axis: &str, names: &[String], space: &DesignSpace) -> Result<DesignSpace, SpaceError> {
    let first = Axis { name: axis.to_owned(), values: AxisValues::Categories(names.to_vec()) };
    DesignSpace::new(std::iter::once(first).chain(space.axes().iter().cloned()).collect())
}

/// The space without its first axis, and the names on that.
///
/// # Errors
/// A space whose first axis is another one.
pub fn parted(axis: &str, joint: &DesignSpace) -> Result<(Vec<String>, DesignSpace), SpaceError> {
    let wrong = || SpaceError::AxisValues {
        axis: axis.to_owned(),
        what: "it must be the first axis, one of names".to_owned(),
    };
    match joint.axes().split_first() {
        Some((Axis { name, values: AxisValues::Categories(names) }, rest)) if name == axis => {
            Ok((names.clone(), DesignSpace::new(rest.to_vec())?))
        }
        _ => Err(wrong()),
    }
}

/// A point of the space with a position on the axis in front.
#[must_use]
pub fn prepended(position: u32, point: &Point) -> Point {
    Point(std::iter::once(position).chain(point.0.iter().copied()).collect())
}

/// What is evaluated at one position of the first axis, as points of the space without it.
#[must_use]
pub fn slice(joint: &Archive, position: u32) -> Archive {
    let mut archive = joint.empty_like();
    for (point, evaluation) in joint.iter().filter(|(point, _)| point.0.first() == Some(&position)) {
        archive.insert(Point(point.0[1..].to_vec()), evaluation.clone()).expect("a point occurs once");
    }
    archive
}
