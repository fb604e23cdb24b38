//! Rules about schemas: each has a fixture in which it finds something, and close ones in which it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use galactl::galera::lint::log::{self, Log};
use galactl::galera::lint::rules::large::limit;
use galactl::galera::lint::sql::Dump;
use galactl::galera::lint::written::{self, Written};
use galactl::galera::lint::{Name, Outdated, Place, Report, Schema, codes, lint, watched, with_regions};
use galactl::kernel::judge::Severity;
use galactl::kernel::lint::{Acceptance, Finding, Source};
use galactl::kernel::model::NodeName;
use galactl::ui::{lint_markdown, lint_regions, lint_text};
use serde::Deserialize;

use crate::support::{Shape, World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    fires: Vec<Case>,
    silent: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(default)]
    sql: String,
    settings: Option<BTreeMap<String, String>>,
    accounts: Option<BTreeSet<String>>,
    /// Events that other members run.
    elsewhere: Option<Vec<String>>,
    /// Settings that the inventory wants.
    #[serde(default)]
    wanted: BTreeSet<String>,
    /// As bad as the findings are; as the rule says where this is absent.
    severity: Option<Severity>,
    #[serde(default)]
    outdated: Vec<OldOption>,
    /// The text of a slow query log, and of a general log.
    slow: Option<String>,
    general: Option<String>,
    /// Rows of `t` with values of `site` that were written, as the script tells them: rows, server_id, time, value.
    written: Option<Vec<(u64, u64, String, String)>>,
    #[serde(default)]
    member: bool,
    /// What the rule's findings are about, in order.
    #[serde(default)]
    objects: Vec<String>,
    /// Texts of these findings, in their evidence or their fix.
    #[serde(default)]
    says: Vec<String>,
}

#[derive(Deserialize)]
struct OldOption {
    option: String,
    fatal: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lint")
}

fn fixture(rule: &str) -> Fixture {
    let path = folder().join(rule).with_extension("yaml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{rule}: {error}"))
}

fn read(sql: &str) -> Schema {
    let mut dump = Dump::new("dump.sql");
    dump.feed(sql.as_bytes());
    dump.finish()
}

fn judged(case: &Case) -> Report {
    let mut schema = read(&format!("USE shop;\n{}", case.sql));
    assert_eq!(schema.unread, [], "{}", case.sql);
    (schema.settings, schema.accounts) = (case.settings.clone(), case.accounts.clone());
    let elsewhere = case.elsewhere.as_ref().map(|names| names.iter().map(|name| Name::new("shop", name)));
    schema.events_elsewhere = elsewhere.map(Iterator::collect);
    schema.wanted = case.wanted.clone();
    let outdated = case.outdated.iter();
    let outdated =
        outdated.map(|it| Outdated { option: it.option.clone(), release: "10.11", fatal: it.fatal });
    schema.outdated = outdated.collect();
    schema.large = large(case);
    schema.written = case.written.as_ref().map(|rows| ("site".to_owned(), written(&schema, rows)));
    lint(
        schema,
        Source::Dump("dump.sql".into()),
        Place { nodes: 3, arbitrators: 0, member: case.member },
        &[],
    )
}

