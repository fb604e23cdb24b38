//! Inventories that were made to hurt: each ends with an error, soon, and in little memory.

#![allow(clippy::format_collect, reason = "no loop here is hot")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Address space of the child: an inventory of 2 MiB needs a fraction of it.
const MOST_MEMORY: &str = "--as=536870912";
/// A second is the promise; a debug build gets more. Seconds of the processor, because those of the clock tell how busy
/// the machine is. Where many programs share its cores, even these are several times as many.
const MOST_TIME: &str = "--cpu=15";

/// Runs `galactl validate` with little memory and time.
fn validate(file: &str, stdin: Stdio) -> Output {
    Command::new("prlimit")
        .args([MOST_MEMORY, MOST_TIME, env!("CARGO_BIN_EXE_galactl"), "validate", file])
        .stdin(stdin)
        .output()
        .expect("prlimit of util-linux")
}

/// What galactl says about the bytes, which it must refuse.
fn refused(bytes: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory.yaml");
    fs::write(&file, bytes).unwrap();
    error_of(&validate(file.to_str().unwrap(), Stdio::null()))
}

fn error_of(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}: {text}", output.status);
    assert!(text.contains("error") && !text.contains("panicked"), "{text}");
    // One page tells more than a flood, whatever the file.
    assert!(text.len() < 40_000, "{} bytes of output", text.len());
    text
}

#[track_caller]
fn assert_says(text: &str, words: &str) {
    assert!(text.contains(words), "{words:?} is not in:\n{text}");
}

const HEAD: &str = "version: 1\ncluster: {name: shop}\nnodes: [{name: db1, address: 10.0.0.1}]\n";

#[test]
fn aliases_that_multiply() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{below}]\n");
    }
    assert_says(&refused(text.as_bytes()), "error[too-many-values]");
}

#[test]
fn many_aliases_of_one_large_list() {
    let large = vec!["x"; 10_000].join(",");
    let text = format!("a: &a [{large}]\nb: [{}]\n", vec!["*a"; 100_000].join(","));
    assert_says(&refused(text.as_bytes()), "error[too-many-values]");
}

#[test]
fn many_aliases_of_one_large_text() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), vec!["*a"; 200_000].join(","));
    assert_says(&refused(text.as_bytes()), "error[too-many-values]");
}

#[test]
fn many_aliases_of_one_large_key() {
    let text = format!("a: &a {{{}: 1}}\nb: [{}]\n", "k".repeat(1_000_000), vec!["*a"; 200_000].join(","));
    assert_says(&refused(text.as_bytes()), "error[key]");
}

#[test]
fn aliases_that_nest_deeper_than_the_text() {
    let mut text = String::from("a0: &a0 [[[[[[[[[[1]]]]]]]]]]\n");
    for level in 1..2000 {
        text += &format!("a{level}: &a{level} [[[[[[[[[[*a{}]]]]]]]]]]\n", level - 1);
    }
    refused(text.as_bytes());
}

#[test]
fn fifty_megabytes() {
    let mut text = String::from(HEAD).into_bytes();
    text.resize(50 << 20, b'#');
    assert_says(&refused(&text), "error[too-large]");
}

#[test]
fn deep_nesting() {
    for opening in ["[", "{a: ", "- ", "? ", "a: [", "- - - {x: "] {
        assert_says(&refused(opening.repeat(100_000).as_bytes()), "error[");
        assert_says(&refused(opening.repeat(100).as_bytes()), "error[");
    }
    let indented: String = (0..1000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_says(&refused(indented.as_bytes()), "error[too-deep]");
}

#[test]
fn long_paths_with_many_children() {
    let children: String = (0..50_000).map(|index| format!("{index}: x, ")).collect();
    let nested: String = (0..10).map(|level| format!("{}{level}: {{", "k".repeat(100))).collect();
    let text = format!("{nested}{children}{}", "}".repeat(10));
    assert_says(&refused(text.as_bytes()), "error");
}

#[test]
fn thousands_of_errors() {
    let options: String = (0..45_000).map(|index| format!("  x.{index}: 1\n")).collect();
    let text = format!("{HEAD}provider_options:\n{options}");
    let said = refused(text.as_bytes());
    assert_says(&said, "error[unknown-provider-option]");
    assert_says(&said, "… and more");
}

#[test]
fn thousands_of_duplicates() {
    assert_says(&refused("a: 1\n".repeat(100_000).as_bytes()), "error[duplicate-key]");
}

#[test]
fn other_encodings() {
    let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_says(&refused(&utf16), "U+0000");
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16).collect();
    assert_says(&refused(&marked), "it looks like UTF-16");
    let latin1 = [HEAD.as_bytes(), b"# caf\xe9\n"].concat();
    assert_says(&refused(&latin1), "error[not-utf8]");
    assert_says(&refused(&[0xc3]), "error[not-utf8]");
}

