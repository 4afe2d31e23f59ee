//! The manifests of public traces: complete, and about formats that are read.

use std::path::Path;

use serde::Deserialize;
use trace_synth::read::Format;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "that the fields are there is the test")]
struct Manifest {
    name: String,
    about: String,
    url: String,
    licence: String,
    format: String,
    block_tokens: Option<u32>,
    convert: String,
    notes: String,
    file: Vec<File>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "that the fields are there is the test")]
struct File {
    name: String,
    requests: Option<u64>,
    size_bytes: Option<u64>,
    sha256: Option<String>,
}

#[test]
fn manifests_are_complete() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/traces"));
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let manifest: Manifest = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(Some(manifest.name.as_str()), path.file_stem().and_then(|stem| stem.to_str()));
        assert!(Format::of_name(&manifest.format).is_some(), "{}", manifest.format);
        assert!(manifest.url.starts_with("https://") && manifest.convert.starts_with("kareto trace "));
        let hashes = manifest.file.iter().filter_map(|file| file.sha256.as_ref());
        assert!(hashes.into_iter().all(|hash| hash.len() == 64));
        count += 1;
    }
    assert!(count >= 6, "{count} manifests");
}