fn written(schema: &Schema, rows: &[(u64, u64, String, String)]) -> Written {
    let lines: Vec<_> =
        rows.iter().map(|(rows, id, time, value)| format!("{rows}\t{id}\t0\t{time}\t{value}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).chain(["@status 0", "7\tx"]).collect();
    let node = |name: &str| name.parse::<NodeName>().expect("a name");
    let nodes = [(1, node("db1")), (2, node("db2"))].into();
    written::read(&lines, &watched(schema, "SITE"), &nodes, (node("db1"), 60))
}

fn large(case: &Case) -> Option<Vec<log::Large>> {
    let settings = case.settings.clone().unwrap_or_default();
    let most = limit(&settings);
    let slow = case.slow.as_deref().map(log::of_slow_log);
    let general = case.general.as_deref().map(log::of_general_log);
    let slow = slow.map(|it| log::large(Log::Slow, &it, most, log::has_every_statement(&settings)));
    let general = general.map(|it| log::large(Log::General, &it, most, true));
    (slow.is_some() || general.is_some()).then(|| [slow, general].into_iter().flatten().flatten().collect())
}

fn of_rule<'a>(report: &'a Report, rule: &'a str) -> impl Iterator<Item = &'a Finding> {
    report.findings.iter().filter(move |finding| finding.rule.name == rule)
}

#[test]
fn every_rule_finds_what_it_is_for() {
    for rule in codes::ALL {
        let name = rule.code.name;
        for case in fixture(name).fires {
            let report = judged(&case);
            let objects: Vec<_> = of_rule(&report, name).map(|finding| finding.object.as_str()).collect();
            assert!(!case.objects.is_empty(), "{name}: nothing is expected");
            assert_eq!(objects, case.objects, "{name}: {}", case.sql);
            let severity = case.severity.unwrap_or(rule.code.severity);
            assert!(of_rule(&report, name).all(|it| it.severity == severity), "{name}: {report:#?}");
            let text: Vec<_> =
                of_rule(&report, name).map(|it| format!("{}\n{}", it.evidence, it.fix)).collect();
            let text = text.join("\n");
            for said in &case.says {
                assert!(text.contains(said.as_str()), "{name}: {said:?} is not in\n{text}");
            }
        }
    }
}

#[test]
fn no_rule_finds_what_is_only_close_to_it() {
    for rule in codes::ALL {
        let name = rule.code.name;
        let silent = fixture(name).silent;
        assert!(!silent.is_empty(), "{name}");
        for case in silent {
            let report = judged(&case);
            let found: Vec<_> = of_rule(&report, name).collect();
            assert!(found.is_empty(), "{name}: {found:#?}");
        }
    }
}

#[test]
fn every_fixture_is_of_a_rule() {
    for entry in fs::read_dir(folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|it| it == "yaml") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(codes::rule(&name).is_some(), "{name}");
        }
    }
}

#[test]
fn a_clean_schema_has_no_finding() {
    let sql = fs::read_to_string(folder().join("clean.sql")).expect("a file");
    let schema = read(&sql);
    assert_eq!(schema.unread, []);
    let (tables, programs) = (schema.tables.len(), schema.programs.len());
    assert_eq!((tables, schema.sequences.len(), programs), (4, 1, 5), "{schema:#?}");
    let report = lint(
        schema,
        Source::Dump("clean.sql".into()),
        Place { nodes: 3, arbitrators: 0, member: false },
        &[],
    );
    assert_eq!(report.findings, []);
    assert_eq!(report.worst(), None);
}

