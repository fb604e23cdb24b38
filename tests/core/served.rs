//! What members serve, beside what lies on their disks and what the inventory means: `galactl tls`, `doctor`, `check`
//! and the series for Prometheus.

use std::collections::BTreeMap;

use galactl::cli::tls_text;
use galactl::galera::check::check;
use galactl::galera::config::Renderer;
use galactl::galera::doctor::{Case, examine};
use galactl::galera::facts::Spoken;
use galactl::galera::status::{Health, prometheus, status};
use galactl::galera::tls::report::{Report, report};
use galactl::kernel::facts::Seen;
use galactl::kernel::judge::preflight::Level;
use galactl::kernel::judge::{Finding, Invocation, Severity};

use crate::support::certified::{Authority, DAY, NOW};
use crate::support::{Changes as _, World, name};
use crate::tls::{shape, whole, with_arbitrator};

#[allow(clippy::cast_precision_loss, reason = "seconds since 1970 fit")]
fn clock(seconds: i64) -> f64 {
    seconds as f64
}

/// A whole cluster; each port serves what lies on the disk.
fn serving(shape: &crate::support::Shape) -> World {
    let mut world = whole(shape);
    let members: Vec<_> = world.observation.certificates.keys().cloned().collect();
    for member in members {
        let is_node = world.inventory.node(&member).is_some();
        let facts = world.certificates_mut(&member);
        (facts.openssl, facts.machine.clock) = (true, clock(NOW));
        let chain = facts.pair.as_ref().map(|it| it.text.clone());
        facts.served_group.clone_from(&chain);
        facts.served_clients = chain.filter(|_| is_node);
    }
    world
}

fn told(world: &World) -> Report {
    report(&world.basis()).unwrap().settled(&Invocation::later())
}

/// What a deep look says of the second node, with its remedy.
fn of_db2(world: &World) -> Vec<String> {
    let line = |it: Finding| format!("{} | {}", it.evidence, it.remedy);
    let findings = told(world).findings.into_iter();
    findings.filter(|it| it.node.as_ref() == Some(&name(1))).map(line).collect()
}

fn diagnosed(world: &World) -> Vec<Finding> {
    let basis = world.basis();
    let (rates, examined) = (BTreeMap::new(), BTreeMap::new());
    let status = status(basis.inventory, basis.observation, basis.renderer, &rates).unwrap();
    examine(&Case { basis, status: &status, examined: &examined, cut_off: None }).unwrap().findings
}

#[test]
fn each_port_serves_what_lies_on_the_disk() {
    let world = serving(&with_arbitrator());
    let report = told(&world);
    assert_eq!((report.health, report.findings.len()), (Health::Healthy, 0), "{:#?}", report.findings);
    assert_eq!(report.members.len(), 4);
    for member in &report.members {
        let ports: Vec<_> = member.served.iter().map(|it| it.port).collect();
        let wanted: &[u16] = if member.node == name(3) || world.inventory.node(&member.node).is_none() {
            &[4567]
        } else {
            &[4567, 3306]
        };
        assert_eq!(ports, wanted, "{}", member.node);
        assert!(member.served.iter().all(|it| it.is_on_disk && it.of_inventory), "{member:#?}");
        assert_eq!(member.spoken, Some(Spoken::Tls), "{}", member.node);
    }
    let text = tls_text(&report, None);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains("PRIVATE KEY"));
}

#[test]
fn another_certificate_than_the_one_on_the_disk() {
    let mut world = serving(&shape());
    let other = world.authority().issue(&world.inventory, &name(1), 200);
    let facts = world.certificates_mut(&name(1));
    (facts.served_group, facts.served_clients) = (Some(other.clone()), Some(other));
    // Of a file with an older date, no plan would know.
    let [said] = of_db2(&world).try_into().unwrap();
    assert!(said.contains("another certificate at its ports 4567 and 3306"), "{said}");
    assert!(said.contains("sudo touch /etc/mysql/galactl/tls.pem; then galactl apply-config"), "{said}");
    assert_eq!(told(&world).health, Health::Degraded);
    world.certificates_mut(&name(1)).stale = true;
    let said = of_db2(&world).join("\n");
    assert!(said.contains("another certificate at") && !said.contains("sudo touch"), "{said}");
    assert!(diagnosed(&world).iter().any(|it| it.evidence.contains("another certificate at its ports")));
    let report = check(&world.basis());
    let warned: Vec<_> = report.findings(Level::Warn).filter(|(id, _)| *id == "certificates").collect();
    assert!(warned.iter().any(|(_, it)| it.evidence.contains("another certificate at")), "{warned:#?}");
}

#[test]
fn what_is_served_has_expired_and_lies_there_no_more() {
    let mut world = serving(&shape());
    let old = world.authority().issue(&world.inventory, &name(1), -2);
    world.certificates_mut(&name(1)).served_group = Some(old);
    let report = told(&world);
    assert_eq!(report.health, Health::Critical);
    assert!(report.findings[0].evidence.contains("at its port 4567 "), "{:#?}", report.findings);
    let served = &report.members[1].served[0];
    assert_eq!((served.is_on_disk, served.certificate.as_ref().unwrap().days_left), (false, -2));
}

