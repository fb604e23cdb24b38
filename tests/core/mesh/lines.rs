//! No text of an inventory, and no name in a database, makes a line of its own in any file, or ends its quotes in SQL.

use std::collections::BTreeMap;

use galactl::kernel::model::Secrets;
use galactl::mesh::config::{Values, fill_in, fits, lines, password_file, password_in, server_file};
use galactl::mesh::inventory::{Inventory, parse};
use galactl::mesh::model::{DatabaseName, MESH_PASSWORD};
use galactl::mesh::statements::{
    Native, Pglogical, TableName, account, connection, enter, forget, local, rendered, row_filter,
    show_token, token, trigger,
};
use galactl::postgresql::{Lsn, Major};
use proptest::prelude::*;
use serde_json::json;

/// Texts of all kinds: of any characters, and of those that mean something to PostgreSQL, libpq, psql or a shell.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9 :#'\"\\\\{}()\\[\\];\n\r\t\u{85}\u{2028}%@`|>&*!,$=-]{0,24}",
        "[a-z][a-z0-9_]{0,8}",
        prop_oneof![
            Just("'; DROP TABLE t; --"),
            Just("\\'; DROP TABLE t; --"),
            Just("\"; DROP TABLE t; --"),
            Just("$galactl$; DROP TABLE t; --"),
            Just("x' user=postgres host='evil"),
            Just("a\nhost all all all trust"),
            Just("${secret:mesh-password}"),
            Just("\\! id"),
            Just(":'made' \\gexec"),
        ]
        .prop_map(str::to_owned),
    ]
}

/// A name of a table or column: any text without NUL, which PostgreSQL has in no text.
fn name() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace('\0', "")).prop_filter("a name is not empty", |text| !text.is_empty())
}

/// The settings of a file in the syntax of postgresql.conf. Source: guc-file.l of PostgreSQL.
fn settings(file: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let (name, quoted) = line.split_once(" = ").unwrap_or_else(|| panic!("{line:?}"));
        let inside = quoted
            .strip_prefix('\'')
            .and_then(|it| it.strip_suffix('\''))
            .unwrap_or_else(|| panic!("{line:?}"));
        let mut value = String::new();
        let mut letters = inside.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' => assert_eq!(letters.next(), Some('\''), "the value ends too soon: {line:?}"),
                '\\' => assert_eq!(letters.next(), Some('\\'), "another letter is made: {line:?}"),
                _ => {}
            }
            value.push(letter);
        }
        found.insert(name.to_owned(), value);
    }
    found
}

/// The parts of a connection string, as libpq reads it. Source: conninfo_parse of fe-connect.c.
fn parts(text: &str) -> BTreeMap<String, String> {
    let (mut found, mut letters) = (BTreeMap::new(), text.chars().peekable());
    loop {
        while letters.next_if(|it| it.is_whitespace()).is_some() {}
        let mut name = String::new();
        while let Some(letter) = letters.next_if(|it| *it != '=') {
            name.push(letter);
        }
        if letters.next().is_none() {
            assert!(name.is_empty(), "{text:?}");
            return found;
        }
        let quoted = letters.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => value.push(letters.next().expect("a letter behind a backslash")),
                '\'' if quoted => break,
                letter if !quoted && letter.is_whitespace() => break,
                letter => value.push(letter),
            }
        }
        found.insert(name, value);
    }
}

