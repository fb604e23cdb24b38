//! The rules of ARCHITECTURE.md, as checks of the source text. Each check is tried on a text that breaks
//! its rule, so that none of them passes by not looking.

use std::fs;
use std::path::{Path, PathBuf};

use crate::house::{House, circles};

/// Rooms that act or ask. All others are pure: they name neither input and output nor a clock.
const ACTING: [&str; 32] = [
    "main",
    "cli",
    "ui",
    "kernel/keepalived/act",
    "kernel/random",
    "kernel/secrets",
    "kernel/run",
    "kernel/transport",
    "galera/act",
    "galera/compare/asked",
    "galera/observe",
    "galera/sql",
    "galera/secrets",
    "galera/garbd/act",
    "galera/guest/act",
    "galera/guest/answer",
    "galera/health/act",
    "galera/ledger/act",
    "galera/load/act",
    "galera/monitoring/act",
    "galera/monitoring/silence",
    "galera/proxy/act",
    "galera/proxy/proxysql/act",
    "galera/proxy/proof",
    "galera/tls/act",
    "mesh/act",
    "mesh/compare",
    "mesh/observe",
    "mesh/psql",
    "mesh/secrets",
    "patroni/observe",
    "exit",
];

/// Who may name whom, from the ground up: a folder names itself and those on the floors before it, and no other one on
/// its own floor. So no engine knows another one.
const FLOORS: [&[&str]; 5] =
    [&["kernel"], &["postgresql"], &["galera", "patroni", "mesh"], &["ui"], &["cli"]];

/// Words that say which database it is. The kernel knows none.
const DATABASES: [&str; 8] =
    ["galera", "garbd", "mariadb", "mysql", "percona", "wsrep", "postgres", "patroni"];

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
const ADDRESS_TYPES: [&str; 4] = ["IpAddr", "Ipv4Addr", "Ipv6Addr", "SocketAddr"];
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

fn printing(source: &str) -> Vec<&'static str> {
    let code = code(source);
    PRINTING.into_iter().filter(|word| names(&code, word).next().is_some()).collect()
}

/// Expressions that make a new-cluster action; patterns end in `=>`, `..` or stand in `matches!`.
fn creations(source: &str) -> usize {
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

/// Lines that run the bootstrap script, or hand the server the option itself.
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

fn house() -> House {
    House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn only_acting_rooms_name_io_or_a_clock() {
    let acts = |path: &str| ACTING.iter().any(|room| is_in(path, room));
    for room in ACTING {
        assert!(sources().iter().any(|(path, _)| is_in(path, room)), "no room {room}");
    }
    for (path, text) in sources().iter().filter(|(path, _)| !acts(path)) {
        assert_eq!(impurities(text), [""; 0], "src/{path}");
    }
}

#[test]
fn a_floor_names_only_what_is_below_it() {
    for folder in FLOORS.iter().copied().flatten() {
        assert!(sources().iter().any(|(path, _)| is_in(path, folder)), "no folder {folder}");
    }
    for (from, to) in house().edges() {
        assert!(may_name(from, to), "{from} names {to}");
    }
}

/// Whether a file of the first path may name one of the second.
fn may_name(from: &str, to: &str) -> bool {
    let folder = |file: &str| file.split('/').next().unwrap_or_default().to_owned();
    let (from, to) = (folder(from), folder(to));
    let floor = |folder: &str| FLOORS.iter().position(|floor| floor.contains(&folder));
    match (floor(&from), floor(&to)) {
        (Some(own), Some(named)) => named < own || from == to,
        _ => true,
    }
}

#[test]
fn the_kernel_knows_no_database() {
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("kernel/")) {
        let code = code(text).to_lowercase();
        let known: Vec<_> = DATABASES.iter().filter(|word| code.contains(*word)).collect();
        assert_eq!(known, [&""; 0], "src/{path}");
    }
}

/// Neither rooms nor files need each other in a circle.
#[test]
fn there_are_no_circles() {
    let house = house();
    assert_eq!(circles(&house.rooms()), [[""; 0]; 0]);
    assert_eq!(circles(&house.files()), [[""; 0]; 0]);
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
    assert_eq!(places(creations), [("galera/plan/bootstrap.rs".to_owned(), 1)]);
    assert_eq!(places(founding_commands), [("galera/act/new_cluster.rs".to_owned(), 1)]);
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
    assert!(
        !may_name("galera/plan/mod", "patroni/model/major") && !may_name("patroni/config", "galera/model")
    );
    assert!(!may_name("kernel/plan", "patroni/model") && may_name("ui/plan", "patroni/model"));
    assert!(!may_name("mesh/plan", "patroni/plan") && !may_name("postgresql/lsn", "mesh/model"));
    assert!(!may_name("kernel/plan", "postgresql/lsn") && may_name("mesh/facts", "postgresql/lsn"));
    assert_eq!(printing("fn f() { eprintln!(\"x\") }"), ["eprintln!"]);
    assert_eq!(printing("let out = std::io::stdout().lock();"), ["io::stdout"]);
    assert_eq!(creations("Step::new(&n, ServerAction::NewCluster { unit: unit.clone() }, why)"), 1);
    assert_eq!(creations("let a = ServerAction::NewCluster {\n    unit,\n};"), 1);
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
    assert_eq!(printing("self.screen.println(text); wrapped_print!()"), [""; 0]);
    assert_eq!(creations("matches!(a, ServerAction::NewCluster { .. }); Self::NewCluster { unit } => 1"), 0);
    assert_eq!(
        founding_commands("format!(\"galera_new_cluster {unit}: found it\") grep -- '--wsrep-new-cluster'"),
        0
    );
}