#[test]
fn a_certificate_of_another_authority_is_not_the_inventorys() {
    let mut world = serving(&shape());
    let other = Authority::new("somebody").issue(&world.inventory, &name(1), 200);
    world.certificates_mut(&name(1)).served_group = Some(other.clone());
    assert!(!told(&world).members[1].served[0].of_inventory);
    world.has_certificate(&name(1), &other);
    let report = told(&world);
    assert!(!report.members[1].disk_of_inventory && report.members[0].disk_of_inventory);
    assert!(of_db2(&world).join("\n").contains("was issued by `somebody`"));
}

#[test]
fn a_port_that_speaks_no_tls() {
    let mut world = serving(&shape());
    let facts = world.certificates_mut(&name(1));
    facts.served_clients = None;
    let [said] = of_db2(&world).try_into().unwrap();
    assert!(said.starts_with("what it serves at its port 3306 is not TLS | galactl apply-config"), "{said}");
    // Nobody asked.
    world.certificates_mut(&name(1)).openssl = false;
    let [said] = of_db2(&world).try_into().unwrap();
    assert!(
        said.contains("openssl is not installed there") && said.contains("apt-get install openssl"),
        "{said}"
    );
}

#[test]
fn a_host_that_was_not_seen() {
    let mut world = serving(&shape());
    world.observation.certificates.insert(name(1), Seen::Unreachable("timed out".into()));
    let report = told(&world);
    assert!(report.members[1].unseen.as_deref() == Some("timed out"));
    assert!(of_db2(&world)[0].starts_with("not seen: timed out | make `ssh"), "{:?}", of_db2(&world));
    assert!(tls_text(&report, None).contains("not seen"));
}

#[test]
fn of_stopped_servers_the_disk_is_told() {
    let mut world = serving(&shape());
    for index in 0..3 {
        let mut stopped = world.facts(&name(index)).clone();
        stopped.become_stopped();
        world.set(&name(index), stopped);
        let facts = world.certificates_mut(&name(index));
        (facts.served_group, facts.served_clients) = (None, None);
    }
    let report = told(&world);
    assert!(report.members.iter().all(|it| it.on_disk.is_some() && it.spoken.is_none()), "{report:#?}");
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
}

#[test]
fn clocks_and_an_authority_that_is_not_here() {
    let mut world = serving(&shape());
    world.certificates_mut(&name(1)).machine.clock = clock(NOW - 7200);
    let said = of_db2(&world);
    assert!(said.iter().any(|it| it.starts_with("its clock is 7200 s behind")), "{said:?}");
    let report = check(&world.basis());
    let failed: Vec<_> = report.findings(Level::Fail).map(|(id, it)| (id, it.evidence.clone())).collect();
    assert!(failed.iter().any(|(id, what)| *id == "certificates" && what.contains("7200 s")), "{failed:?}");
    world.certificates_mut(&name(1)).machine.clock = clock(NOW);
    world.inventory.tls.as_mut().unwrap().material.ca = None;
    let report = told(&world);
    let missing = report.findings.iter().find(|it| it.evidence.contains("is not here"));
    assert!(
        missing.is_some_and(|it| it.remedy.to_string().contains("galactl tls")),
        "{:#?}",
        report.findings
    );
    assert!(tls_text(&report, None).contains("authority: galactl-ca.pem is not here"));
}

#[test]
fn no_authority_is_missed_before_the_first_plan() {
    let mut world = serving(&shape());
    world.inventory.tls.as_mut().unwrap().material.ca = None;
    for index in 0..3 {
        let facts = world.certificates_mut(&name(index));
        (facts.ca, facts.pair, facts.served_group, facts.served_clients) = (None, None, None, None);
    }
    let report = check(&world.basis());
    let certificates = |level| report.findings(level).filter(|(id, _)| *id == "certificates").count();
    assert_eq!(certificates(Level::Fail), 0, "{:#?}", report.rows);
}

#[test]
fn prometheus_is_told_when_the_files_expire() {
    let mut world = serving(&shape());
    let soon = world.authority().issue(&world.inventory, &name(1), 10);
    world.has_certificate(&name(1), &soon);
    let (basis, renderer) = (world.basis(), Renderer::new(None).unwrap());
    let status = status(basis.inventory, basis.observation, &renderer, &BTreeMap::new()).unwrap();
    let own: Vec<_> = status.certificates.iter().filter(|it| it.node == name(1)).collect();
    assert_eq!(own.iter().map(|it| it.days_left).min(), Some(10), "{own:#?}");
    assert!(
        status.findings.iter().any(|it| it.severity == Severity::Note && it.evidence.contains("expires on"))
    );
    let text = prometheus(&status);
    let line = format!(
        "galactl_certificate_expiry_timestamp_seconds{{cluster=\"shop\",node=\"db2\",file=\"/etc/mysql/galactl/tls.pem\"}} {}",
        NOW + 10 * DAY
    );
    assert!(text.contains(&line), "{text}");
    assert_eq!(text.matches("\ngalactl_certificate_expiry_timestamp_seconds{").count(), 6);
}
