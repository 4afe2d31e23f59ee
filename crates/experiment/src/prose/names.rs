//! Refuses names of figures that an experiment does not have, when its file is loaded.

use deployment::{Problem, Source};
use kareto::DesignSpace;

use super::reference::{
    CLAIM_FIELDS, Counted, Piece, Place, Reference, Settings, TRACE_FIELDS, among, pieces,
};

/// The names that an experiment has. `None` where they are known only from the record.
pub(crate) struct Names<'a> {
    /// The axes of the space; values are checked where `values` says so.
    pub(crate) space: Option<&'a DesignSpace>,
    /// Whether the values of the axes are those of the record: at smoke scale they are others.
    pub(crate) values: bool,
    /// The figures of evaluations.
    pub(crate) figures: Option<&'a [String]>,
    /// The ids of the claims.
    pub(crate) claims: Vec<&'a str>,
}

/// Checks every name in an analysis.
///
/// # Errors
/// A name is none, with its place in the file.
pub(crate) fn checked(source: &Source, analysis: &str, names: &Names<'_>) -> Result<(), Problem> {
    let wrong = |raw: &str, message: String| {
        let message = format!("analysis: `{{{raw}}}`: {message}");
        // The file may break the line inside of the braces. Then the place is the file.
        match source.text().find(&format!("{{{raw}")) {
            Some(at) => source.error(at..at + raw.len() + 1, message, "here"),
            None => source.error_in_file(message),
        }
    };
    for piece in pieces(analysis).map_err(|(raw, message)| wrong(&raw, message))? {
        if let Piece::Figure { raw, reference, .. } = piece {
            names.check(&reference).map_err(|message| wrong(&raw, message))?;
        }
    }
    Ok(())
}

impl Names<'_> {
    fn check(&self, reference: &Reference) -> Result<(), String> {
        match reference {
            Reference::Claim { id, field } => {
                among("claim", id, &self.claims)?;
                among("field of a claim", field, &CLAIM_FIELDS)
            }
            Reference::Trace { field } => among("field of a trace", field, &TRACE_FIELDS),
            Reference::Count { of: Counted::Rows(settings) } => self.settings(settings),
            Reference::Count { .. } => Ok(()),
            Reference::At { place, figure } => self.place(place).and_then(|()| self.figure(figure)),
            Reference::Extreme { settings, figure, .. } => {
                self.settings(settings).and_then(|()| self.figure(figure))
            }
            Reference::Change { from, to, figure } => {
                self.place(from)?;
                self.place(to)?;
                self.figure(figure)
            }
        }
    }

    fn place(&self, place: &Place) -> Result<(), String> {
        match place {
            Place::Role(_) => Ok(()),
            Place::Row(settings) => self.settings(settings),
        }
    }

    /// A figure, an axis, or `configuration`.
    fn figure(&self, name: &str) -> Result<(), String> {
        let (Some(figures), Some(space)) = (self.figures, self.space) else { return Ok(()) };
        let axes = space.axes().iter().map(|axis| axis.name.as_str());
        let known: Vec<&str> =
            axes.chain(["configuration"]).chain(figures.iter().map(String::as_str)).collect();
        among("figure", name, &known)
    }

    fn settings(&self, settings: &Settings) -> Result<(), String> {
        let Some(space) = self.space else { return Ok(()) };
        let known: Vec<&str> =
            space.axes().iter().map(|axis| axis.name.as_str()).chain(["scenario"]).collect();
        for (name, value) in settings {
            among("axis", name, &known)?;
            let axis = space.axes().iter().find(|axis| axis.name == *name);
            // A trace may be absent here, and be in the record.
            if let Some(axis) = axis.filter(|axis| self.values && axis.name != "trace") {
                let values: Vec<String> =
                    (0..axis.len() as u32).map(|at| axis.value(at).to_string()).collect();
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                among(&format!("value of {name}"), value, &values)?;
            }
        }
        Ok(())
    }
}
