//! How a problem is shown to a person, and the exit code of the program.

use std::fmt;
use std::path::Path;

use deployment::{Fault, Problem};
use kareto::ArchiveError;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// An error that ends the program.
#[derive(Debug)]
pub(crate) enum CliError {
    /// A problem, and the file that it points into. The file is boxed because most results carry no problem.
    Problem(Problem, Option<Box<NamedSource<String>>>),
    /// The reader of our output has gone away (`| head`). There is no message, and the exit code is 0.
    ReaderGone,
}

impl CliError {
    /// A mistake of the user without a place in a file.
    pub(crate) fn user(message: impl fmt::Display) -> Self {
        Problem::user(message).into()
    }

    /// The same with a second line that helps.
    pub(crate) fn user_with_help(message: impl fmt::Display, help: impl fmt::Display) -> Self {
        Problem::user_with_help(message, help).into()
    }

    /// A failure of the machine.
    pub(crate) fn machine(message: impl fmt::Display) -> Self {
        Problem::machine(message).into()
    }

    /// A failure while writing to standard output.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::machine(format!("standard output: {error}")),
        }
    }

    /// A file or folder that the user named and that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Problem::unreadable(path, error).into()
    }

    /// The exit code: 0 if the reader has gone away, 1 for a failure of the machine, 2 for a mistake of the user.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::ReaderGone => 0,
            Self::Problem(Problem { fault: Fault::Machine, .. }, _) => 1,
            Self::Problem(Problem { fault: Fault::User, .. }, _) => 2,
        }
    }

    fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem, _) => Some(problem),
            Self::ReaderGone => None,
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem().map_or(Ok(()), |problem| problem.fmt(f))
    }
}

impl std::error::Error for CliError {}

impl Diagnostic for CliError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem()?.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match self {
            Self::Problem(_, Some(source)) => Some(&**source),
            _ => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.problem()?.place.as_ref()?;
        let label = LabeledSpan::new_with_span(Some(place.label.clone()), place.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

impl From<Problem> for CliError {
    fn from(problem: Problem) -> Self {
        let place = problem.place.as_ref();
        let source = place.map(|place| Box::new(NamedSource::new(&place.file, place.text.clone())));
        Self::Problem(problem, source)
    }
}

impl From<ArchiveError> for CliError {
    fn from(error: ArchiveError) -> Self {
        experiment::archive_problem(error).into()
    }
}
