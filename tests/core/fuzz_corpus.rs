//! The kept corpus of the fuzz targets, replayed: each file once made a target do something that no
//! other one did.

#[path = "../../fuzz/entries.rs"]
mod entries;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use entries::{ENTRIES, Entry};

/// Puts all that is kept of a target through it, and counts it.
fn replay(name: &str, entry: Entry) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in &files {
        let bytes = fs::read(file).unwrap();
        assert!(catch_unwind(|| entry(&bytes)).is_ok(), "{}", file.display());
    }
    files.len()
}

#[test]
fn every_kept_input_goes_through_its_target() {
    for (name, entry) in ENTRIES {
        assert!(replay(name, entry) > 0, "no corpus of {name}");
    }
}

#[test]
fn nothing_at_all_and_noise_go_through_every_target() {
    let noise: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
    for (_, entry) in ENTRIES {
        for bytes in [&[][..], &noise, b"\0", b"\xff\xfe", "@end\n".as_bytes(), "\n---\n".as_bytes()] {
            entry(bytes);
        }
    }
}
