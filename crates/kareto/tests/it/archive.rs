//! Does an archive survive being killed at any byte, refuse what is foreign, give back the same bits, and answer only for
//! the code that made it?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use kareto::archive::{LoadedArchive, Opened, merge_files, read_file};
use kareto::{Archive, ArchiveError, ArchiveStore, Axis, DesignSpace, Evaluation, Point};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::functions::{evaluation, objectives};

fn space() -> DesignSpace {
    let axes = vec![
        Axis::stepped("dram_gib", 0, 512, 256).unwrap(),
        Axis::categories("medium", &["nvme", "essd-pl1"]),
    ];
    DesignSpace::new(axes).unwrap()
}

fn with_p99(ttft: f64, p99: f64) -> Evaluation {
    Evaluation {
        objectives: objectives(ttft, 5.0, 7.5),
        metrics: BTreeMap::from([("ttft_s_p99".to_owned(), p99)]),
    }
}

fn point(dram: u32, medium: u32) -> Point {
    Point(vec![dram, medium])
}

/// Evaluates every point.
const CODE: &str = "code 1";

fn open(path: &Path, fingerprint: &str, space: &DesignSpace) -> Result<ArchiveStore, ArchiveError> {
    ArchiveStore::open(path, fingerprint, space, |_| Some(CODE.to_owned()))
}

/// What is in a file, whatever code made it.
fn all(loaded: &LoadedArchive) -> Archive {
    loaded.made_by(|_, _| true)
}

/// Three evaluations in a file; returns the folder that holds it and the bytes.
fn three() -> (TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("a.jsonl"), "trace 1", &space()).unwrap();
    for (index, place) in [point(2, 1), point(0, 0), point(1, 0)].iter().enumerate() {
        store.append(place, &with_p99(0.1 * (index as f64 + 1.0), 2.0)).unwrap();
    }
    drop(store);
    let bytes = fs::read(folder.path().join("a.jsonl")).unwrap();
    (folder, bytes)
}

#[test]
fn the_file_is_one_header_and_one_line_per_evaluation() {
    let (_folder, bytes) = three();
    assert_snapshot!(String::from_utf8(bytes).unwrap(), @r#"
{"format":"kareto-archive/2","fingerprint":"trace 1","axes":[{"name":"dram_gib","values":{"integers":[0,256,512]}},{"name":"medium","values":{"categories":["nvme","essd-pl1"]}}]}
{"key":"dram_gib=512,medium=essd-pl1","revision":"code 1","values":{"dram_gib":512,"medium":"essd-pl1"},"objectives":{"ttft_s_mean":0.1,"throughput_tokens_per_s":5.0,"cost":7.5},"metrics":{"ttft_s_p99":2.0}}
{"key":"dram_gib=0,medium=nvme","revision":"code 1","values":{"dram_gib":0,"medium":"nvme"},"objectives":{"ttft_s_mean":0.2,"throughput_tokens_per_s":5.0,"cost":7.5},"metrics":{"ttft_s_p99":2.0}}
{"key":"dram_gib=256,medium=nvme","revision":"code 1","values":{"dram_gib":256,"medium":"nvme"},"objectives":{"ttft_s_mean":0.30000000000000004,"throughput_tokens_per_s":5.0,"cost":7.5},"metrics":{"ttft_s_p99":2.0}}
"#);
}

/// A kill leaves a prefix of the file: opening it must find exactly the whole lines, and appending must go on.
#[test]
fn truncated_at_every_byte_nothing_whole_is_lost() {
    let (folder, bytes) = three();
    let path = folder.path().join("cut.jsonl");
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let store = open(&path, "trace 1", &space()).unwrap();
        let whole_lines = bytes[..length].iter().filter(|&&byte| byte == b'\n').count();
        assert_eq!(store.snapshot().len(), whole_lines.saturating_sub(1), "cut at byte {length}");
        store.append(&point(2, 0), &evaluation(9.0, 9.0, 9.0)).unwrap();
        drop(store);
        let again = read_file(&path).unwrap();
        assert_eq!(again.lines(), whole_lines.saturating_sub(1) + 1);
        assert_eq!(again.whole_bytes, fs::metadata(&path).unwrap().len());
    }
}