/// Wherever a dump is cut by the buffer that it is read into, it is the same dump.
#[test]
fn a_dump_is_read_alike_in_pieces_of_any_size() {
    let sql = fs::read_to_string(folder().join("clean.sql")).expect("a file");
    let whole = read(&sql);
    for size in [1, 2, 3, 7, 64] {
        let mut dump = Dump::new("dump.sql");
        sql.as_bytes().chunks(size).for_each(|piece| dump.feed(piece));
        assert_eq!(dump.finish(), whole, "pieces of {size}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let places = |sql: &str| {
        let unread = read(sql).unread;
        unread.into_iter().map(|it| format!("{} {}", it.at, it.what)).collect::<Vec<_>>()
    };
    let sql = "-- x\nUSE shop;\n\nCREATE TABLE a AS SELECT 1;\nRENAME TABLE a TO b;\nSET x = 1;\n";
    assert_eq!(
        places(sql),
        ["dump.sql:4 `CREATE TABLE a AS SELECT …`", "dump.sql:5 `RENAME …` is not known"]
    );
    assert_eq!(places("CREATE TABLE a (x INT DEFAULT 'open);\n")[0], "dump.sql:1 a quote is open at its end");
    assert_eq!(places("ALTER TABLE nowhere ADD x INT;\n"), ["dump.sql:1 `ALTER TABLE nowhere ADD x INT …`"]);
    assert_eq!(places("INSERT INTO a VALUES ('x;y\\'z');\nDROP VIEW v;\n"), [""; 0]);
    let later = |change: &str| places(&format!("CREATE TABLE a (x INT);\n{change};\n"));
    assert_eq!(later("ALTER TABLE a RENAME TO b"), ["dump.sql:2 `ALTER TABLE a RENAME TO b …`"]);
    assert_eq!(later("ALTER TABLE a SPLIT x"), ["dump.sql:2 `ALTER TABLE a SPLIT x …`"]);
    assert_eq!(later("DROP SOMETHING x"), ["dump.sql:2 `DROP SOMETHING x …`"]);
    assert_eq!(later("ALTER TABLE a FORCE, ALGORITHM=INPLACE, COMMENT 'x', ADD SYSTEM VERSIONING"), [""; 0]);
}

/// A text in a statement may be a password.
#[test]
fn no_value_of_a_statement_is_shown() {
    let unread = read("ALTER SERVER s OPTIONS (HOST '10.0.0.9', PASSWORD 'secret');").unread;
    assert_eq!(unread[0].what, "`ALTER SERVER s OPTIONS HOST …`");
}

#[test]
fn what_cannot_be_read_is_counted_and_not_kept_without_end() {
    let unread = read(&"RENAME TABLE a TO b;\n".repeat(1500)).unread;
    assert_eq!(unread.len(), 1001);
    assert_eq!(
        (&*unread[1000].at, &*unread[1000].what),
        ("dump.sql", "500 more statements could not be read")
    );
}

#[test]
fn a_conditional_comment_counts_as_its_server_reads_it() {
    let tables = |sql: &str| read(sql).tables.into_iter().map(|table| table.engine).collect::<Vec<_>>();
    let table = |options: &str| tables(&format!("CREATE TABLE a (x INT PRIMARY KEY) {options};"));
    assert_eq!(table("/*!40100 ENGINE=MyISAM */"), ["MyISAM"]);
    assert_eq!(table("/*M!100100 ENGINE=MyISAM */"), ["MyISAM"]);
    assert_eq!(table("/* ENGINE=MyISAM */"), ["InnoDB"]);
    assert_eq!(table("/*!80016 ENGINE=MyISAM */"), ["InnoDB"], "a version of MySQL");
    assert_eq!(table("/*Mind ENGINE=MyISAM */"), ["InnoDB"]);
    assert_eq!(tables("/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE a (x INT);"), ["InnoDB"]);
}

#[test]
fn the_head_of_a_dump_tells_its_server() {
    let version = |sql: &str| read(sql).version.map(|version| version.to_string());
    let head = "-- MariaDB dump 10.19\n-- Server version\t10.5.23-MariaDB-0+deb11u1\nSET x = 1;\n";
    assert_eq!(version(head), Some("10.5.23".into()));
    assert_eq!(version("SET x = 1;"), None);
    let of_mysql = read("-- MySQL dump 10.13\n-- Server version\t8.0.36\nCREATE TABLE a (x INT);");
    let report =
        lint(of_mysql, Source::Dump("d".into()), Place { nodes: 3, arbitrators: 0, member: false }, &[]);
    assert!(lint_text(&report, &lint_regions(&report), None).contains("d, MySQL 8.0.36, for"), "{report:#?}");
}

/// `mariadb-dump shop` has no USE; a dump of several databases has one for each.
#[test]
fn the_head_of_a_dump_tells_its_database() {
    let head = |database: &str| format!("-- Host: localhost    Database: {database}\n-- ------\n");
    let table = |name: &str| format!("CREATE TABLE {name} (x INT PRIMARY KEY);\n");
    let names = |sql: &str| read(sql).tables.iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&(head("shop") + &table("a"))), ["shop.a"]);
    assert_eq!(names(&(head("") + &table("a"))), ["a"]);
    assert_eq!(names(&(head("shop") + "USE `other`;\n" + &table("a"))), ["other.a"]);
    let two = head("one") + &table("a") + &head("two") + &table("a");
    assert_eq!(names(&two), ["one.a", "two.a"]);
}

/// Older dumps have a table in the place of a view until all tables are there.
#[test]
fn a_view_is_no_table() {
    let sql = "/*!50001 CREATE TABLE `v` (`x` INT) ENGINE=MyISAM */;\n/*!50001 DROP TABLE IF EXISTS `v`*/;\n/*!50001 CREATE VIEW `v` AS select 1 */;\n";
    let schema = read(sql);
    assert_eq!((schema.tables.len(), schema.programs.len()), (0, 1));
}

