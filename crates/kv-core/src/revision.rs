//! Which code a part of the program is made of, as its author states it.

/// What names the code of a part that is registered, such as a policy.
///
/// A record keeps the revisions of the code that made it, and answers only where they are the same today. So a part whose
/// figures may change MUST have another revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// Names of all the code that the part consists of, beside `kv-core` and the simulator. A build script makes them from
    /// the tokens of the source (`code-revision`).
    Code(&'static [&'static str]),
    /// The author states none. The file of the running program stands for the part: any change of any code counts, and a
    /// comment may count too.
    Unstated,
}

impl Revision {
    /// This one, or `program` where the author states none.
    #[must_use]
    pub fn or(self, program: &'static [&'static str]) -> Self {
        match self {
            Self::Code(_) => self,
            Self::Unstated => Self::Code(program),
        }
    }
}
