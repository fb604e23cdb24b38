//! What would not come back, and what has not read its settings.

use crate::kernel::judge::{Finding, Remedy};
use crate::mesh::facts::HostFacts;
use crate::mesh::judge::{Basis, codes};
use crate::mesh::model::Cluster;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let of = |facts: &HostFacts| [not_at_boot(facts), unread(facts), workers(facts), no_time_source(facts)];
    let members = basis.members().into_iter();
    members
        .flat_map(|(node, facts)| of(facts).into_iter().flatten().map(move |finding| finding.on(&node.name)))
        .collect()
}

fn not_at_boot(facts: &HostFacts) -> Option<Finding> {
    let version = facts.major().ok()?;
    let (evidence, next) = if facts.boot.cluster.as_deref().is_some_and(|it| it != "auto") {
        let file = format!("{}/start.conf", Cluster(version).settings());
        (format!("{file} does not say `auto`"), format!("echo auto | sudo tee {file}"))
    } else if facts.boot.unit.as_deref().is_some_and(|it| it != "enabled") {
        ("postgresql.service is not enabled".into(), "sudo systemctl enable postgresql".to_owned())
    } else {
        return None;
    };
    let evidence = format!("{evidence}, so the server does not start at boot");
    Some(Finding::new(codes::NOT_AT_BOOT, evidence, Remedy::on_host(next)))
}

fn unread(facts: &HostFacts) -> Option<Finding> {
    let unit = facts.major().map(|major| Cluster(major).unit()).ok()?;
    let next = Remedy::on_host(format!("sudo systemctl reload {unit}"));
    let evidence = "galactl.conf was written after the server has read it";
    (facts.stale && facts.live().is_some()).then(|| Finding::new(codes::FILE_UNREAD, evidence, next))
}

/// Workers of pglogical keep the settings of their start: a reload reaches sessions, and not them.
fn workers(facts: &HostFacts) -> Option<Finding> {
    let (written, oldest) = (facts.boot.settings_written?, facts.live()?.oldest_worker?);
    let unit = facts.major().map(|major| Cluster(major).unit()).ok()?;
    let next = Remedy::on_host(format!("sudo systemctl restart {unit}"));
    let evidence = "galactl.conf was written after workers that apply changes have started, and they keep the settings of their start";
    (written > oldest).then(|| Finding::new(codes::PENDING_RESTART, evidence, next))
}

fn no_time_source(facts: &HostFacts) -> Option<Finding> {
    let next =
        Remedy::on_host("sudo apt-get install chrony, or sudo systemctl enable --now systemd-timesyncd");
    let evidence = "nothing keeps its clock right (timedatectl: NTPSynchronized=no)";
    (facts.boot.time.as_deref() == Some("no")).then(|| Finding::new(codes::TIME_SOURCE, evidence, next))
}