fn of_two(accepted: &[Acceptance]) -> Report {
    let sql = "USE shop; CREATE TABLE log (x INT); CREATE TABLE m (x INT PRIMARY KEY) ENGINE=MyISAM; RENAME TABLE a TO b;";
    lint(
        read(sql),
        Source::Dump("dump.sql".into()),
        Place { nodes: 3, arbitrators: 0, member: false },
        accepted,
    )
}

fn acceptance(rule: &str, object: &str) -> Acceptance {
    Acceptance { rule: rule.into(), object: object.into() }
}

#[test]
fn what_is_accepted_is_not_told() {
    let report = of_two(&[acceptance("primary-key", "shop.log"), acceptance("table-engine", "shop.gone")]);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.accepted[0].object, "shop.log");
    assert_eq!(report.accepted_in_vain, [acceptance("table-engine", "shop.gone")]);
    let all = of_two(&[acceptance("primary-key", "shop.*"), acceptance("table-engine", "*")]);
    assert_eq!((all.findings.len(), all.worst()), (0, None));
    let other = of_two(&[acceptance("primary-key", "shop.lo")]);
    assert_eq!(other.worst(), Some(Severity::Degraded));
}

#[test]
fn it_is_shown_in_three_forms() {
    let report = of_two(&[acceptance("primary-key", "shop.gone")]);
    let text = lint_text(&report, &lint_regions(&report), Some(80));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!("lint_text", lint_text(&report, &lint_regions(&report), Some(80)));
    insta::assert_snapshot!("lint_markdown", lint_markdown(&report, &lint_regions(&report)));
    insta::assert_snapshot!("lint_json", serde_json::to_string_pretty(&report).expect("JSON"));
}

/// A name that users chose becomes neither markup nor a command to a terminal.
#[test]
fn a_hostile_name_is_harmless() {
    let sql = "CREATE TABLE `a``b\u{1b}[31m|<script>` (x INT);";
    let report =
        lint(read(sql), Source::Dump("d".into()), Place { nodes: 3, arbitrators: 0, member: false }, &[]);
    let (text, markdown) =
        (lint_text(&report, &lint_regions(&report), None), lint_markdown(&report, &lint_regions(&report)));
    assert!(!text.contains('\u{1b}') && !markdown.contains('\u{1b}'), "{text}{markdown}");
    assert!(markdown.contains("- `` a`b"), "{markdown}");
}

/// The schema with which the scenes try the same on servers.
#[test]
fn the_ill_schema_has_what_it_says() {
    let sql = fs::read_to_string(folder().join("ill.sql")).expect("a file");
    let says = sql.lines().filter_map(|line| line.strip_prefix("-- finds: ")).map(str::to_owned);
    let mut wanted: BTreeSet<String> = says.collect();
    let schema = read(&sql);
    assert_eq!(schema.unread, []);
    let report =
        lint(schema, Source::Dump("ill.sql".into()), Place { nodes: 3, arbitrators: 0, member: false }, &[]);
    let found = report.findings.iter().map(|it| format!("{} {}", it.rule, it.object)).collect();
    assert!(wanted.remove("definer ill.of_nobody"), "a dump does not tell accounts");
    assert_eq!(wanted, found);
}

#[test]
fn a_bootstrap_warns_of_what_the_seeds_databases_have() {
    let mut world = World::standalone(&Shape::of(3));
    assert!(world.bootstrap().expect("a plan").warnings.is_empty());
    world.observation.seed_schema.found = vec![("table-engine".into(), 3), ("xa".into(), 1)];
    let warnings = world.bootstrap().expect("a plan").warnings;
    let warning = "db1: its databases do not all fit Galera: table-engine (3), xa (1); galactl lint {inventory} tells of each what to do";
    assert_eq!(warnings, [warning]);
    world.observation.seed_schema.not_looked_at = Some("it did not answer within 20 s".into());
    let warnings = world.bootstrap().expect("a plan").warnings;
    let unread =
        "db1: its databases were not all looked at: it did not answer within 20 s; galactl lint {inventory}";
    assert_eq!(warnings, [warning, unread]);
}

