//! Is a file there whole or not at all, and is nothing else destroyed?
#![cfg(unix)]

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use whole_file::{regular_target, write, write_new};

fn bytes(path: &Path, text: &str) -> io::Result<()> {
    write(path, |file| file.write_all(text.as_bytes()))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_regular_file_is_replaced_and_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    bytes(&path, "one").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let mut before = fs::File::open(&path).unwrap();
    bytes(&path, "two").unwrap();
    let mut text = String::new();
    before.read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), fs::read_to_string(&path).unwrap().as_str()), ("one", "two"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(names(folder.path()), ["a"]);
}

#[test]
fn an_error_leaves_the_old_file_and_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    bytes(&path, "one").unwrap();
    let failed = write(&path, |file| {
        file.write_all(b"half")?;
        Err(io::Error::other("no more"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "no more");
    let panicked = std::panic::catch_unwind(|| write(&path, |_| panic!("in the middle")));
    assert!(panicked.is_err());
    assert_eq!(
        (fs::read_to_string(&path).unwrap().as_str(), names(folder.path())),
        ("one", vec!["a".to_owned()])
    );
}

#[test]
fn a_link_stays_a_link_and_its_target_gets_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("far")).unwrap();
    fs::write(at("far/file"), "one").unwrap();
    symlink("far/file", at("near")).unwrap();
    symlink("near", at("nearer")).unwrap();
    symlink("far/new", at("dangling")).unwrap();
    bytes(&at("nearer"), "two").unwrap();
    bytes(&at("dangling"), "three").unwrap();
    for link in ["near", "nearer", "dangling"] {
        assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
    }
    assert_eq!(fs::read_to_string(at("far/file")).unwrap(), "two");
    assert_eq!(fs::read_to_string(at("far/new")).unwrap(), "three");
    assert_eq!(names(&at("far")), ["file", "new"]);
    symlink("round", at("about")).unwrap();
    symlink("about", at("round")).unwrap();
    assert!(bytes(&at("round"), "x").unwrap_err().to_string().contains("symbolic links"));
    assert_eq!(regular_target(&at("nearer")).unwrap().unwrap(), at("far/file"));
}

#[test]
fn devices_pipes_and_links_to_them_are_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let made = Command::new("mkfifo").arg(at("pipe")).status().unwrap();
    assert!(made.success());
    symlink("pipe", at("link")).unwrap();
    symlink("/dev/null", at("nowhere")).unwrap();
    let pipe = at("pipe");
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    bytes(&at("link"), "through").unwrap();
    assert_eq!(reader.join().unwrap(), "through");
    assert!(fs::symlink_metadata(at("pipe")).unwrap().file_type().is_fifo());
    bytes(&at("nowhere"), "gone").unwrap();
    bytes(Path::new("/dev/null"), "gone").unwrap();
    assert!(fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device());
    assert_eq!(names(folder.path()), ["link", "nowhere", "pipe"]);
    assert_eq!(regular_target(Path::new("/dev/stdout")).unwrap(), None);
    if Path::new("/dev/full").exists() {
        assert_eq!(bytes(Path::new("/dev/full"), "x").unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}

#[test]
fn a_folder_is_no_file_and_a_new_file_takes_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    for wrong in [folder.path(), &folder.path().join("b/"), Path::new("/"), Path::new("")] {
        assert!(bytes(wrong, "x").is_err(), "{}", wrong.display());
    }
    assert!(names(folder.path()).is_empty());
    write_new(&path, b"one").unwrap();
    symlink("nothing", folder.path().join("link")).unwrap();
    for taken in [path, folder.path().join("link")] {
        assert_eq!(write_new(&taken, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
    assert_eq!(names(folder.path()), ["a", "link"]);
}
