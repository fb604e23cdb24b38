//! Every alert that a lab can break is fired by the real fault, and the end of the fault ends it: with the rules that
//! galactl set up, as they are. Faults that do not touch each other are made side by side. The tables in
//! docs/concepts/alerts-fired.md are written when GALACTL_BLESS is set; their seconds are of one machine, and hold
//! nothing. What always must hold: all of these alerts fire and end, and no others do.

mod members;
mod writes;

use std::fs;

use crate::alert_log::Log;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/concepts/alerts-fired.md");
const HEAD: &str = "| fault | alert | severity | fires (s) | ends (s) |\n| --- | --- | --- | --- | --- |\n";
const END: &str = "<!-- end -->";

/// Writes the scene's table into the page when that is asked for; otherwise the page has its faults and alerts.
fn tell(log: &Log<'_>, name: &str) {
    let (rows, page) = (log.rows(), fs::read_to_string(PAGE).expect(PAGE));
    println!("{rows}");
    let mark = format!("<!-- generated: {name} -->\n");
    let (head, rest) = page.split_once(&mark).expect("the table's mark");
    let (table, tail) = rest.split_once(END).expect("the table's end");
    if std::env::var_os("GALACTL_BLESS").is_some() {
        fs::write(PAGE, format!("{head}{mark}{HEAD}{rows}{END}{tail}")).expect(PAGE);
    } else {
        let causes = |rows: &str| rows.lines().map(without_seconds).collect::<Vec<_>>();
        let written = table.strip_prefix(HEAD).expect("the table's head");
        assert_eq!(causes(written), causes(&rows), "write {PAGE} anew with GALACTL_BLESS=1");
    }
}

/// A row's fault, alert and severity.
fn without_seconds(row: &str) -> String {
    row.split('|').take(4).collect::<Vec<_>>().join("|")
}
