//! Option files as they are rendered, and what no value can do to them.

#![allow(clippy::format_collect, reason = "no loop here is hot")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use galactl::galera::config::Renderer;
use galactl::galera::inventory;
use galactl::galera::inventory::Inventory;
use galactl::galera::model::Distribution;
use galactl::kernel::inventory::engine;
use galactl::kernel::inventory::note::Note;
use proptest::prelude::*;

const NODES: &str = "nodes:
  - {name: db1, address: 10.0.0.11}
  - {name: db2, address: 10.0.0.12}
  - {name: db3, address: 10.0.0.13}
";

fn inventory(sections: &str, nodes: &str) -> Inventory {
    let text = format!("version: 1\ncluster: {{name: shop}}\n{sections}\n{nodes}");
    let (inventory, _) = inventory::parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{notes:#?}"));
    inventory
}

/// One node's file, or a reason.
fn try_render(inventory: &Inventory, node: usize) -> Result<String, String> {
    let renderer = Renderer::new(None).map_err(|error| error.to_string())?;
    let node = &inventory.nodes[node];
    renderer
        .render(
            inventory,
            node,
            Distribution::of(inventory.flavour).providers[0],
            &inventory.cluster_address(),
        )
        .map_err(|error| error.to_string())
}

/// The files of all nodes, one after the other.
fn rendered(inventory: &Inventory) -> String {
    let files = inventory.nodes.iter().enumerate();
    files.map(|(at, node)| format!("##### {}\n{}\n", node.name, try_render(inventory, at).unwrap())).collect()
}

fn first(inventory: &Inventory) -> String {
    try_render(inventory, 0).unwrap()
}

#[test]
fn defaults() {
    insta::assert_snapshot!(rendered(&inventory("", NODES)));
}

#[test]
fn options_of_one_node_go_over_those_of_all() {
    let nodes = "nodes:
  - {name: db1, address: 10.0.0.11}
  - name: db2
    address: 10.0.0.12
    mysqld: {max_connections: 900, innodb_buffer_pool_size: 2G}
    provider_options: {gcache.size: 4G}
";
    insta::assert_snapshot!(rendered(&inventory(
        "mysqld: {max-connections: 500, log_bin: true, max_statement_time: 1.10}\nprovider_options: {gcache.size: 1G, gcs.fc_limit: 64}",
        nodes,
    )));
}

#[test]
fn two_segments() {
    let text = fs::read("inventories/two-regions.yaml").unwrap();
    insta::assert_snapshot!(rendered(&inventory::parse(&text).unwrap().0));
}

#[test]
fn rsync() {
    insta::assert_snapshot!(first(&inventory("sst: {method: rsync}", NODES)));
}

#[test]
fn mariabackup_with_options() {
    let sections = "sst:
  method: mariabackup
  user: replicator
  options: {encrypt: 3, tkey: /etc/mysql/key.pem, tcert: /etc/mysql/cert.pem, inno-backup-opts: '--parallel=4 --compress'}";
    insta::assert_snapshot!(first(&inventory(sections, NODES)));
}

#[test]
fn ipv6() {
    let nodes = "nodes:
  - {name: db1, address: 'fd00:0::11'}
  - {name: db2, address: '[fd00::12]'}
  - {name: db3, address: db3.example.org}
";
    insta::assert_snapshot!(first(&inventory("", nodes)));
}

#[test]
fn other_flavours() {
    for flavour in ["percona-xtradb-cluster", "mysql-wsrep"] {
        let text = format!("version: 1\ncluster: {{name: shop, flavour: {flavour}}}\n{NODES}");
        let (inventory, _) = inventory::parse(text.as_bytes()).unwrap();
        let file = format!("{}\n{}", inventory.host.config_file, first(&inventory));
        insta::assert_snapshot!(flavour, file);
    }
}

/// A section, a name and a value.
type Entry = (String, String, String);

/// The server's own rules (mysys/my_default.c), written down a second time: lines, comments,
/// sections, names, and values between quotes with their escapes.
fn read(text: &str) -> Vec<Entry> {
    let mut section = None;
    let mut entries = Vec::new();
    for line in text.split('\n') {
        assert!(line.len() < 4095, "the server would cut this line: {line}");
        let line = line.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        assert!(!line.starts_with('!'), "a directive: {line}");
        if let Some(name) = line.strip_prefix('[') {
            section = Some(name.split_once(']').expect("a closed section name").0.to_owned());
            continue;
        }
        let (name, value) = without_comment(line).split_once('=').unwrap_or((line, ""));
        let section = section.clone().expect("no option stands before the first section");
        entries.push((section, name.trim_end().to_owned(), decoded(value.trim())));
    }
    entries
}

/// Cuts the line at the first `#` that is not between quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => return &line[..at],
            (None, '"' | '\'') if !escaped => quote = Some(c),
            (Some(open), _) if open == c && !escaped => quote = None,
            _ => {}
        }
        escaped = quote.is_some() && c == '\\' && !escaped;
    }
    line
}