#[test]
fn a_foreign_file_is_refused_and_left_alone() {
    let (folder, bytes) = three();
    let path = folder.path().join("a.jsonl");
    let message = |error: ArchiveError| error.to_string().replace(&*path.to_string_lossy(), "a.jsonl");
    let other_space = DesignSpace::new(vec![Axis::stepped("dram_gib", 0, 512, 128).unwrap()]).unwrap();
    let error = open(&path, "trace 2", &space()).unwrap_err();
    assert_snapshot!(message(error), @"archive a.jsonl is of another experiment: its fingerprint is `trace 1`, this one's is `trace 2`; name another file, or remove this one");
    let error = open(&path, "trace 1", &other_space).unwrap_err();
    assert_snapshot!(message(error), @"archive a.jsonl is of another experiment: its design space is `dram_gib[3] medium[2]`, this one's is `dram_gib[5]`; name another file, or remove this one");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    for (text, line) in [("notes", 1), ("{\"format\":\"other/1\"}\n", 1), ("{}\n", 1)] {
        fs::write(&path, text).unwrap();
        let error = open(&path, "trace 1", &space()).unwrap_err();
        assert!(matches!(error, ArchiveError::NotAnArchive { .. }), "{line}: {error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_whole_line_that_is_wrong_is_an_error() {
    let (folder, bytes) = three();
    let path = folder.path().join("a.jsonl");
    let text = String::from_utf8(bytes).unwrap();
    let error = |text: String| {
        fs::write(&path, text).unwrap();
        let error = open(&path, "trace 1", &space()).unwrap_err();
        error.to_string().replace(&*path.to_string_lossy(), "a.jsonl")
    };
    assert_snapshot!(error(text.clone() + "oops\n"), @"archive a.jsonl, line 5: expected value at line 1 column 1");
    assert_snapshot!(error(text.replace("dram_gib=512", "dram_gib=500")), @"archive a.jsonl, line 2: axis `dram_gib`: `500` is not on the lattice; the axes are dram_gib, medium");
    assert_snapshot!(error(text.replace("\"ttft_s_mean\":0.2", "\"ttft_s_mean\":1e999")), @"archive a.jsonl, line 3: number out of range at line 1 column 125");
    let last = text.lines().last().unwrap().replace("\"cost\":7.5", "\"cost\":7.6");
    assert_snapshot!(error(text.clone() + &last + "\n"), @"archive a.jsonl, line 5: an earlier line has a different evaluation of dram_gib=256,medium=nvme");
}

#[test]
fn one_process_appends_at_a_time() {
    let (folder, _) = three();
    let path = folder.path().join("a.jsonl");
    let first = open(&path, "trace 1", &space()).unwrap();
    assert!(matches!(open(&path, "trace 1", &space()), Err(ArchiveError::Busy { .. })));
    drop(first);
    open(&path, "trace 1", &space()).unwrap();
}

#[test]
fn a_figure_that_is_not_finite_is_not_kept() {
    let store = ArchiveStore::in_memory(&space());
    let error = store.append(&point(0, 0), &with_p99(1.0, f64::NAN)).unwrap_err();
    assert_snapshot!(error, @"evaluation of dram_gib=0,medium=nvme: ttft_s_p99 is NaN; every figure of an evaluation is finite");
    assert!(store.snapshot().is_empty());
    assert!(kareto::Objectives::new(1.0, f64::INFINITY, 1.0).is_err());
}

#[test]
fn archives_of_two_machines_merge_in_either_order() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("a"), folder.path().join("b")];
    for (index, path) in paths.iter().enumerate() {
        let store = open(path, "trace 1", &space()).unwrap();
        store.append(&point(1, 1), &with_p99(0.5, 1.0)).unwrap();
        store.append(&point(2, index as u32), &with_p99(0.25, 1.0)).unwrap();
    }
    let merged = [folder.path().join("ab"), folder.path().join("ba")];
    merge_files(&paths, &merged[0]).unwrap();
    merge_files(&[paths[1].clone(), paths[0].clone()], &merged[1]).unwrap();
    assert_eq!(fs::read(&merged[0]).unwrap(), fs::read(&merged[1]).unwrap());
    assert_eq!(read_file(&merged[0]).unwrap().lines(), 3);

    fs::write(&paths[1], fs::read_to_string(&paths[1]).unwrap().replace("0.5", "0.6")).unwrap();
    assert!(matches!(merge_files(&paths, &merged[0]), Err(ArchiveError::Conflict(_))));
    assert_eq!(read_file(&merged[0]).unwrap().lines(), 3, "a failed merge leaves the old output");
}

/// Evaluates points of one medium by one policy each: `revisions` are those of the two.
fn by_medium(path: &Path, revisions: [&'static str; 2]) -> ArchiveStore {
    let of = move |point: &Point| Some(revisions[point.0[1] as usize].to_owned());
    ArchiveStore::open(path, "trace 1", &space(), of).unwrap()
}

#[test]
fn it_answers_for_the_code_that_made_it_and_for_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    // Evaluates every point that is not known; how many were not.
    let evaluated = |store: &ArchiveStore, cost: f64| {
        let before = store.evaluations();
        for point in space().points() {
            store.get_or_evaluate(&point, || Ok::<_, ArchiveError>(evaluation(1.0, 1.0, cost))).unwrap();
        }
        store.evaluations() - before
    };
    let costs = |store: &ArchiveStore| {
        let snapshot = store.snapshot();
        [0, 1].map(|medium| snapshot.get(&point(0, medium)).unwrap().objectives.cost())
    };
    assert_eq!(evaluated(&by_medium(&path, ["a1", "b1"]), 1.0), 6);

    // One policy is edited: only its points are evaluated again.
    let edited = by_medium(&path, ["a1", "b2"]);
    assert_eq!(edited.opened(), Opened { points: 6, stale: 3 });
    assert_eq!((edited.get(&point(0, 1)), edited.snapshot().len()), (None, 3));
    assert_eq!((evaluated(&edited, 2.0), costs(&edited)), (3, [1.0, 2.0]));
    drop(edited);

    // Opened again, nothing is; and what the first code made is there when that comes back.
    let again = by_medium(&path, ["a1", "b2"]);
    assert_eq!((again.opened().stale, evaluated(&again, 3.0), costs(&again)), (0, 0, [1.0, 2.0]));
    drop(again);
    let back = by_medium(&path, ["a1", "b1"]);
    assert_eq!((back.opened().stale, evaluated(&back, 3.0), costs(&back)), (0, 0, [1.0, 1.0]));
    assert_eq!(read_file(&path).unwrap().lines(), 9);
    let second = read_file(&path).unwrap().made_by(|_, revision| revision == "b2");
    assert_eq!(second.len(), 3);
}

