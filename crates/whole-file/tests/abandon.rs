//! Does a dying program leave anything behind? In a file of its own, for it stops all writing of its process.

use std::io::Write as _;
use std::sync::mpsc::channel;

#[test]
fn what_is_not_finished_is_removed_and_nothing_is_begun_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let count = || std::fs::read_dir(folder.path()).unwrap().count();
    let path = folder.path().join("a");
    let (begun, wait_for_begun) = channel();
    let (go_on, wait_to_go_on) = channel();
    let path = &path;
    let result = std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let result = whole_file::write(path, move |file| {
                file.write_all(b"half")?;
                begun.send(()).unwrap();
                wait_to_go_on.recv().unwrap();
                Ok(())
            });
            result.unwrap_err()
        });
        wait_for_begun.recv().unwrap();
        assert_eq!(count(), 1);
        let abandoned = whole_file::abandon();
        assert_eq!(count(), 0);
        go_on.send(()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!writer.is_finished(), "it waits for the end");
        drop(abandoned);
        writer.join().unwrap()
    });
    assert_eq!((result.kind(), count()), (std::io::ErrorKind::NotFound, 0));
}
