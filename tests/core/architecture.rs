//! The rules of src/lib.rs, as checks of the source text. Each check is tried on a text that
//! breaks its rule, so that none of them passes by not looking.

use std::fs;
use std::path::{Path, PathBuf};

const PURE: [&str; 12] = [
    "adopt",
    "model",
    "inventory",
    "config",
    "facts",
    "recovery",
    "plan",
    "check",
    "status",
    "doctor",
    "verify",
    "explain",
];

/// Who may name whom. `verify` judges for plans, too; it knows nothing of them.
const MAY_NAME: [(&str, &[&str]); 19] = [
    ("adopt", &["model", "inventory", "config", "facts"]),
    ("model", &[]),
    ("inventory", &["model"]),
    ("config", &["model", "inventory"]),
    ("facts", &["model", "inventory", "config"]),
    ("verify", &["model", "facts"]),
    ("explain", &["model", "facts"]),
    ("recovery", &["model", "facts"]),
    ("plan", &["model", "inventory", "config", "facts", "verify", "recovery"]),
    ("check", &["model", "inventory", "config", "facts", "verify", "plan"]),
    ("status", &["model", "inventory", "config", "facts", "plan"]),
    ("doctor", &["model", "inventory", "config", "facts", "plan", "status"]),
    ("transport", &["model", "inventory"]),
    ("db", &["model", "inventory", "facts", "transport"]),
    ("observe", &["model", "inventory", "config", "facts", "secrets", "transport"]),
    (
        "exec",
        &[
            "model",
            "inventory",
            "config",
            "facts",
            "plan",
            "verify",
            "explain",
            "transport",
            "db",
            "observe",
            "random",
        ],
    ),
    ("ui", &["model", "inventory", "plan", "check", "status", "doctor", "exec"]),
    ("secrets", &["model", "random"]),
    ("random", &[]),
];

const IO: [&str; 17] = [
    "tokio",
    "openssh",
    "mysql::",
    "indicatif",
    "tempfile",
    "std::fs",
    "std::env::",
    "std::process",
    "Instant",
    "SystemTime",
    "Timestamp::now",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "stdin",
];
const ADDRESS_TYPES: [&str; 3] = ["IpAddr", "Ipv4Addr", "Ipv6Addr"];
const PRINTING: [&str; 10] = [
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "io::stdout",
    "io::stderr",
    "error.print()",
    "Term::stdout",
    "Term::stderr",
];

/// Code without comments and without its unit tests. A text between quotes counts as code.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let without_comment = |line: &str| {
        let end = line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'));
        line[..end.unwrap_or(line.len())].to_owned() + "\n"
    };
    source.lines().map(without_comment).collect()
}

/// Places where `word` stands by itself, not as a part of a longer name.
fn names<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = code[..*at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        let ends_in_name = word.chars().next_back().is_some_and(part_of_name);
        !before.is_some_and(part_of_name) && !(ends_in_name && after.is_some_and(part_of_name))
    })
}

/// IO and clocks that the source of a pure module names.
fn impurities(source: &str) -> Vec<String> {
    let code = code(source);
    let mut found: Vec<_> =
        IO.iter().filter(|word| names(&code, word).next().is_some()).map(|word| (*word).to_owned()).collect();
    for at in names(&code, "std::net") {
        let path = code[at + "std::net".len()..].split(';').next().unwrap_or_default();
        let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let first = if path.starts_with("::{") { words.collect() } else { words.take(1).collect::<Vec<_>>() };
        found.extend(
            first.iter().filter(|word| !ADDRESS_TYPES.contains(word)).map(|word| format!("std::net::{word}")),
        );
    }
    found
}

/// Modules of this crate that the source names and may not.
fn wrong_way(source: &str, may_name: &[&str], own: &str) -> Vec<String> {
    let code = code(source);
    let named = names(&code, "crate::")
        .map(|at| code[at + "crate::".len()..].split(|c: char| !c.is_ascii_lowercase()));
    named
        .filter_map(|mut path| path.next())
        .filter(|module| !module.is_empty() && *module != own && !may_name.contains(module))
        .map(str::to_owned)
        .collect()
}

fn printing(source: &str) -> Vec<&'static str> {
    let code = code(source);
    PRINTING.into_iter().filter(|word| names(&code, word).next().is_some()).collect()
}

/// Expressions that make a new-cluster action; patterns end in `=>`, `..` or stand in `matches!`.
fn foundings(source: &str) -> usize {
    let code = code(source);
    let makes = |at: usize| {
        let (inside, after) = code[at..].split_once('}').unwrap_or_default();
        inside.contains('{') && !inside.contains("..") && !after.trim_start().starts_with(['=', '|'])
    };
    names(&code, "ServerAction::NewCluster")
        .chain(names(&code, "Self::NewCluster"))
        .filter(|at| makes(*at))
        .count()
}

