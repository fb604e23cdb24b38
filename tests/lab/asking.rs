//! A person at a terminal, who takes time to read.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::lab::Lab;
use crate::run::Inventory;

/// Runs galactl on a terminal of its own, waits for its question, does `meanwhile`, and answers.
/// Gives the exit code and everything that was on the screen.
fn answer(
    inventory: &Inventory<'_>,
    arguments: &str,
    answer: &str,
    meanwhile: impl FnOnce(),
) -> (i32, String) {
    on_terminal(&command(inventory, arguments), answer, meanwhile)
}

/// As a shell reads it.
fn command(inventory: &Inventory<'_>, arguments: &str) -> String {
    let path = inventory.write();
    let (verb, rest) = arguments.split_once(' ').unwrap_or((arguments, ""));
    format!("{} {verb} {} {rest}", env!("CARGO_BIN_EXE_galactl"), path.display())
}

fn on_terminal(command: &str, answer: &str, meanwhile: impl FnOnce()) -> (i32, String) {
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script(1) can be run");
    let mut screen = child.stdout.take().expect("piped");
    let mut shown = Vec::new();
    let mut byte = [0];
    while !asked(&shown) {
        assert!(
            screen.read(&mut byte).is_ok_and(|read| read > 0),
            "no question:\n{}",
            String::from_utf8_lossy(&shown)
        );
        shown.push(byte[0]);
    }
    meanwhile();
    child.stdin.take().expect("piped").write_all(format!("{answer}\n").as_bytes()).expect("an answer");
    screen.read_to_end(&mut shown).expect("the rest");
    let code = child.wait().expect("an end").code().unwrap_or(-1);
    (code, String::from_utf8_lossy(&shown).into_owned())
}

fn asked(shown: &[u8]) -> bool {
    let text = String::from_utf8_lossy(shown);
    text.contains("Carry out this plan? [y/N]") || text.contains("to go on:")
}

#[test]
#[ignore = "boots real hosts"]
fn what_changes_while_the_plan_is_read_voids_it() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-stale", &hosts);
    let inventory = Inventory::of(&lab, &hosts);

    let before = lab.all_untouched(&hosts);
    let (code, screen) = answer(&inventory, "bootstrap", "n", || {});
    assert!(code == 130 && screen.contains("nothing was changed"), "{code}\n{screen}");
    assert_eq!(lab.all_untouched(&hosts), before, "a refused plan changed something");

    let (code, screen) = answer(&inventory, "bootstrap", "y", || {
        lab.sql("db2", "CREATE DATABASE meanwhile");
    });
    assert!(
        code == 4 && screen.contains("refused[stale] db2: databases: was none, is meanwhile"),
        "{code}\n{screen}"
    );
    lab.sql("db2", "DROP DATABASE meanwhile");
    assert_eq!(lab.all_untouched(&hosts), before, "a stale plan changed something");

    // Longer than an idle ssh master lives: a plan is meant to be read.
    #[expect(clippy::disallowed_methods, reason = "a person takes time to read")]
    let reading = || std::thread::sleep(std::time::Duration::from_secs(70));
    let (code, screen) = answer(&inventory, "bootstrap", "y", reading);
    assert!(code == 0 && screen.contains("Synced"), "{code}\n{screen}");
    inventory.assert_whole();
}

#[test]
#[ignore = "boots real hosts"]
fn data_is_lost_only_after_typing_so() {
    let lab = Lab::up("t-typed", &["db1", "db2"]);
    let mut inventory = Inventory::of(&lab, &["db1"]);
    inventory.bootstrap();
    lab.sql("db2", "CREATE DATABASE theirs; CREATE TABLE theirs.t (id INT PRIMARY KEY)");
    inventory.nodes.push(("db2".into(), String::new()));
    let before = lab.untouched("db2");
    let (code, screen) = answer(&inventory, "add-node db2 --discard db2", "y", || {});
    assert!(code == 130 && screen.contains("DISCARDED on db2: database `theirs`"), "{code}\n{screen}");
    assert_eq!(lab.untouched("db2"), before, "data was lost without the word");
    let (code, screen) = answer(&inventory, "add-node db2 --discard db2", "discard", || {});
    assert_eq!(code, 0, "{screen}");
    inventory.assert_whole();
}

/// Neither galactl nor its ssh changes the terminal; one that another program left raw is put right from the first
/// line to the last, and then is again what it was.
#[test]
#[ignore = "boots real hosts"]
fn the_terminal_is_the_same_prompt_after_prompt() {
    let lab = Lab::up("t-prompts", &["db1", "db2"]);
    let inventory = Inventory::of(&lab, &["db1", "db2"]);
    let galactl = command(&inventory, "bootstrap");
    for number in 0..12 {
        let before = if number % 2 == 0 { "stty sane" } else { "stty raw -echo" };
        let script = format!("{before}; stty -g; {galactl}; stty -g; stty sane");
        let (_, screen) = on_terminal(&script, "n", || {});
        let modes: Vec<_> = screen.lines().map(str::trim).filter(|line| is_modes(line)).collect();
        assert!(
            modes.len() == 2 && modes[0] == modes[1],
            "the modes changed with {before}: {modes:?}\n{screen}"
        );
        let shown = screen.split_once(modes[0]).expect("it is there").1;
        let shown =
            &shown[shown.find("Bootstrap of").expect("a plan")..shown.find(modes[0]).expect("the end")];
        let stairs = shown.replace("\r\n", "").matches('\n').count();
        assert_eq!(stairs, 0, "stairs with {before}:\n{screen}");
        assert!(shown.contains("[y/N] n\r\n"), "the answer is not seen with {before}:\n{screen}");
    }
}

/// As `stty -g` prints them.
fn is_modes(line: &str) -> bool {
    line.matches(':').count() > 20 && line.chars().all(|c| c.is_ascii_hexdigit() || c == ':')
}
