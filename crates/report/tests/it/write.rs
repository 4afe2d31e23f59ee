//! A file is written whole or not at all, and a failure has its name. More of it is held by the crate `whole-file`.

use std::fs;
use std::path::Path;

use report::write_atomically;

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_and_nothing_is_left_beside_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("front.csv");
    write_atomically(&path, b"old, and longer").expect("written");
    write_atomically(&path, b"new").expect("written");
    assert_eq!(fs::read(&path).expect("read"), b"new");
    assert_eq!(names_in(directory.path()), ["front.csv"]);
}

#[test]
fn a_failure_names_the_path_and_leaves_what_was_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let absent = directory.path().join("absent/front.csv");
    let error = write_atomically(&absent, b"x").expect_err("no such directory").to_string();
    assert!(error.starts_with(&format!("cannot write {}: ", absent.display())), "{error}");

    // A directory in the way: the bytes are written, the rename fails, the temporary file goes.
    let taken = directory.path().join("taken");
    fs::create_dir_all(taken.join("inner")).expect("directories");
    write_atomically(&taken, b"x").expect_err("a directory is not replaced");
    assert_eq!(names_in(directory.path()), ["taken"]);

    write_atomically(Path::new("/"), b"x").expect_err("no file name");
}