fn decoded(value: &str) -> String {
    let quotes = ['"', '\''].into_iter();
    let bare = quotes.filter(|_| value.len() > 1).find_map(|q| value.strip_prefix(q)?.strip_suffix(q));
    let mut chars = bare.unwrap_or(value).chars().peekable();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\\', Some(next)) => {
                chars.next();
                match next {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'b' => out.push('\u{8}'),
                    's' => out.push(' '),
                    '"' | '\'' | '\\' => out.push(next),
                    other => out.extend(['\\', other]),
                }
            }
            _ => out.push(c),
        }
    }
    out
}

#[test]
fn the_reader_follows_the_server() {
    let text = "# c\n[m]\na = \"x\\\\y\" # c\nb='q#r'\n  c=1\\s2 # d\n\n[n]\nd\ne = \"\\\"\\q\"\n";
    let entries = read(text);
    let values: Vec<_> = entries.iter().map(|entry| entry.2.as_str()).collect();
    assert_eq!(values, ["x\\y", "q#r", "1 2", "", "\"\\q"]);
    assert_eq!(shape(&entries), [("m", "a"), ("m", "b"), ("m", "c"), ("n", "d"), ("n", "e")]);
}

/// Without its escapes a value would not come back: the property below can fail.
#[test]
fn the_reader_notices_a_missing_escape() {
    let inventory = inventory("mysqld: {init_connect: '\\n \\\\ \\\" #'}", NODES);
    let renderer = Renderer::new(Some(
        "[m]\n{% for o in mysqld %}{{ o.name }} = \"{{ o.value | safe }}\"\n{% endfor %}",
    ));
    let file = renderer.unwrap().render(&inventory, &inventory.nodes[0], "", "").unwrap();
    let value = read(&file).into_iter().find(|entry| entry.1 == "init_connect").unwrap().2;
    assert_ne!(value, inventory.nodes[0].mysqld["init_connect"]);
}

/// The provider's rules (galerautils/src/gu_config.cpp): cut at `;` and `=`, a backslash before
/// one keeps it, spaces at the ends are dropped.
fn provider_options(text: &str) -> Vec<(String, String)> {
    let pairs = cut(text, ';').into_iter().map(|pair| {
        let parts = cut(&pair, '=');
        assert_eq!(parts.len(), 2, "the provider refuses {pair:?}");
        (parts[0].trim().to_owned(), parts[1].trim().to_owned())
    });
    pairs.collect()
}

fn cut(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = None;
    for c in text.chars() {
        match parts.last_mut() {
            Some(part) if c == separator && before == Some('\\') => {
                part.pop();
                part.push(c);
            }
            _ if c == separator => parts.push(String::new()),
            Some(part) => part.push(c),
            None => unreachable!("there is always a part"),
        }
        before = Some(c);
    }
    parts
}

