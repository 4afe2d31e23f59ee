//! Which code each policy is made of: its own file, those of the policies that it uses, and what all of them share.

use kv_core::Revision;

mod table {
    // Written by the build script.
    include!(concat!(env!("OUT_DIR"), "/code_revision.rs"));
}

/// The revision of the policy in a file, which calls this with `module_path!()`.
pub(crate) const fn of(module: &str) -> Revision {
    Revision::Code(table::of(module))
}
