//! The option file as the server's own reader understands it.

use crate::lab::Lab;
use crate::run::Inventory;

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
}