#[test]
fn characters_that_end_the_text_or_a_line_for_one_parser_only() {
    for hidden in ["\0", "\u{85}", "\u{2028}", "\u{2029}", "\r", "\u{c}", "\u{1b}[2J"] {
        let text = format!("{HEAD}# comment{hidden}x\nmysqld: {{wsrep_on: 0}}\n");
        assert_says(&refused(text.as_bytes()), "error[control-character]");
    }
}

#[test]
fn nothing_reaches_the_terminal_as_a_command() {
    let text = format!("{HEAD}mysqld: {{\"\\e]0;x\\a\": 1, \"\\x9b31m\": 1}}\n\"\\e[2J\": \"\\e[2J\"\n");
    let said = refused(text.as_bytes());
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
}

#[test]
fn a_very_long_line() {
    assert_says(&refused("x".repeat(2_000_000).as_bytes()), "error[not-an-inventory]");
    let quoted = format!("{HEAD}mysqld: {{a: \"{}\"}}\n", "y".repeat(1_900_000));
    assert_says(&refused(quoted.as_bytes()), "error[value]");
    let name = format!("version: 1\ncluster: {{name: {}}}\nnodes: []\n", "z".repeat(1_900_000));
    assert_says(&refused(name.as_bytes()), "is longer than 32 characters");
}

#[test]
fn nothing_at_all() {
    for text in ["", "\n", "# only\n# comments\n", "---\n", "---\n...\n", "~", "\u{feff}", "{}"] {
        refused(text.as_bytes());
    }
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_no_reason_to_refuse() {
    for text in [format!("\u{feff}{HEAD}"), HEAD.replace('\n', "\r\n")] {
        assert!(galactl::galera::inventory::parse(text.as_bytes()).is_ok());
    }
}

#[test]
fn things_that_are_no_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    assert_says(&error_of(&validate(path, Stdio::null())), "Is a directory");
    let missing = directory.path().join("none.yaml");
    let said = error_of(&validate(missing.to_str().unwrap(), Stdio::null()));
    assert_says(&said, "No such file or directory");
    assert_says(&said, "hint: `galactl init");
    assert_says(&error_of(&validate("/dev/null", Stdio::null())), "error[not-an-inventory]");
    assert_says(&error_of(&validate("/dev/zero", Stdio::null())), "error[too-large]");
}

#[test]
fn a_pipe_to_which_nobody_writes_is_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("inventory.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let said = error_of(&validate(pipe.to_str().unwrap(), Stdio::null()));
    assert_says(&said, "it is a pipe to which nobody writes");
    assert_says(&said, "`-` reads standard input");
    // What the shell makes of `<(command)`, however long the command thinks.
    let script = format!("exec {} validate <(sleep 0.3; printf '{HEAD}')", env!("CARGO_BIN_EXE_galactl"));
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_input_that_never_ends() {
    let zeros = File::open("/dev/zero").unwrap();
    assert_says(&error_of(&validate("-", zeros.into())), "error[too-large]");
    let mut yes = Command::new("yes").stdout(Stdio::piped()).spawn().unwrap();
    let endless = yes.stdout.take().unwrap();
    let output = validate("-", endless.into());
    yes.kill().unwrap();
    yes.wait().unwrap();
    assert_says(&error_of(&output), "error[too-large]");
}

/// Far more than anybody has.
#[test]
fn five_thousand_nodes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory.yaml");
    write_nodes(&file, 5_001);
    let output = validate(file.to_str().unwrap(), Stdio::null());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn write_nodes(file: &Path, nodes: usize) {
    let mut out = File::create(file).unwrap();
    write!(out, "version: 1\ncluster:\n  name: wide\nnodes:\n").unwrap();
    for node in 0..nodes {
        writeln!(out, "  - name: db{node}\n    address: 10.0.{}.{}", node / 200, node % 200 + 1).unwrap();
        writeln!(out, "    mysqld:\n      innodb_buffer_pool_size: {node}G").unwrap();
    }
}
