//! A status as text: the verdict first, then the tables, then what is not as it should be.

use crate::galera;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::ui::{fold, table_within};
use crate::{mesh, patroni};

/// Columns where no terminal says how many there are.
const USUAL: usize = 80;

/// Of a Galera cluster, with lines of any length.
pub fn unfolded(status: &galera::status::Status) -> String {
    of_galera(status, None)
}

/// The same no wider than `width`, where that is known.
pub fn of_galera(status: &galera::status::Status, width: Option<usize>) -> String {
    let mut out = verdict(&status.cluster, &status.verdict, width);
    out.push('\n');
    out += &table_within(&galera::status::HEADINGS, &galera::status::rows(status), width);
    out + &findings(&status.findings, width)
}

/// Of a PostgreSQL cluster, no wider than `width`, or else than 80 columns.
pub fn of_patroni(status: &patroni::status::Status, width: Option<usize>) -> String {
    let width = Some(width.unwrap_or(USUAL));
    let mut out = verdict(&status.cluster, &status.verdict, width);
    if let (Some(primary), Some(at)) = (&status.primary, &status.writes_at) {
        out += &format!("writes go to {primary}, at {at}\n");
    }
    if let Some([write, read]) = status.ports {
        out += &format!("clients of the proxies write at port {write}, and read at port {read}\n");
    }
    if let Some(shared) = &status.shared_address {
        let holders: Vec<_> = shared.holders.iter().map(NodeName::as_str).collect();
        let who = match holders.as_slice() {
            [] => "no proxy that was seen has it".to_owned(),
            [one] => format!("{one} has it"),
            several => format!("{} have it", names(several, "and")),
        };
        out += &format!("the proxies share the address {}: {who}\n", shared.address);
    }
    let versions = status.versions();
    if !versions.is_empty() {
        out += &fold(&format!("{versions}\n"), width);
    }
    out.push('\n');
    out += &patroni_tables(status, width);
    out + &findings(&status.findings, width)
}

/// The tables alone.
pub fn patroni_tables(status: &patroni::status::Status, width: Option<usize>) -> String {
    let width = Some(width.unwrap_or(USUAL));
    let nodes = table_within(&patroni::status::HEADINGS, &patroni::status::rows(status), width);
    let stores = patroni::status::store_rows(status);
    let proxies = patroni::status::proxy_rows(status);
    let proxies = match proxies.as_slice() {
        [] => String::new(),
        rows => "\n".to_owned() + &table_within(&patroni::status::PROXY_HEADINGS, rows, width),
    };
    nodes + "\n" + &table_within(&patroni::status::STORE_HEADINGS, &stores, width) + &proxies
}

/// Of a mesh, no wider than `width`, or else than 80 columns.
pub fn of_mesh(status: &mesh::status::Status, width: Option<usize>) -> String {
    let width = Some(width.unwrap_or(USUAL));
    let verdict = verdict(&status.cluster, &status.verdict, width);
    format!("{verdict}\n{}{}", mesh_tables(status, width), findings(&status.findings, width))
}

/// The tables alone.
pub fn mesh_tables(status: &mesh::status::Status, width: Option<usize>) -> String {
    let width = Some(width.unwrap_or(USUAL));
    let nodes = table_within(&mesh::status::HEADINGS, &mesh::status::rows(status), width);
    match mesh::status::link_rows(status).as_slice() {
        [] => nodes,
        links => nodes + "\n" + &table_within(&mesh::status::LINK_HEADINGS, links, width),
    }
}

fn verdict(cluster: &str, verdict: &str, width: Option<usize>) -> String {
    fold(&format!("`{cluster}` is {verdict}\n"), width)
}

fn findings(findings: &[Finding], width: Option<usize>) -> String {
    let mut out = if findings.is_empty() { String::new() } else { "\n".to_owned() };
    for finding in findings {
        out += &fold(&format!("{}: {finding}\n  next: {}\n", finding.severity, finding.remedy), width);
    }
    out
}
