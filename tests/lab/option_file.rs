//! The option file as the server's own reader understands it.

use crate::lab::Lab;
use crate::run::Inventory;

const KNOWN_OPTIONS: &str = include_str!("../../src/galera/judge/known_options.sh");

const NASTY: [&str; 12] = [
    "plain",
    "with space",
    " leading and trailing ",
    "hash # and ; semicolon",
    "#",
    r#"quote " and ' apostrophe"#,
    r"back \ slash \n \\ end\",
    "[mysqld]",
    "a = b",
    "!include /etc/passwd",
    "ünïcödé 漢字",
    "$(id) `id` ${HOME} %s",
];

#[test]
#[ignore = "boots real hosts"]
fn my_print_defaults_gives_every_value_back_exactly() {
    let lab = Lab::up("t-cnf", &["db1"]);
    let mut inventory = Inventory::of(&lab, &["db1"]);
    let options: Vec<_> = NASTY
        .iter()
        .enumerate()
        .map(|(index, value)| {
            format!("  loose_nasty_{index}: {}\n", serde_json::to_string(value).expect("text"))
        })
        .collect();
    inventory.rest = format!("mysqld:\n{}", options.concat());
    let rendered = inventory.galactl(&["render"]).expect_code(0).stdout;

    let file = lab.directory().join("machines/db1/root/etc/nasty.cnf");
    std::fs::write(&file, rendered).expect("the host's /etc");
    let read = lab.on("db1", "my_print_defaults --defaults-file=/etc/nasty.cnf mysqld");
    for (index, value) in NASTY.iter().enumerate() {
        let line = format!("--loose_nasty_{index}={value}");
        assert!(read.lines().any(|found| found == line), "{line:?} is not in:\n{read}");
    }
    a_file_is_tried_beside_a_server_and_where_none_runs(&lab);
}

/// By the script that a plan has for it. The option of a plugin that was installed in SQL is known from the server, or
/// from its data.
fn a_file_is_tried_beside_a_server_and_where_none_runs(lab: &Lab) {
    let script = lab.directory().join("machines/db1/root/root/server_tries.sh");
    std::fs::write(script, [KNOWN_OPTIONS, include_str!("../../src/galera/judge/server_tries.sh")].concat())
        .expect("root's home");
    let refused = |line: &str| {
        let tried = format!(
            "printf '[mysqld]\\n{line}\\n' > /root/x.cnf; sh /root/server_tries.sh /root/x.cnf 2>&1 | grep ERROR || true"
        );
        lab.on("db1", &tried)
    };
    // The server that runs writes its redo log when it likes.
    let files =
        || lab.on("db1", "cd /var/lib/mysql && stat -c '%n %s %Y' -- * | grep -v '^ib_logfile0 ' | sort");
    lab.sql("db1", "INSTALL SONAME 'server_audit'");
    for state in ["start", "stop"] {
        lab.on("db1", &format!("systemctl {state} mariadb"));
        assert_eq!(refused("max_connections = 7"), "");
        let both = refused("max_conections = 7\\nserver_audit_logging = ON");
        assert!(both.contains("'max_conections=7'") && !both.contains("server_audit"), "{both}");
        let before = files();
        assert_eq!(refused("server_audit_logging = ON"), "", "with the server's {state}");
        assert_eq!(refused("loose_nothing = 1"), "");
        if state == "start" {
            assert_eq!(files(), before, "the data directory was touched");
        }
    }
    a_stopped_server_that_needs_its_data_answers(lab);
}

/// Its own files have the option of a plugin that is known from its data only.
fn a_stopped_server_that_needs_its_data_answers(lab: &Lab) {
    const PUT: &str =
        "printf '[mysqld]\\nserver_audit_logging = ON\\n' > /etc/mysql/mariadb.conf.d/97-audit.cnf";
    let root = lab.directory().join("machines/db1/root/root");
    let pieces = [
        include_str!("../../src/kernel/facts/head.sh"),
        include_str!("../../src/galera/observe/next_start.sh"),
        "next_start mariadbd ''\n",
        KNOWN_OPTIONS,
        include_str!("../../src/galera/observe/tries.sh"),
    ];
    std::fs::write(root.join("ask.sh"), pieces.concat()).expect("root's home");
    lab.on("db1", PUT);
    let said = lab.on("db1", "sh /root/ask.sh '' own /run/mysqld/mysqld.sock");
    assert!(said.contains("wsrep-on=") && said.contains("@own_accepted"), "{said}");
    let said = lab
        .on("db1", "sh /root/ask.sh new '' /run/mysqld/mysqld.sock < /etc/mysql/mariadb.conf.d/97-audit.cnf");
    assert!(said.contains("@new_accepted"), "{said}");
    lab.on("db1", "echo 'max_conections = 7' >> /etc/mysql/mariadb.conf.d/97-audit.cnf");
    let said = lab.on("db1", "sh /root/ask.sh '' own /run/mysqld/mysqld.sock");
    let refused = said.split_once("@own_refused").unwrap_or_else(|| panic!("{said}")).1;
    assert!(refused.contains("max_conections") && !refused.contains("server_audit_logging="), "{said}");
}
