//! The packages that a crate's code uses, with the versions that Cargo.lock has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// Packages that carry text about and cannot change a figure. Whatever is not in this list counts.
const SILENT: [&str; 7] = ["thiserror", "serde", "serde_json", "toml", "memchr", "rayon", "whole-file"];

/// The nearest Cargo.lock above each folder.
///
/// The lock of a build is in the folder of its workspace: above the crate, or, where the crate comes from elsewhere, most
/// often above the output folder. Both count.
pub(crate) fn lock_files(folders: &[&Path]) -> Vec<PathBuf> {
    let nearest =
        |folder: &Path| folder.ancestors().map(|above| above.join("Cargo.lock")).find(|path| path.is_file());
    let found: BTreeSet<PathBuf> = folders.iter().copied().filter_map(nearest).collect();
    found.into_iter().collect()
}

/// Name, version and origin of every package that the code of `package` uses, and of those that these use, sorted;
/// nothing where the lock does not know it. Packages that are `stated` are left out with all that only they use.
pub(crate) fn locked(
    manifest: &Path,
    lock: &Path,
    package: &str,
    stated: &[String],
) -> Result<Vec<String>, String> {
    let direct = direct(&table(manifest)?);
    let lock = table(lock)?;
    let packages: Vec<&Table> = lock
        .get("package")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_table)
        .collect();
    let left_out = |name: &str| SILENT.contains(&name) || stated.iter().any(|known| known == name);
    let own = packages.iter().copied().filter(|it| text(it, "name") == package && !it.contains_key("source"));
    let mut todo: Vec<&str> =
        own.flat_map(dependencies).filter(|dependency| direct.contains(name(dependency))).collect();
    let mut found = BTreeSet::new();
    while let Some(dependency) = todo.pop() {
        if left_out(name(dependency)) {
            continue;
        }
        for used in packages.iter().copied().filter(|it| is(it, dependency)) {
            let Some(source) = used.get("source").and_then(Value::as_str) else {
                return Err(format!(
                    "{}: `{}` is a dependency by path, whose version does not name its code; allowed: one that is \
                     `stated` in build.rs because its own revision is in the records too",
                    manifest.display(),
                    name(dependency)
                ));
            };
            let line = [text(used, "name"), text(used, "version"), source, text(used, "checksum")].join(" ");
            if found.insert(line) {
                todo.extend(dependencies(used));
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The names of the dependencies of a manifest's code that are not optional.
fn direct(manifest: &Table) -> BTreeSet<String> {
    let of_targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = of_targets.filter_map(Value::as_table).chain([manifest]);
    let dependencies = tables.filter_map(|table| table.get("dependencies")?.as_table()).flatten();
    let name = |(key, value): (&String, &Value)| {
        let given = |what: &str| value.as_table().and_then(|table| table.get(what));
        let optional = given("optional").and_then(Value::as_bool).unwrap_or(false);
        let renamed = given("package").and_then(Value::as_str);
        (!optional).then(|| renamed.unwrap_or(key).to_owned())
    };
    dependencies.filter_map(name).collect()
}

fn table(path: &Path) -> Result<Table, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.parse().map_err(|error| format!("{}: {error}", path.display()))
}

fn text<'a>(package: &'a Table, key: &str) -> &'a str {
    package.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn dependencies(package: &Table) -> impl Iterator<Item = &str> {
    package.get("dependencies").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The name of a dependency as a lock writes it: `name`, `name version` or `name version (source)`.
fn name(dependency: &str) -> &str {
    dependency.split(' ').next().unwrap_or(dependency)
}

fn is(package: &Table, dependency: &str) -> bool {
    let mut words = dependency.split(' ');
    let mut same =
        |key: &str| words.next().is_none_or(|word| word.trim_matches(['(', ')']) == text(package, key));
    same("name") && same("version") && same("source")
}

#[cfg(test)]
mod tests;
