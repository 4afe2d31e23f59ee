//! What a new policy's file begins with: a policy that works, to be changed.
//!
//! The texts are source files that are compiled and tested like others. `kareto new-policy` writes them.

use kv_core::policy::Role;

/// Where a new policy's file is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In this crate's catalogue: it may use what other policies are built from.
    Catalogue,
    /// In another crate, which needs `kv-core` alone.
    Outside,
}

const EVICTION: &str = include_str!("eviction/template.rs");
const LEASE: &str = include_str!("lease/template.rs");
const OUTSIDE_EVICTION: &str = include_str!("../examples/outside-policy/src/most_recent.rs");

/// The file of an eviction or lease policy called `name`, which is in lower case with dashes.
///
/// # Panics
/// On another role: routers and schedulers are begun from a file of the catalogue.
#[must_use]
pub fn template(role: Role, place: Place, name: &str) -> String {
    let text = match (role, place) {
        (Role::Eviction, Place::Catalogue) => EVICTION.to_owned(),
        (Role::Lease, Place::Catalogue) => LEASE.to_owned(),
        (Role::Eviction, Place::Outside) => OUTSIDE_EVICTION.replace("most-recent", "new-policy"),
        (Role::Lease, Place::Outside) => outside(LEASE),
        (Role::Router | Role::Scheduler, _) => panic!("there is no template for a {}", role.noun()),
    };
    text.replace("MostRecent", "NewPolicy").replace("NewPolicy", &type_name(name)).replace("new-policy", name)
}

/// A file of the catalogue without what only the catalogue has: its visibility, the revision that the build script makes,
/// and examples that look a policy up by name.
fn outside(text: &str) -> String {
    let mut in_example = false;
    let kept = text.lines().filter(|line| {
        let fence = line.starts_with("//! ```");
        let example = in_example || fence;
        in_example ^= fence;
        !example
    });
    let text: String = kept.flat_map(|line| [line, "\n"]).collect();
    text.replace("//!\n\n", "\n")
        .replace("pub(super) const", "/// The row for the registry.\npub const")
        .replace("crate::revision::of(module_path!())", "kv_core::Revision::Unstated")
}

/// `most-recent` is `MostRecent`.
fn type_name(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('-').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_bears_the_new_name() {
        for role in [Role::Eviction, Role::Lease] {
            for place in [Place::Catalogue, Place::Outside] {
                let text = template(role, place, "least-deep");
                assert!(text.starts_with("//! ") && text.contains("name: \"least-deep\""), "{text}");
                assert!(text.contains("LeastDeep {") && !text.contains("ew-policy"), "{text}");
                assert!(!text.contains("NewPolicy") && !text.contains("most-recent"), "{text}");
            }
        }
        let outside = template(Role::Lease, Place::Outside, "least-deep");
        assert!(!outside.contains("```") && !outside.contains("pub(super)"), "{outside}");
        assert!(!outside.contains("crate::") && outside.contains("Revision::Unstated"), "{outside}");
    }
}
