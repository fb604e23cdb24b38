//! What becomes of rows that two nodes of a mesh have changed while they were cut off from each other, for each way to settle
//! it. Writes the tables into a file, because galactl's own words are on stdout.

#![allow(clippy::print_stderr, reason = "it takes minutes")]
#![allow(clippy::print_stdout, reason = "scenes print what they ran")]

#[path = "../tests/lab/mesh/conflicts.rs"]
mod conflicts;
#[path = "../tests/lab/lab.rs"]
#[allow(dead_code, reason = "scenes use the rest")]
mod lab;
#[path = "../tests/lab/run.rs"]
#[allow(dead_code, reason = "scenes use the rest")]
mod run;

use conflicts::{LAST_UPDATE_WINS, Mode, NODES, Outcome, play};
use lab::Lab;

const TABLES: &str = "target/conflicts.md";

const MODES: [Mode; 4] = [
    LAST_UPDATE_WINS,
    Mode {
        title: "`custom`, by a function that takes the larger value of each column",
        settings: "conflicts: {strategy: custom}",
        regions: false,
        merge: Some(
            "BEGIN\n  mine.u := greatest(mine.u, theirs.u);\n  mine.v := greatest(mine.v, theirs.v);\n  RETURN mine;\nEND",
        ),
    },
    Mode {
        title: "`region` with pglogical",
        settings: "conflicts: {strategy: region}",
        regions: true,
        merge: None,
    },
    Mode {
        title: "`region` with native replication",
        settings: "method: native\nconflicts: {strategy: region}",
        regions: true,
        merge: None,
    },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |mode: &&Mode| words.is_empty() || words.iter().any(|word| mode.title.contains(word));
    let tables: Vec<_> = MODES.iter().filter(wanted).map(table).collect();
    std::fs::write(TABLES, tables.join("\n")).expect("the tables' file");
}

fn table(mode: &Mode) -> String {
    let hosts = NODES.map(|node| format!("{node}:trixie:postgresql"));
    let lab = Lab::up("conflicts", &hosts.each_ref().map(String::as_str));
    eprintln!("{}", mode.title);
    let mut text = format!(
        "## {}\n\n| what happens | pg1 | pg2 | pg3 | equal | apply |\n| --- | --- | --- | --- | --- | --- |\n",
        mode.title
    );
    text.extend(play(&lab, mode).iter().map(row));
    text
}

fn row(it: &Outcome) -> String {
    let refused = |index: usize, name: &str| {
        let why = it.refused[index].as_ref()?;
        Some(format!("{name} is refused: {}", why.trim_start_matches("ERROR:").trim()))
    };
    let refused: Vec<_> = [refused(0, "pg1"), refused(1, "pg2")].into_iter().flatten().collect();
    let note = if refused.is_empty() { String::new() } else { format!(" ({})", refused.join("; ")) };
    let equal = if it.is_equal() { "yes" } else { "**no**" };
    let apply = match (it.stopped.is_empty(), &it.error) {
        (true, _) => "goes on".to_owned(),
        (false, why) => {
            let directions: Vec<_> = it.stopped.iter().map(String::as_str).collect();
            let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            format!("**stops** ({}){why}", directions.join(", "))
        }
    };
    eprintln!("{}{note}: {:?}, {apply}", it.case, it.rows);
    format!("| {}{note} | {} | {equal} | {apply} |\n", it.case, it.rows.join(" | "))
}