/// Any text as a YAML scalar.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| format!("\\U{:08x}", u32::from(c)));
    format!("\"{}\"", escaped.collect::<String>())
}

/// Texts that somebody might use to break out of a value, and any other.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\"'\\\\#;=\\[\\]!,a ]{0,40}",
        "[\"'\\\\#;=\\[\\]!a \t\r\n\u{0}\u{b}\u{85}\u{a0}\u{2028}é]{0,20}",
        "[a-z/:.,\"]{0,60}",
        ("[\"\\\\a]", 1000usize..4000).prop_map(|(text, times)| text.repeat(times)),
    ]
}

/// The file of a harmless inventory of the same shape.
fn shape(entries: &[Entry]) -> Vec<(&str, &str)> {
    entries.iter().map(|(section, name, _)| (section.as_str(), name.as_str())).collect()
}

fn with_values(server: &str, provider: &str, sst: &str) -> String {
    format!(
        "version: 1\ncluster: {{name: shop}}\nmysqld: {{init_connect: {server}}}\n\
         provider_options: {{socket.ssl_cipher: {provider}}}\nsst: {{options: {{sockopt: {sst}}}}}\n{NODES}"
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_value_comes_back_exactly_or_is_refused(value in hostile(), at in 0usize..3) {
        let [server, provider, sst] = [0, 1, 2].map(|place| if place == at { value.clone() } else { "x".into() });
        let harmless = with_values("x", "x", "x");
        let harmless = first(&inventory::parse(harmless.as_bytes()).unwrap().0);
        let expected = read(&harmless);

        let text = with_values(&quoted(&server), &quoted(&provider), &quoted(&sst));
        if let Ok((inventory, _)) = inventory::parse(text.as_bytes()) {
            let file = try_render(&inventory, 0).unwrap_or_else(|why| panic!("accepted, not rendered: {why}"));
            let entries = read(&file);
            prop_assert_eq!(shape(&entries), shape(&expected));
            prop_assert_eq!(file.matches('\n').count(), harmless.matches('\n').count());
            let value = |name: &str| entries.iter().find(|entry| entry.1 == name).unwrap().2.as_str();
            prop_assert_eq!(value("init_connect"), &server);
            prop_assert_eq!(value("sockopt"), &sst);
            let expected = [("gcache.size", "512M"), ("gmcast.segment", "0"), ("socket.ssl_cipher", provider.as_str())];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            prop_assert_eq!(provider_options(value("wsrep_provider_options")), expected);
        }
    }

    #[test]
    fn one_line_of_plain_text_is_never_refused(
        server in "[ -~äß€]{0,200}",
        provider in "[!-:<>-\\[\\]-~][ -:<>-\\[\\]-~]{0,50}[!-:<>-\\[\\]-~]",
    ) {
        let text = with_values(&quoted(&server), &quoted(&provider), "x");
        prop_assert!(inventory::parse(text.as_bytes()).is_ok());
    }

    #[test]
    fn a_name_is_plain_or_refused(name in hostile()) {
        let text = format!("version: 1\ncluster: {{name: shop}}\nmysqld: {{{}: x}}\n{NODES}", quoted(&name));
        if let Ok((inventory, _)) = inventory::parse(text.as_bytes()) {
            let names: Vec<_> = read(&first(&inventory)).into_iter().map(|entry| entry.1).collect();
            prop_assert!(names.contains(&name.replace('-', "_").to_ascii_lowercase()), "{:?}", names);
        }
    }
}

fn galactl(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_galactl")).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What galactl says about a template of the user's own.
fn with_template(template: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("galera.cnf"), template).unwrap();
    let path = directory.path().to_str().unwrap();
    galactl(&["render", "--node", "db1", "--templates", path, "inventories/lab.yaml"])
}

#[test]
fn a_template_of_one_s_own() {
    let output = with_template("[mysqld]\nreport_host = \"{{ node.name }}\"\n");
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "# db1:/etc/mysql/mariadb.conf.d/99-galactl.cnf\n[mysqld]\nreport_host = \"db1\"\n");
}

