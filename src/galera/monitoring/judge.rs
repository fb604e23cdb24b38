//! Judging the programs of monitoring. No finding here keeps a plan from its work on the database.

use super::program::{Place, RULES, Service, places};
use super::rules::number;
use super::targets::{Target, list as target_list};
use super::texts::{lacking, text};
use crate::galera::judge::{Basis, codes, guards};
use crate::kernel::facts::{ProgramFacts, Seen};
use crate::kernel::judge::{Finding, Remedy, Severity, programs};

/// The systems for Prometheus's host. Debian 11's Alertmanager (0.21) does not read the matchers of galactl's file.
const WATCHERS_OS: [&str; 2] = ["debian 12", "debian 13"];

/// The programs whose hosts were seen, with what was seen there.
pub fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (Place<'a>, &'a ProgramFacts)> + use<'a> {
    let observation = basis.observation;
    places(basis.inventory)
        .into_iter()
        .filter_map(move |place| Some((place, observation.service_of(place.service, place.member)?)))
}

/// The path of the unix socket of a member's server: as seen on the host, or the usual one.
pub fn socket<'a>(basis: &Basis<'a>, place: &Place<'_>) -> &'a str {
    let seen = basis.observation.facts(place.member).map(|facts| facts.socket.as_str());
    seen.filter(|socket| !socket.is_empty()).unwrap_or_else(|| basis.inventory.host.unasked_socket())
}

/// Why programs cannot be set up as things are: for each, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let unseen = basis.inventory.watcher().and_then(|watcher| {
        match basis.observation.services.get(Service::Prometheus.role())?.get(&watcher.name)? {
            Seen::Facts(_) => None,
            Seen::Unreachable(why) => {
                Some(guards::not_seen(basis.inventory, why, &watcher.ssh).on(&watcher.name))
            }
        }
    });
    let on_host =
        |(place, facts): (Place<'_>, &ProgramFacts)| Some(obstacle(basis, &place, facts)?.on(place.member));
    unseen.into_iter().chain(seen(basis).filter_map(on_host)).collect()
}

/// Why one program cannot be set up.
pub fn obstacle(basis: &Basis<'_>, place: &Place<'_>, facts: &ProgramFacts) -> Option<Finding> {
    let program = place.service.program();
    if let Some(refusal) = programs::masked(&facts.unit, program.name) {
        return Some(refusal);
    }
    if let Some(file) = facts.anothers().and_then(|it| program.files.iter().find(|file| file.artefact == it))
    {
        return Some(programs::foreign_file(file.path, instead(place.service)));
    }
    if let Some(file) = of_another_cluster(basis, place) {
        let evidence =
            format!("{file} is of another cluster's Prometheus, which galactl set up for that one");
        return Some(Finding::new(codes::FOREIGN_FILE, evidence, instead(place.service)));
    }
    if let Some(taken) = facts.taken.first() {
        let evidence = format!("another program has a port of {}: {taken}", program.name);
        let next =
            Remedy::on_host(format!("sudo ss -ltnp | grep {}", taken.split(' ').next().unwrap_or_default()))
                .and(" shows it; stop it, or remove this host from `monitoring`");
        return Some(Finding::new(codes::PORTS, evidence, next));
    }
    let os = facts.machine.os.as_str();
    if place.service.watches() && !os.is_empty() && !WATCHERS_OS.contains(&os) {
        let evidence =
            format!("galactl sets up Prometheus on {} alone, and this is {os}", WATCHERS_OS.join(" and "));
        return Some(Finding::new(codes::NOT_SUPPORTED, evidence, instead(place.service)));
    }
    let package = (program.packages[0], facts.package.as_ref());
    programs::not_installed(basis.inventory.install, &facts.machine, package, "a host of this cluster")
}