#[test]
fn what_nothing_names_never_answers_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    for opened in [0, 1, 1] {
        let store = ArchiveStore::open(&path, "trace 1", &space(), |_| None).unwrap();
        assert_eq!(store.opened(), Opened { points: opened, stale: opened });
        store.append(&point(0, 0), &evaluation(1.0, 1.0, 1.0)).unwrap();
        assert!(store.get(&point(0, 0)).is_some(), "while the store is open, the code is the same");
    }
    assert!(all(&read_file(&path).unwrap()).is_empty());
}

#[test]
fn a_merge_keeps_what_each_code_made_and_takes_no_archive_from_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("a"), folder.path().join("b")];
    for (path, code, cost) in [(&paths[0], "a1", 1.0), (&paths[1], "a2", 2.0)] {
        by_medium(path, [code, "b1"]).append(&point(0, 0), &evaluation(1.0, 1.0, cost)).unwrap();
    }
    let run = by_medium(&paths[0], ["a1", "b1"]);
    let before = fs::read(&paths[0]).unwrap();
    assert!(matches!(merge_files(&paths, &paths[0]), Err(ArchiveError::Busy { .. })));
    assert_eq!(fs::read(&paths[0]).unwrap(), before);
    drop(run);
    merge_files(&paths, &paths[0]).unwrap();
    for (code, cost) in [("a1", 1.0), ("a2", 2.0)] {
        let found = by_medium(&paths[0], [code, "b1"]).get(&point(0, 0)).unwrap();
        assert_eq!(found.objectives.cost(), cost);
    }
    // Where nothing can be merged, nothing is left behind.
    let output = folder.path().join("c");
    assert!(merge_files(&[paths[0].clone(), folder.path().join("missing")], &output).is_err());
    assert!(!output.exists());
}

#[test]
fn an_archive_that_does_not_name_the_code_is_refused() {
    let (folder, bytes) = three();
    let path = folder.path().join("a.jsonl");
    let old = String::from_utf8(bytes).unwrap().replace("kareto-archive/2", "kareto-archive/1");
    fs::write(&path, &old).unwrap();
    let error = open(&path, "trace 1", &space()).unwrap_err();
    let message = error.to_string().replace(&*path.to_string_lossy(), "a.jsonl");
    assert_snapshot!(message, @"a.jsonl is not a Kareto archive: its format is `kareto-archive/1`, this version reads `kareto-archive/2`, whose lines name the code that made them; name another file, or remove this one");
    assert_eq!(fs::read_to_string(&path).unwrap(), old);
}

#[test]
fn order_of_insertion_does_not_matter() {
    let (mut forth, mut back) = (Archive::new(), Archive::new());
    let points: Vec<_> = space().points().collect();
    for place in &points {
        forth.insert(place.clone(), evaluation(f64::from(place.0[0]), 1.0, 1.0)).unwrap();
    }
    for place in points.iter().rev() {
        back.insert(place.clone(), evaluation(f64::from(place.0[0]), 1.0, 1.0)).unwrap();
    }
    assert_eq!(forth, back);
    assert!(forth.insert(points[0].clone(), evaluation(9.0, 1.0, 1.0)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any finite bits come back as they went: a resumed run is the same run.
    #[test]
    fn floats_come_back_to_the_bit(bits in prop::array::uniform4(any::<u64>())) {
        let values = bits.map(f64::from_bits);
        prop_assume!(values.iter().all(|value| value.is_finite()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let store = open(&path, "f", &space()).unwrap();
        let mut sent = evaluation(values[0], values[1], values[2]);
        sent.metrics.insert("x".to_owned(), values[3]);
        store.append(&point(0, 0), &sent).unwrap();
        drop(store);
        let got = all(&read_file(&path).unwrap()).get(&point(0, 0)).cloned().unwrap();
        let words = |e: &Evaluation| {
            let o = e.objectives;
            [o.ttft_s_mean(), o.throughput_tokens_per_s(), o.cost(), e.metrics["x"]].map(f64::to_bits)
        };
        prop_assert_eq!(words(&got), words(&sent));
    }
}
