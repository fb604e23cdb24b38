//! The tutorial (docs/tutorial.md), typed line by line.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::Ran;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The tour writes its inventory here.
const INVENTORY: &str = "/tmp/tour.yaml";

/// One line that is typed, and the lines that are then to be seen, in this order; others may stand
/// between them.
struct Typed {
    line: String,
    seen: Vec<String>,
}

/// The console blocks of the page: a line behind `# ` is typed, and `...` stands for lines that are
/// not shown.
fn tour() -> Vec<Typed> {
    let page = fs::read_to_string(Path::new(ROOT).join("docs/tutorial.md")).expect("docs/tutorial.md");
    let blocks = page.split("```console\n").skip(1).filter_map(|block| block.split("\n```").next());
    let mut tour: Vec<Typed> = Vec::new();
    for line in blocks.flat_map(str::lines).filter(|line| !line.is_empty() && *line != "...") {
        match (line.strip_prefix("# "), tour.last_mut()) {
            (Some(line), _) => tour.push(Typed { line: line.to_owned(), seen: Vec::new() }),
            (None, Some(typed)) => typed.seen.push(line.to_owned()),
            (None, None) => panic!("output before any command: {line}"),
        }
    }
    tour
}

/// Two words that say the same: times, identifiers, versions, and numbers of two and more digits differ
/// from one run to the next.
fn alike(one: &str, other: &str) -> bool {
    let kind = |word: &str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let number = word.len() > 1 && word.parse::<f64>().is_ok();
        let hex = word.len() >= 8 && word.contains(|c: char| c.is_ascii_digit());
        let hex = hex && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-' || c == ':');
        let time = word.contains(':') && word.ends_with('Z');
        let version = word.split('.').filter(|part| part.parse::<u16>().is_ok()).count() == 3;
        [number, hex, time, version]
    };
    one == other || (kind(one) == kind(other) && kind(one).contains(&true))
}

fn says_the_same(line: &str, shown: &str) -> bool {
    let (line, shown): (Vec<_>, Vec<_>) =
        (line.split_whitespace().collect(), shown.split_whitespace().collect());
    line.len() == shown.len() && line.iter().zip(&shown).all(|(one, other)| alike(one, other))
}

/// Runs a line in the checkout, as a root shell with galactl on its path would.
fn enter(line: &str, state: &Path) -> Ran {
    let galactl = Path::new(env!("CARGO_BIN_EXE_galactl")).parent().expect("a directory");
    let path = format!("{}:{}", galactl.display(), std::env::var("PATH").expect("PATH"));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec 2>&1; {line}")]).current_dir(ROOT);
    command.env("PATH", path).env("XDG_STATE_HOME", state);
    Ran::from(command.output().expect("sh"))
}

/// Leaves no host and no file behind, wherever the tour ended.
struct CleanUp;

impl Drop for CleanUp {
    fn drop(&mut self) {
        let _ = Command::new(Path::new(ROOT).join("lab/lab")).args(["down", "demo"]).output();
        let _ = fs::remove_file(INVENTORY);
    }
}

#[test]
#[ignore = "boots real hosts"]
fn the_tutorial_is_as_it_says() {
    drop(CleanUp);
    let _end = CleanUp;
    let state = tempfile::tempdir().expect("a directory");
    for Typed { line, seen } in tour() {
        let ran = enter(&line, state.path());
        println!("# {line}\n{}", ran.stdout);
        assert_eq!(ran.code, 0, "# {line}\n{}", ran.stdout);
        let mut lines = ran.stdout.lines();
        for shown in seen {
            assert!(
                lines.any(|line| says_the_same(line, &shown)),
                "# {line}\n{shown}\nis not in\n{}",
                ran.stdout
            );
        }
    }
}

#[test]
fn only_what_moves_may_differ() {
    for (line, shown) in [
        ("db1  10.77.0.11  Synced  3", "db1 10.77.0.11 Synced 3"),
        ("db1 13 3040ce32-e758-11f1-9512-cbe28ce5a47f", "db1 217 30401111-e758-11f1-9512-cbe28ce5a47f"),
        ("12:30:01Z ok db1/join (6.8 s)", "09:00:59Z ok db1/join (12.4 s)"),
    ] {
        assert!(says_the_same(line, shown), "{line}");
    }
    for (line, shown) in [
        ("db1 10.77.0.11 Synced 3", "db1 10.77.0.12 Synced 3"),
        ("3 of 3 nodes", "2 of 3 nodes"),
        ("Synced", "Joined"),
        ("a b", "a"),
        ("10.11.19", "10.77.0.11"),
    ] {
        assert!(!says_the_same(line, shown), "{line}");
    }
}
