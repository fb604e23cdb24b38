//! How long each scene took, for the table at the end of `make test-lab`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::thread;
use std::time::Duration;

/// One line for each scene that has ended: its seconds, a tab, its name. `lab/slowest` reads it.
const TIMES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/scenes/times");

/// Adds the line of this thread's scene. One write to the end of the file, so that scenes side by side do
/// not mix their lines.
pub fn keep(took: Duration) {
    let scene = thread::current().name().unwrap_or("a scene").to_owned();
    let failed = if thread::panicking() { " (failed)" } else { "" };
    let line = format!("{:.1}\t{scene}{failed}\n", took.as_secs_f64());
    let folder = TIMES.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let kept = fs::create_dir_all(folder)
        .and_then(|()| OpenOptions::new().create(true).append(true).open(TIMES))
        .and_then(|mut file| file.write_all(line.as_bytes()));
    if let Err(error) = kept {
        println!("{TIMES}: {error}");
    }
}