#[test]
fn a_wrong_template_is_shown_with_its_place() {
    for (name, template) in [
        ("template-broken", "[mysqld]\n{% for x in %}\n"),
        ("template-not-closed", "[mysqld]\n{% if sst.auth %}\n"),
        ("template-unknown-variable", "[mysqld]\nserver_id = {{ server_id }}\n"),
        ("template-unknown-field", "[mysqld]\nreport_host = {{ node.nmae }}\n"),
    ] {
        let output = with_template(template);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        insta::assert_snapshot!(name, stderr(&output));
    }
}

#[test]
fn a_templates_directory_without_a_template() {
    let output = galactl(&["render", "--templates", "tests/fixtures", "inventories/lab.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("tests/fixtures/galera.cnf: No such file"), "{}", stderr(&output));
}

#[test]
fn files_below_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let output = galactl(&["render", "--out", path, "inventories/lab.yaml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    for node in ["db1", "db2", "db3"] {
        let file = format!("{node}/etc/mysql/mariadb.conf.d/99-galactl.cnf");
        assert!(stderr(&output).contains(&format!("{path}/{file}\n")), "{}", stderr(&output));
        let text = fs::read_to_string(directory.path().join(file)).unwrap();
        assert!(text.contains(&format!("wsrep_node_name = \"{node}\"\n")), "{text}");
    }
}

#[test]
fn a_node_that_is_none() {
    let output = galactl(&["render", "--node", "db9", "inventories/lab.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "error: `db9` is no node of this inventory\nhint: its nodes are db1, db2, db3\n"
    );
}

/// Every inventory that is shipped, new ones by themselves.
fn shipped() -> Vec<std::path::PathBuf> {
    fn walk(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => walk(&path, found),
                Some(extension) if extension == "yaml" => found.push(path),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new("inventories"), &mut found);
    walk(Path::new("examples"), &mut found);
    // Those of other engines are tried in tests of their own.
    found.retain(|file| engine::of(&fs::read(file).unwrap(), galactl::ENGINES) == Ok(inventory::ENGINE));
    found
}

/// Those of all files that a server reads. `render` says above each file where it stands: `# db1:/etc/mysql/x.cnf`.
fn option_files(rendered: &str) -> String {
    let mut is_one = false;
    let mut options = String::new();
    for line in rendered.lines() {
        let place = line.strip_prefix("# ").and_then(|place| place.split_once(":/"));
        if place.is_some_and(|(host, _)| !host.contains(' ')) {
            is_one = Path::new(line).extension() == Some("cnf".as_ref());
        } else if is_one {
            options += line;
            options.push('\n');
        }
    }
    options
}

#[test]
fn shipped_inventories_are_without_fault() {
    assert!(shipped().len() >= 7);
    for file in shipped() {
        // A warning that the file accepts by its name is said to nobody.
        let said = |notes: Vec<Note>| notes.into_iter().filter(|note| !note.accepted).collect::<Vec<_>>();
        let notes = inventory::parse(&fs::read(&file).unwrap()).map(|(_, notes)| said(notes));
        assert_eq!(notes, Ok(Vec::new()), "{}", file.display());
        let path = file.to_str().unwrap();
        let templates = file.parent().unwrap().join("templates");
        let plain = vec!["render", path];
        let own = vec!["render", "--templates", templates.to_str().unwrap(), path];
        for arguments in [plain, own].iter().take(1 + usize::from(templates.is_dir())) {
            let output = galactl(arguments);
            assert!(output.status.success(), "{}: {}", file.display(), stderr(&output));
            let text = String::from_utf8(output.stdout).unwrap();
            let options = option_files(&text);
            assert!(read(&options).len() > 5, "{}", file.display());
        }
    }
}
