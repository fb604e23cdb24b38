//! Certificates as text: who serves what, then each certificate in full, then what is not as it should be.

use std::collections::BTreeMap;

use crate::galera::facts::Spoken;
use crate::galera::tls::Clients;
use crate::galera::tls::report::{Member, Report, Served, Shown};
use crate::ui::{fold, table_within};

/// Columns where no terminal says how many there are.
const USUAL: usize = 80;
const HEADINGS: [&str; 8] =
    ["NODE", "WHERE", "SPEAKS", "SUBJECT", "DAYS", "VALID UNTIL", "ON DISK", "INVENTORY'S"];

/// No wider than `width`, or else than 80 columns.
pub fn text(report: &Report, width: Option<usize>) -> String {
    let width = Some(width.unwrap_or(USUAL));
    let mut out =
        fold(&format!("`{}` is {}: {}\n", report.cluster, report.health.word(), encrypted(report)), width);
    out += &fold(&format!("{}\n\n", authority(report)), width);
    out += &table_within(&HEADINGS, &report.members.iter().flat_map(rows).collect::<Vec<_>>(), width);
    out += &fold(&certificates(report), width);
    if !report.findings.is_empty() {
        out.push('\n');
    }
    for finding in &report.findings {
        out += &fold(&format!("{}: {finding}\n  next: {}\n", finding.severity, finding.remedy), width);
    }
    out
}

fn encrypted(report: &Report) -> String {
    let nodes = if report.replication { "TLS between the nodes" } else { "the nodes speak clear text" };
    let transfers = if report.transfer { "for state transfers" } else { "not for state transfers" };
    let clients = match report.clients {
        Clients::Off => "not for clients",
        Clients::Offered => "offered to clients",
        Clients::Required => "required of clients",
    };
    format!("{nodes}, {transfers}, {clients}, as the inventory wants it")
}

fn authority(report: &Report) -> String {
    let file = &report.ca_file;
    let one = |it: &Shown| format!("{}, valid until {}, {} days", it.subject, it.valid_until, it.days_left);
    match report.authorities.as_slice() {
        [] => format!("authority: {file} is not here, or cannot be read"),
        all => format!("authority in {file}: {}", all.iter().map(one).collect::<Vec<_>>().join("; and ")),
    }
}

/// The member's file, and each port that it serves.
fn rows(member: &Member) -> Vec<Vec<String>> {
    let node = member.node.to_string();
    if member.unseen.is_some() {
        return vec![vec![node, "not seen".into()]];
    }
    let disk = row(&node, "disk", "", member.on_disk.as_ref(), ("", member.disk_of_inventory));
    let served = member.served.iter().map(|it| {
        let speaks = if it.service == "clients" { "" } else { spoken(member) };
        let on_disk = if it.is_on_disk { "yes" } else { "no" };
        row(&node, &it.port.to_string(), speaks, it.certificate.as_ref(), (on_disk, it.of_inventory))
    });
    std::iter::once(disk).chain(served).collect()
}

fn row(
    node: &str,
    place: &str,
    speaks: &str,
    shown: Option<&Shown>,
    (disk, ours): (&str, bool),
) -> Vec<String> {
    let mut cells = vec![node.to_owned(), place.to_owned(), speaks.to_owned()];
    match shown {
        None => cells.push("none".into()),
        Some(it) => {
            let ours = if ours { "yes" } else { "no" };
            let until = it.valid_until.trim_end_matches(" UTC");
            cells.extend([&it.subject, &it.days_left.to_string(), until, disk, ours].map(str::to_owned));
        }
    }
    cells
}

fn spoken(member: &Member) -> &'static str {
    match member.spoken {
        Some(Spoken::Tls) => "TLS",
        Some(Spoken::Both) => "both",
        Some(Spoken::Clear) => "clear text",
        None => "",
    }
}

/// Each certificate once, with the places where it is.
fn certificates(report: &Report) -> String {
    let mut all: BTreeMap<&str, (&Shown, Vec<String>)> = BTreeMap::new();
    let mut order = Vec::new();
    for (shown, place) in report.members.iter().flat_map(places) {
        let entry = all.entry(&shown.sha256).or_insert_with(|| {
            order.push(shown.sha256.as_str());
            (shown, Vec::new())
        });
        entry.1.push(place);
    }
    let one = |sha256: &str| {
        let (it, places) = &all[sha256];
        format!(
            "\n{}, issued by {}, at {}\n  for {}\n  SHA-256 {}\n",
            it.subject,
            it.issuer,
            places.join(", "),
            it.names.join(", "),
            it.sha256.replace(':', "").to_ascii_lowercase()
        )
    };
    order.into_iter().map(one).collect()
}

fn places(member: &Member) -> Vec<(&Shown, String)> {
    let node = &member.node;
    let disk = member.on_disk.as_ref().map(|it| (it, format!("{node}:{}", member.file)));
    let port = |it: &'_ Served| format!("{node}:{}", it.port);
    let served = member.served.iter().filter_map(|it| Some((it.certificate.as_ref()?, port(it))));
    disk.into_iter().chain(served).collect()
}
