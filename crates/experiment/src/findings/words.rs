//! A configuration in words.

use kareto::space::AxisValue;
use kareto::{DesignSpace, Point};

/// A point as a person would describe it: the tiers that it has, and those that it lacks.
#[must_use]
pub fn words(space: &DesignSpace, point: &Point) -> String {
    let settings = space.axes().iter().zip(space.values(point)).map(|(axis, value)| {
        let name = axis.name.as_str();
        match (value, name.strip_suffix("_gib"), name.strip_suffix("_lease_s")) {
            (AxisValue::Integer(0), Some(tier), _) | (AxisValue::Integer(0), _, Some(tier)) => {
                format!("no {tier}")
            }
            (AxisValue::Integer(gib), Some(tier), _) => format!("{gib} GiB of {tier}"),
            (AxisValue::Integer(seconds), _, Some(tier)) => format!("{tier} with a lease of {seconds} s"),
            (AxisValue::Integer(1), ..) if name == "instances" => "1 instance".to_owned(),
            (AxisValue::Integer(count), ..) if name == "instances" => format!("{count} instances"),
            (value, ..) => format!("{} {value}", name.replace('_', " ")),
        }
    });
    settings.collect::<Vec<_>>().join(", ")
}