/// A text of SQL without what stands between quotes: what is a value and what is a statement, whatever the values are.
/// Source: "Lexical Structure" in PostgreSQL's documentation.
fn skeleton(sql: &str) -> String {
    let (mut out, mut rest) = (String::new(), sql);
    while let Some(letter) = rest.chars().next() {
        // A remark goes on to the end of its line, and may hold an apostrophe.
        if rest.starts_with("--") {
            let end = rest.find('\n').unwrap_or(rest.len());
            out += &rest[..end];
            rest = &rest[end..];
            continue;
        }
        let escapes = (out.ends_with('E') || out.ends_with('e')) && letter == '\'';
        match letter {
            '\'' | '"' => {
                out.push(letter);
                rest = &rest[1..];
                rest = &rest[end_of_quotes(rest, letter, escapes)..];
            }
            '$' => {
                let tag = &rest[..=1 + rest[1..].find('$').expect("a tag")];
                let inside = &rest[tag.len()..];
                rest = &inside[inside.find(tag).expect("its end") + tag.len()..];
                out.push('$');
            }
            _ => {
                out.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    out
}

/// Where a text goes on behind the quotes in which it begins.
fn end_of_quotes(text: &str, quote: char, escapes: bool) -> usize {
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if escapes => {
                letters.next();
            }
            _ if letter == quote && letters.peek().is_some_and(|(_, next)| *next == quote) => {
                letters.next();
            }
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    panic!("the quotes do not end: {text:?}")
}

/// All statements for the first two nodes of an inventory with these tables.
fn statements(inventory: &Inventory, tables: &[TableName], words: &[String; 2]) -> String {
    let (one, other) = (&inventory.nodes[0], &inventory.nodes[1]);
    let database: &DatabaseName = &inventory.databases[0].name;
    let (native, pglogical) = (Native { inventory, database }, Pglogical { inventory, database });
    let end = "0/513A200".parse::<Lsn>().unwrap();
    let column = inventory.conflicts.column.clone().unwrap_or_default();
    [
        native.open(one, tables),
        native.subscribe(one, other),
        native.unsubscribe(one, other),
        native.part(one, other, &[other], end),
        native.enable(one, &[other]),
        pglogical.open(one, tables),
        pglogical.subscribe(one, other, false),
        pglogical.subscribe(one, other, true),
        pglogical.unsubscribe(one, other),
        pglogical.part(&[(words[0].clone(), words[1].clone())], (&words[0], end)),
        enter(&words[0], &words[1], 1, one.region.as_deref()),
        forget(&words[0]),
        token(&words[0], &words[1]),
        show_token(&words[0], &words[1]),
        account(&words[0]),
        row_filter(&column, one.region.as_deref().unwrap_or_default()),
        tables.iter().map(|name| trigger(name, &column)).collect(),
    ]
    .concat()
}

fn regions(column: &str, region: &str) -> Option<Inventory> {
    let inventory = json!({
        "version": 1, "engine": "postgresql-mesh", "cluster": {"name": "shop"},
        "conflicts": {"strategy": "region", "column": column}, "databases": [{"name": "shop"}],
        "nodes": [{"name": "pg1", "address": "10.0.0.11", "region": region}, {"name": "pg2", "address": "10.0.0.12", "region": "us"}],
    });
    parse(inventory.to_string().as_bytes()).ok().map(|(inventory, _)| inventory)
}

/// The same of a method that galactl renders, and tables by a pattern.
fn rendered_of(method: &str, address: &str, pattern: &str, (column, region): (&str, &str)) -> Option<String> {
    let inventory = json!({
        "version": 1, "engine": "postgresql-mesh", "cluster": {"name": "shop"}, "method": method,
        "conflicts": {"strategy": "region", "column": column}, "databases": [{"name": "shop", "tables": [pattern]}],
        "nodes": [{"name": "pg1", "address": address, "region": region}, {"name": "pg2", "address": "10.0.0.12", "region": "us"}],
    });
    let (inventory, _) = parse(inventory.to_string().as_bytes()).ok()?;
    Some(rendered(&inventory).into_iter().map(|it| it.text).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_value_ends_its_quotes_in_what_is_rendered(part in text(), column in text(), region in text()) {
        for method in ["spock", "bdr"] {
            let usual = rendered_of(method, "10.0.0.11", "public.*", ("region", "eu")).unwrap();
            let pattern = format!("public.{part}");
            for (pattern, values) in [(pattern.as_str(), ("region", "eu")), ("public.*", (column.as_str(), region.as_str()))] {
                let Some(text) = rendered_of(method, "10.0.0.11", pattern, values) else { continue };
                prop_assert_eq!(skeleton(&text), skeleton(&usual));
            }
        }
    }

    /// Whatever the names and values are, the statements are the same.
    #[test]
    fn no_value_ends_its_quotes_in_sql(column in text(), region in text(), schema in name(), table in name(), words in prop::array::uniform2(name())) {
        let Some(usual) = regions("region", "eu") else { panic!("an inventory") };
        let inventory = regions(&column, &region).unwrap_or(usual.clone());
        let tables = [(schema, table)];
        let usual = statements(&usual, &[("public".into(), "t".into())], &["a".into(), "b".into()]);
        prop_assert_eq!(skeleton(&statements(&inventory, &tables, &words)), skeleton(&usual));
    }

    /// The filter of rows is SQL within a value of SQL.
    #[test]
    fn no_region_ends_its_filter(column in name(), region in name()) {
        prop_assert_eq!(skeleton(&row_filter(&column, &region)), skeleton(&row_filter("a", "b")));
    }

    #[test]
    fn a_setting_is_read_back_as_it_is_and_adds_no_line(values in prop::array::uniform2(text()), column in text(), region in text()) {
        let inventory = json!({
            "version": 1, "engine": "postgresql-mesh", "cluster": {"name": "shop"},
            "postgresql": {"settings": {"log_line_prefix": values[0], "x.y": values[1]}},
            "conflicts": {"strategy": "region", "column": column}, "databases": [{"name": "shop"}],
            "nodes": [{"name": "pg1", "address": "10.0.0.11", "region": region}],
        });
        let Ok((inventory, _)) = parse(inventory.to_string().as_bytes()) else { return Ok(()) };
        let file = server_file(&inventory, &inventory.nodes[0], Major::Seventeen, None, &Values::new()).text;
        let settings = settings(&file);
        prop_assert_eq!(settings.get("log_line_prefix"), Some(&values[0]));
        prop_assert_eq!(settings.get("x.y"), Some(&values[1]));
        prop_assert_eq!(settings.get("galactl.region"), Some(&region));
        let usual = regions("region", "eu").unwrap();
        let usual = server_file(&usual, &usual.nodes[0], Major::Seventeen, None, &Values::new()).text;
        prop_assert_eq!(file.split(['\n', '\r']).count(), usual.lines().count() + 3, "{}", file);
        prop_assert!(!file.contains("${secret:"), "everybody may read the file: {}", file);
    }

    /// Each text is a valid one but for what is put into it, so that many of them are taken.
    #[test]
    fn no_text_adds_a_line_of_access(part in text(), at in 0usize..4) {
        let mut texts = ["pg1", "10.0.0.11", "10.1.0.0/16", "shop"].map(str::to_owned);
        texts[at].push_str(&part);
        let [name, address, client, database] = texts;
        let inventory = json!({
            "version": 1, "engine": "postgresql-mesh", "cluster": {"name": "shop"}, "clients": [client],
            "databases": [{"name": database}],
            "nodes": [{"name": name, "address": address}, {"name": "other", "address": "pg2.example.org"}],
        });
        let Ok((inventory, _)) = parse(inventory.to_string().as_bytes()) else { return Ok(()) };
        let access = lines(&inventory);
        prop_assert_eq!(access.len(), 2 * inventory.nodes.len() + 1 + inventory.clients.len());
        for line in &access {
            let words: Vec<_> = line.split(' ').collect();
            prop_assert_eq!(words.len(), 5, "{}", line);
            prop_assert_eq!(words[0], "host");
            prop_assert!(["scram-sha-256", "reject"].contains(&words[4]), "{}", line);
            prop_assert!(!line.contains(['\n', '\r', '#', '@', '+']), "{}", line);
        }
        prop_assert!(access.last().is_some_and(|line| line.starts_with("host all all ")), "clients come last");
        for node in &inventory.nodes {
            let database = &inventory.databases[0].name;
            let parts = parts(&connection(node, inventory.port, database));
            prop_assert_eq!(parts.get("host"), Some(&node.address.to_string()));
            prop_assert_eq!(parts.get("dbname").map(String::as_str), Some(database.as_str()));
            prop_assert_eq!(parts.get("user").map(String::as_str), Some("galactl_mesh"));
            prop_assert_eq!(parts.len(), 6);
        }
        prop_assert_eq!(parts(&local(inventory.port, &inventory.databases[0].name)).len(), 4);
    }

    #[test]
    fn a_password_is_one_line_and_comes_back(password in text()) {
        let mut secrets = Secrets::default();
        secrets.insert(MESH_PASSWORD, password.clone());
        let file = password_file(&"pg1".parse().unwrap(), None).text;
        match fill_in(&file, &secrets) {
            Ok(filled) => {
                prop_assert!(fits(&password).is_ok());
                prop_assert_eq!(filled.lines().count(), 2, "{:?}", filled);
                prop_assert_eq!(password_in(&filled), Some(password));
            }
            Err(why) => {
                prop_assert!(fits(&password).is_err());
                prop_assert!(password.len() < 8 || password.starts_with("${secret:") || !why.contains(&password), "{}", why);
            }
        }
    }
}

#[test]
fn what_stands_between_quotes_is_told_from_statements() {
    assert_eq!(skeleton(r#"SELECT E'a\'b''c', "d""e" FROM t; "#), r#"SELECT E', " FROM t; "#);
    assert_eq!(skeleton("DO $x$ anything ' $x$;"), "DO $;");
    assert_ne!(skeleton("SELECT 'a'; DROP TABLE t; --"), skeleton("SELECT 'a';"));
    assert_eq!(parts("host='a\\'b' port=1").get("host").map(String::as_str), Some("a'b"));
}