/// The rules beside a Prometheus or an Alertmanager are galactl's, and have the name of another cluster: the file's path.
fn of_another_cluster(basis: &Basis<'_>, place: &Place<'_>) -> Option<&'static str> {
    let prometheus = Place { service: Service::Prometheus, ..*place };
    let facts = basis.observation.service_of(prometheus.service, place.member)?;
    let there = facts.file(RULES).filter(|_| place.service.watches())?;
    let wanted = text(basis.inventory, &prometheus, basis.inventory.host.unasked_socket(), RULES);
    let group = |text: &str| text.lines().find(|line| line.starts_with("- name: ")).map(str::to_owned);
    let file = prometheus.service.files().iter().find(|file| file.artefact == RULES)?;
    (group(&there.text).is_some() && group(&there.text) != group(&wanted)).then_some(file.path)
}

fn instead(service: Service) -> &'static str {
    match service.watches() {
        true => {
            "name another host under `monitoring.prometheus`, or give yours what `galactl monitoring render` writes"
        }
        false => "set `monitoring.exporters: false` where your own are to stay",
    }
}

/// The findings about monitoring.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let ailing = |(place, facts): (Place<'_>, &ProgramFacts)| {
        let (evidence, next) = ailing(basis, &place, facts)?;
        let finding = Finding::new(codes::MONITORING, evidence, next).severity(Severity::Note);
        Some(programs::hindered(finding, obstacle(basis, &place, facts), "apply-config").on(place.member))
    };
    let unseen = basis.inventory.watcher().filter(|watcher| {
        basis.observation.service_of(Service::Prometheus, &watcher.name).is_none()
            && basis.observation.services.contains_key(Service::Prometheus.role())
    });
    let unseen = unseen.map(|watcher| {
        let next = Remedy::galactl("check", &[]).and(" tells why");
        let evidence = "the host of Prometheus was not seen";
        Finding::new(codes::MONITORING, evidence, next).severity(Severity::Note).on(&watcher.name)
    });
    let mut findings: Vec<_> = seen(basis).filter_map(ailing).chain(unseen).collect();
    if findings.is_empty() {
        findings.extend(unwatched(basis));
    }
    findings
}

/// The targets that Prometheus does not get answers from, though all programs run as they should.
fn unwatched(basis: &Basis<'_>) -> Vec<Finding> {
    let (Some(watcher), Some(watching)) = (basis.inventory.watcher(), &basis.observation.watching) else {
        return Vec::new();
    };
    let finding = |evidence: String, next: Remedy| {
        Finding::new(codes::MONITORING, evidence, next).severity(Severity::Note).on(&watcher.name)
    };
    let reload = || Remedy::on_host("sudo systemctl reload prometheus");
    let rules = number(basis.inventory);
    let few = (watching.rules != rules)
        .then(|| finding(format!("Prometheus has {} of {rules} rules", watching.rules), reload()));
    let of_target = |target: Target| {
        let (node, job) = (&target.node, target.job.name());
        match watching.targets.get(&target.address) {
            None => {
                Some(finding(format!("Prometheus does not ask {} ({node}, {job})", target.address), reload()))
            }
            Some(None) => None,
            Some(Some(why)) => {
                let evidence =
                    format!("Prometheus got no answer from {} ({node}, {job}): {why}", target.address);
                let next = "it asks again within 15 s; a firewall between the two may be in the way";
                Some(finding(evidence, next.into()))
            }
        }
    };
    few.into_iter().chain(target_list(basis.inventory).into_iter().filter_map(of_target)).collect()
}

fn ailing(basis: &Basis<'_>, place: &Place<'_>, facts: &ProgramFacts) -> Option<(String, Remedy)> {
    let set_up = || Remedy::galactl("apply-config", &[]);
    let unit = place.service.unit();
    if facts.package.is_none() {
        return Some((format!("{unit} is not installed"), set_up().and(" sets it up")));
    }
    let differs = lacking(basis.inventory, place, socket(basis, place), facts);
    if let Some(file) = differs.first() {
        return Some((
            format!("{} is not what the inventory says", file.path),
            set_up().and(" puts it right"),
        ));
    }
    if !facts.unit.works() {
        return Some((format!("{unit}.service is {}", facts.unit.active), set_up().and(" starts it")));
    }
    facts.stale.then(|| {
        let evidence = format!("{unit}.service runs with an older file than the one that is there");
        (evidence, set_up().and(" lets it read the file"))
    })
}
