//! The axes of an experiment: the lattice of configurations.

use deployment::{Deployment, Problem, SettingValue, Source};
use kareto::DesignSpace;
use kareto::space::{Axis, AxisValue, AxisValues, MOST_LISTED, SpaceError};
use toml::Spanned;

use super::Input;
use crate::file::AxisTable;

/// The axes of the file. An axis of the scale takes the place of the axis with the same name.
pub(super) fn merged(input: &Input<'_>) -> Result<AxisTable, Problem> {
    let of_file = input.file.axes.as_ref().map(Spanned::get_ref);
    let of_scale = input.changes().and_then(|changes| changes.axes.as_ref()).map(Spanned::get_ref);
    let mut merged = of_file.map_or_else(Vec::new, |axes| axes.0.clone());
    let known: Vec<String> = merged.iter().map(|(known, _)| known.get_ref().clone()).collect();
    for (name, values) in of_scale.iter().flat_map(|axes| &axes.0) {
        match merged.iter_mut().find(|(known, _)| known.get_ref() == name.get_ref()) {
            Some(entry) => entry.1 = values.clone(),
            None => {
                let message = format!(
                    "a scale changes the values of axes, and there is no axis `{}`; allowed: {}",
                    name.get_ref(),
                    known.join(", ")
                );
                return Err(input.source.error(name.span(), message, "here"));
            }
        }
    }
    Ok(merged)
}

/// The lattice. Every value of every axis is tried on the system, which afterwards knows all media.
pub(super) fn space(
    source: &Source,
    traces: Vec<Axis>,
    axes: &AxisTable,
    system: &mut Deployment,
) -> Result<DesignSpace, Problem> {
    let mut resolved = traces;
    let mut last = system.clone();
    for (name, values) in axes {
        let key = name.get_ref();
        let expanded = system
            .axis_values(key, values.get_ref())
            .map_err(|message| source.error(name.span(), message, "this axis"))?;
        let wrong = |message: &dyn std::fmt::Display| source.error(values.span(), message, "here");
        let axis = axis(key, &expanded).map_err(|error| wrong(&error))?;
        // Each axis is checked alone, so that a mistake in its values is shown at its place.
        DesignSpace::new(vec![axis.clone()]).map_err(|error| wrong(&error))?;
        for value in positions(&axis) {
            last.set(key, &value).map_err(|message| wrong(&message))?;
        }
        resolved.push(axis);
    }
    for tier in last.tiers.iter().filter(|tier| tier.exists()) {
        tier.bought().map_err(|message| source.error_in_file(message))?;
    }
    system.know_media_of(last);
    DesignSpace::new(resolved).map_err(|error| match error {
        SpaceError::NoAxes => source.error_in_file("a search needs at least one axis in `[axes]`"),
        error => source.error_in_file(error),
    })
}

fn axis(name: &str, values: &deployment::AxisValues) -> Result<Axis, SpaceError> {
    let values = match values {
        deployment::AxisValues::Range { from, to, step } => return Axis::stepped(name, *from, *to, *step),
        deployment::AxisValues::Integers(integers) => AxisValues::Integers(integers.clone()),
        deployment::AxisValues::Names(names) => AxisValues::Categories(names.clone()),
    };
    Ok(Axis { name: name.to_owned(), values })
}

/// The values of an axis, one after the other. Of a range too long to be listed the first ones, and the last.
fn positions(axis: &Axis) -> impl Iterator<Item = SettingValue> + '_ {
    let length = axis.len() as u32;
    let tried = length.min(MOST_LISTED);
    (0..tried).chain((tried < length).then(|| length - 1)).map(|position| match axis.value(position) {
        AxisValue::Integer(value) => SettingValue::Integer(value),
        AxisValue::Category(name) => SettingValue::Name(name.to_owned()),
    })
}