/// A table's rows are its regions' own where every key of theirs holds the region.
#[test]
fn a_table_is_owned_by_regions_where_each_of_its_keys_has_the_column() {
    let sql = "USE shop;
        CREATE TABLE sites (site CHAR(2) PRIMARY KEY);
        CREATE TABLE orders (site CHAR(2) NOT NULL, id INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (site, id), KEY (id));
        CREATE TABLE items (site CHAR(2), nr INT, PRIMARY KEY (site, nr), FOREIGN KEY f (site, nr) REFERENCES orders (site, id));
        CREATE TABLE mails (site CHAR(2) NOT NULL, id INT, mail VARCHAR(50), PRIMARY KEY (site, id), UNIQUE KEY m (mail));
        CREATE TABLE words (id INT PRIMARY KEY, site CHAR(2));
        CREATE TABLE prefix (site VARCHAR(99) NOT NULL, PRIMARY KEY (site(2)));
        CREATE TABLE child (site CHAR(2) NOT NULL, id INT, o INT, PRIMARY KEY (site, id), CONSTRAINT g FOREIGN KEY (o) REFERENCES words (id));
        CREATE TABLE other (id INT PRIMARY KEY);
        CREATE TABLE old (site CHAR(2) PRIMARY KEY) ENGINE=MyISAM;";
    let place = Place { nodes: 3, arbitrators: 0, member: false };
    let report = with_regions(read(sql), Source::Dump("d".into()), place, &[], Some("SITE"));
    let tables = report.regions.expect("asked").tables;
    let told: Vec<_> = tables.iter().map(|it| format!("{}: {}", it.table, it.obstacles.join("; "))).collect();
    let wanted = [
        "shop.child: its foreign key g has no SITE in it: the row of shop.words may be another region's",
        "shop.items: ",
        "shop.mails: SITE is not in its unique key m, which regions may take from each other",
        "shop.old: its engine is MyISAM",
        "shop.orders: ",
        "shop.other: it has no column SITE",
        "shop.prefix: SITE is not in its primary key",
        "shop.sites: ",
        "shop.words: SITE may be NULL, and such a row has no region; SITE is not in its primary key",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_column_of_no_table_is_told_once() {
    let sql = "CREATE TABLE a (x INT PRIMARY KEY); CREATE TABLE b (x INT PRIMARY KEY);";
    let place = Place { nodes: 3, arbitrators: 0, member: false };
    let report = with_regions(read(sql), Source::Dump("d".into()), place, &[], Some("siet"));
    let text = lint_text(&report, &lint_regions(&report), None);
    assert!(text.contains("  no table has a column siet\n"), "{text}");
    assert!(!text.contains("not so:"), "{text}");
}

/// What is accepted of an inventory's own values is no news in a server's settings.
#[test]
fn an_accepted_code_of_a_rule_holds_for_every_object() {
    let text = "version: 1\ncluster: {name: shop}\naccept: [durability, lookup]\nnodes: [{name: db1, address: 10.0.0.11}]\n";
    let (inventory, _) = galactl::galera::inventory::parse(text.as_bytes()).expect("an inventory");
    assert_eq!(inventory.lint_accepts, [acceptance("durability", "*")]);
    let flush = [("innodb_flush_log_at_trx_commit".to_owned(), "2".to_owned())].into();
    let schema = Schema { settings: Some(flush), ..Schema::default() };
    let place = Place { nodes: 1, arbitrators: 0, member: true };
    let report = lint(schema, Source::Dump("d".into()), place, &inventory.lint_accepts);
    assert_eq!((report.findings.len(), report.accepted.len(), report.accepted_in_vain.len()), (0, 1, 0));
    assert_eq!(of_two(&inventory.lint_accepts).accepted_in_vain, []);
}

/// What the servers themselves wrote about the same statements, with and without whole transactions.
#[test]
fn the_logs_of_every_release_tell_the_same() {
    let read = |name: &str| {
        let path = folder().with_file_name("lint-logs").join(format!("{name}.txt"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let told = |large: Vec<log::Large>| -> Vec<String> {
        let one = |it: &log::Large| {
            let least = if it.at_least { "at least " } else { "" };
            format!(
                "{} {}: {least}{} rows, {} statements, {}x",
                it.verb, it.name, it.rows, it.statements, it.times
            )
        };
        large.iter().map(one).collect()
    };
    for release in ["10.5", "10.11", "11.8"] {
        let slow = log::of_slow_log(&read(&format!("slow-{release}")));
        let whole = [
            "CALL shop.p1: 1800 rows, 1 statements, 1x",
            "DELETE shop.t: 1800 rows, 1 statements, 2x",
            "INSERT shop.t: 5000 rows, 1 statements, 1x",
            "UPDATE shop.t: 5000 rows, 2 statements, 1x",
        ];
        assert_eq!(told(log::large(Log::Slow, &slow, 1000, true)), whole, "{release}");
        let alone = [whole[0], whole[1], whole[2], "UPDATE shop.t: 3501 rows, 1 statements, 2x"];
        assert_eq!(told(log::large(Log::Slow, &slow, 1000, false)), alone, "{release}");
        let general = log::of_general_log(&read(&format!("general-{release}")));
        let general = told(log::large(Log::General, &general, 2, true));
        assert_eq!(general, ["UPDATE shop.t: at least 2 rows, 2 statements, 1x"], "{release}");
    }
}

/// A log is read from somewhere in the middle, and may be of anything.
#[test]
fn the_beginning_of_a_log_may_be_missing() {
    let slow =
        fs::read_to_string(folder().with_file_name("lint-logs").join("slow-10.11.txt")).expect("a file");
    let all = log::of_slow_log(&slow).len();
    for (at, _) in slow.char_indices() {
        assert!(log::of_slow_log(&slow[at..]).len() <= all);
    }
    let general = "b' WHERE x\n\t\t     7 Query\tBEGIN\n261129  8:12:12\t     7 Query\tDELETE FROM t\n";
    assert_eq!(log::of_general_log(general).len(), 2);
}

#[test]
fn a_log_is_where_the_settings_say() {
    let settings = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    let on =
        [("slow_query_log", "ON"), ("datadir", "/var/lib/mysql/"), ("slow_query_log_file", "db1-slow.log")];
    let of = |output: &str| Log::Slow.written(&settings(&[&on[..], &[("log_output", output)]].concat()));
    assert_eq!(of("FILE"), Some(log::Written::File("/var/lib/mysql/db1-slow.log".into())));
    assert_eq!(of("FILE,TABLE"), of("FILE"));
    assert_eq!(of("TABLE"), Some(log::Written::Table));
    assert_eq!(of("NONE"), None);
    let off = settings(&[("general_log", "OFF"), ("log_output", "FILE")]);
    assert_eq!(Log::General.written(&off), None);
}

/// What is asked of the log is a column's place in the row, and a name as SQL quotes it.
#[test]
fn the_place_of_a_column_is_told_for_each_table_that_has_it() {
    let sql = "USE shop; CREATE TABLE a (id INT, v INT AS (id) VIRTUAL, Site INT, PRIMARY KEY (site, id));
        CREATE TABLE `b``c` (site INT PRIMARY KEY); CREATE TABLE none (id INT PRIMARY KEY);
        CREATE TABLE free (id INT PRIMARY KEY, site INT); CREATE TABLE old (site INT PRIMARY KEY) ENGINE=MyISAM;";
    let mut schema = read(sql);
    let lines = |schema: &Schema| written::lines(&watched(schema, "site"));
    assert_eq!(lines(&schema), "0\t3\t`shop`.`a`\n1\t1\t`shop`.`b``c`\n2\t2\t`shop`.`free`\n");
    schema.settings = Some([("binlog_row_image".to_owned(), "MINIMAL".to_owned())].into());
    assert!(!lines(&schema).contains("free"), "its rows are not logged as a whole");
}

#[test]
fn a_value_stands_in_a_condition_as_sql_reads_it() {
    assert_eq!(written::condition("a`b", "'o's'"), "`a``b` = 'o''s'");
    for (value, wanted) in
        [("'it\\x27s (1)'", "`site` = 'it\\x27s (1)'"), ("-6 (250)", "`site` = 250"), ("-6", "`site` = -6")]
    {
        assert_eq!(written::condition("site", value), wanted);
    }
}
