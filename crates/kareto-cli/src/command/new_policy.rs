//! `kareto new-policy` writes the first file of a policy, and prints the lines that make it known.

use std::path::Path;

use kv_core::policy::{Registry, Role};
use policies::templates::{Place, template};

use crate::args::NewPolicy;
use crate::error::CliError;
use crate::files::write_new;
use crate::output::print;

/// Names that no module can have: words of Rust, and names that the catalogue has already.
const TAKEN: [&str; 44] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "lib", "loop",
    "macro", "main", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
    "struct", "template", "trait", "true", "type", "where",
];

/// Writes the file of a new policy and says what is left to do. It never replaces a file.
pub(super) fn new_policy(args: &NewPolicy, registry: &Registry) -> Result<(), CliError> {
    let role = if args.lease { Role::Lease } else { Role::Eviction };
    let name = &args.name;
    check(name, role, registry)?;
    let catalogue = match role {
        Role::Eviction => "crates/policies/src/eviction",
        _ => "crates/policies/src/lease",
    };
    let folder = args.out.as_deref().unwrap_or(Path::new(catalogue));
    if !folder.is_dir() {
        let message = format!("{}: there is no such folder", folder.display());
        return Err(CliError::user_with_help(
            message,
            "go to the root of Kareto's repository, or name a folder with --out",
        ));
    }
    let table = folder.join("mod.rs");
    let in_catalogue = std::fs::read_to_string(&table).is_ok_and(|text| text.contains("const SPECS"));
    let place = if in_catalogue { Place::Catalogue } else { Place::Outside };
    let module = name.replace('-', "_");
    let path = folder.join(format!("{module}.rs"));
    write_new(&path, &template(role, place, name))?;
    let path = path.display();
    print(&if in_catalogue {
        format!(
            "{path} is written. Two lines make it known, both in {}:\n    mod {module};\n    {module}::SPEC,\nThen: \
             INSTA_UPDATE=always cargo test --release -p policies\n",
            table.display()
        )
    } else {
        format!(
            "{path} is written. Two lines of `main.rs` make it known:\n    mod {module};\n    \
             registries.policies.add({module}::SPEC);\n"
        )
    })
}

fn check(name: &str, role: Role, registry: &Registry) -> Result<(), CliError> {
    let word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !name.split('-').all(word) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(CliError::user(format!(
            "policy name `{name}`; allowed: lower-case letters and digits, words joined by single dashes, a letter first"
        )));
    }
    if TAKEN.contains(&name) {
        return Err(CliError::user(format!(
            "policy name `{name}`; allowed: one that can be a module of its own"
        )));
    }
    if registry.find(role, name).is_some() {
        let known = registry.names(role);
        return Err(CliError::user(format!("there is a policy `{name}` already; allowed: none of {known}")));
    }
    Ok(())
}