/// Lines that run the founding script, or hand the server the option itself.
fn founding_commands(source: &str) -> usize {
    let starts = |line: &str| {
        let line = line.trim_start().trim_start_matches("sudo ");
        line.starts_with("galera_new_cluster ") || line.contains("\"galera_new_cluster\"")
    };
    let hands_over = |line: &str| line.contains("mariadbd") && line.contains("--wsrep-new-cluster");
    code(source).lines().filter(|line| starts(line) || hands_over(line)).count()
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(files_under(&path)),
            false => files.push(path),
        }
    }
    files.sort();
    files
}

/// Path below src and text of every source file, scripts included.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    let files = files_under(&root);
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.starts_with(['/', '.']))
}

#[test]
fn pure_modules_name_neither_io_nor_a_clock() {
    let sources = sources();
    for module in PURE {
        let files: Vec<_> = sources.iter().filter(|(path, _)| is_in(path, module)).collect();
        assert!(!files.is_empty(), "no module {module}");
        for (path, text) in files {
            assert_eq!(impurities(text), [""; 0], "src/{path}");
        }
    }
}

#[test]
fn dependencies_point_one_way() {
    for (path, text) in sources() {
        if let Some((own, may_name)) = MAY_NAME.iter().find(|(module, _)| is_in(&path, module)) {
            assert_eq!(wrong_way(&text, may_name, own), [""; 0], "src/{path}");
        }
    }
}

#[test]
fn only_the_printer_prints() {
    for (path, text) in sources() {
        let allowed = match path.as_str() {
            "ui/printer.rs" => continue,
            // clap knows itself whether help goes to standard output or an error to standard error.
            "cli/mod.rs" => &["error.print()"][..],
            _ => &[],
        };
        let found: Vec<_> = printing(&text).into_iter().filter(|word| !allowed.contains(word)).collect();
        assert_eq!(found, [""; 0], "src/{path}");
    }
}

#[test]
fn a_cluster_is_founded_in_one_place() {
    let places = |count: fn(&str) -> usize| -> Vec<(String, usize)> {
        let counted = sources().into_iter().map(|(path, text)| (path, count(&text)));
        counted.filter(|(_, count)| *count > 0).collect()
    };
    assert_eq!(places(foundings), [("plan/bootstrap.rs".to_owned(), 1)]);
    assert_eq!(places(founding_commands), [("exec/apply/new_cluster.rs".to_owned(), 1)]);
}

#[test]
fn each_check_finds_what_it_is_for() {
    for word in IO {
        assert_eq!(
            impurities(&format!("fn f() {{ {word}(1) }}")).first().map(String::as_str),
            Some(word),
            "{word}"
        );
    }
    assert_eq!(impurities("use std::net::TcpStream;"), ["std::net::TcpStream"]);
    assert_eq!(impurities("use std::net::{IpAddr, UdpSocket};"), ["std::net::UdpSocket"]);
    assert_eq!(impurities("let a = std::net::TcpStream::connect(b);"), ["std::net::TcpStream"]);
    assert_eq!(wrong_way("use crate::exec::run;\nuse crate::model::X;", &["model"], "facts"), ["exec"]);
    assert_eq!(printing("fn f() { eprintln!(\"x\") }"), ["eprintln!"]);
    assert_eq!(printing("let out = std::io::stdout().lock();"), ["io::stdout"]);
    assert_eq!(foundings("Step::new(&n, ServerAction::NewCluster { unit: unit.clone() }, why)"), 1);
    assert_eq!(foundings("let a = ServerAction::NewCluster {\n    unit,\n};"), 1);
    assert_eq!(founding_commands("let script = \"\nsudo galera_new_cluster mariadb\n\";"), 1);
    assert_eq!(founding_commands("RemoteCommand::new(\"galera_new_cluster\", [])"), 1);
    assert_eq!(founding_commands("mariadbd --wsrep-new-cluster &"), 1);
}

#[test]
fn no_check_finds_what_is_none() {
    let innocent = "//! tokio, println!\nuse std::net::{IpAddr, Ipv6Addr};\n\
        let v = env!(\"CARGO_PKG_VERSION\"); // Instant\nlet f: Instantly = my_mysql; let u = \"https://std\";\n\
        #[cfg(test)]\nmod tests { use std::fs; }";
    assert_eq!(impurities(innocent), [""; 0]);
    assert_eq!(
        wrong_way("use crate::model::X; // crate::exec\nuse crate::facts::Y;", &["model"], "facts"),
        [""; 0]
    );
    assert_eq!(printing("self.screen.println(text); wrapped_print!()"), [""; 0]);
    assert_eq!(foundings("matches!(a, ServerAction::NewCluster { .. }); Self::NewCluster { unit } => 1"), 0);
    assert_eq!(
        founding_commands("format!(\"galera_new_cluster {unit}: found it\") grep -- '--wsrep-new-cluster'"),
        0
    );
}
