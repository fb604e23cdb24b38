//! What becomes of etcd in a recovery.

use crate::kernel::judge::Finding;
use crate::kernel::plan::{HostAction, Width};
use crate::patroni::config::{EtcdStart, etcd_data_dir, etcd_file, folder};
use crate::patroni::facts::EtcdFacts;
use crate::patroni::inventory::{Etcd, EtcdMember};
use crate::patroni::judge::hosts::missing_of_etcd;
use crate::patroni::judge::store::{Word, wiped, word};
use crate::patroni::judge::{Basis, codes, reach};
use crate::patroni::model::{ETCD_CLIENT_PORT, Software};
use crate::patroni::observation::Store as Keys;
use crate::patroni::plan::bootstrap::etcd_of;
use crate::patroni::plan::{EtcdAction, NoPlan, Plan, Step};

/// How etcd stands.
pub enum Store<'a> {
    /// A quorum tells its keys. `stopped`: members that have data and do not run.
    Answers { stopped: Vec<&'a EtcdMember> },
    /// Most members have their data, and these of them do not run.
    Start(Vec<&'a EtcdMember>),
    /// Most members have lost their data, so the old etcd can never have a quorum again: a new one takes its place.
    New { running: Vec<&'a EtcdMember>, aside: Vec<&'a EtcdMember> },
}

/// Errors: why etcd neither answers nor can be made to.
pub fn of<'a>(basis: &Basis<'a>) -> Result<Store<'a>, NoPlan> {
    let answers = [Keys::V3, Keys::V2].into_iter().any(|store| basis.observation.agreed(store).is_some());
    let members = match &basis.inventory.etcd {
        Etcd::Members(members) => members,
        Etcd::Existing(_) if answers => return Ok(Store::Answers { stopped: Vec::new() }),
        Etcd::Existing(endpoints) => {
            let names: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
            let evidence = format!("no etcd answers at {}", names.join(", "));
            let next = "start it, or correct `etcd.endpoints`";
            return Err(NoPlan::Refused(vec![Finding::new(codes::STORE_UNKNOWN, evidence, next)]));
        }
    };
    let own = etcd_data_dir(&basis.inventory.cluster);
    let facts = |member: &&EtcdMember| etcd_of(basis, member);
    let has_data = |member: &&EtcdMember| facts(member).is_some_and(|etcd| etcd.datadirs.contains_key(&own));
    let runs = |member: &&EtcdMember| facts(member).is_some_and(EtcdFacts::runs);
    let there: Vec<_> = members.iter().filter(has_data).collect();
    let stopped: Vec<_> = there.iter().copied().filter(|member| !runs(member)).collect();
    if answers {
        let refusals = wiped(basis);
        return if refusals.is_empty() {
            Ok(Store::Answers { stopped })
        } else {
            Err(NoPlan::Refused(refusals))
        };
    }
    // A member that was not seen may have its data, and then a majority may be there.
    if members.iter().any(|member| facts(&member).is_none()) {
        return Err(NoPlan::Refused(reach::unseen(basis)));
    }
    if there.len() > members.len() / 2 {
        return if stopped.is_empty() { Err(silent(members)) } else { Ok(Store::Start(stopped)) };
    }
    Ok(Store::New { running: members.iter().filter(runs).collect(), aside: there })
}

fn silent(members: &[EtcdMember]) -> NoPlan {
    let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
    let evidence = format!("etcd runs on {}, has its data, and does not tell its keys", names.join(", "));
    let next = "see why on each of its hosts: sudo journalctl -u etcd -n 50; then run this again";
    NoPlan::Refused(vec![Finding::new(codes::STORE_UNKNOWN, evidence, next)])
}

/// Starts members that have their data.
pub fn start(basis: &Basis<'_>, plan: &mut Plan, stopped: &[&EtcdMember]) {
    let why = "it has its data, and Patroni keeps in it who leads";
    let steps = stopped.iter().map(|member| Step::new(*member, EtcdAction::Start, why)).collect();
    plan.stage("Start etcd", Width::NodesInParallel, steps);
    if stopped.is_empty() {
        return;
    }
    // Others may have lost their data for good; a majority is what counts.
    let own = etcd_data_dir(&basis.inventory.cluster);
    let there = |member: &&EtcdMember| {
        etcd_of(basis, member).is_some_and(|etcd| etcd.runs() || etcd.datadirs.contains_key(&own))
    };
    let members = basis.inventory.etcd.members();
    if members.iter().all(|member| there(&member)) {
        verify(plan, members);
    }
}

fn verify(plan: &mut Plan, members: &[EtcdMember]) {
    let Some(first) = members.first() else { return };
    let members = members.iter().map(|member| member.name.clone()).collect();
    let step = Step::new(first, EtcdAction::Verify { members }, "each could be up and alone");
    plan.stage("Verify etcd", Width::Serial, vec![step]);
}

/// A new etcd on all members. What is left of the old one is moved aside, and never deleted.
pub fn new(
    basis: &Basis<'_>,
    plan: &mut Plan,
    software: Software,
    running: &[&EtcdMember],
    aside: &[&EtcdMember],
) {
    let why = "it has no majority, and can never have one again: most members have lost their data";
    let stops = running.iter().map(|member| Step::new(*member, EtcdAction::Stop, why)).collect();
    plan.stage("Stop what is left of etcd", Width::NodesInParallel, stops);
    let own = etcd_data_dir(&basis.inventory.cluster);
    let keep = |member: &&EtcdMember| {
        let kept = kept(&own, etcd_of(basis, member)?);
        let action = EtcdAction::KeepAside { datadir: own.clone(), kept };
        Some(Step::new(*member, action, "a member of the old etcd would not come to a new one"))
    };
    plan.stage("Keep the old etcd aside", Width::NodesInParallel, aside.iter().filter_map(keep).collect());
    let members = basis.inventory.etcd.members();
    let packages = |member: &EtcdMember| {
        let packages = missing_of_etcd(basis, &member.name);
        let why = "they are missing here; the package's own etcd is not started";
        (!packages.is_empty()).then(|| Step::new(member, HostAction::InstallPackages { packages }, why))
    };
    let file = |member: &EtcdMember| {
        let etcd = etcd_of(basis, member)?;
        let file = etcd_file(basis.inventory, member, software, EtcdStart::New)
            .put(&member.host, etcd.settings.as_ref());
        let there = file.is_there(etcd.settings.as_ref());
        let why = "the file is not what the inventory says";
        (!there).then(|| Step::new(member, HostAction::PutFile(file), why))
    };
    let prepared = members.iter().flat_map(|member| packages(member).into_iter().chain(file(member)));
    plan.stage("Prepare etcd", Width::NodesInParallel, prepared.collect());
    let why = "a new etcd takes the place of the one whose data is gone";
    let steps = members.iter().map(|member| Step::new(member, EtcdAction::Start, why)).collect();
    plan.stage("Start etcd", Width::NodesInParallel, steps);
    verify(plan, members);
    plan.consequences.push(
        "etcd starts anew: its keys are gone, among them Patroni's configuration, which the first node has a copy of".into(),
    );
}

/// A name that is not there yet.
fn kept(own: &str, etcd: &EtcdFacts) -> String {
    let name = |number: usize| format!("{own}.kept-{number}");
    // One more than there can be of them.
    let mut names = (1..=etcd.datadirs.len() + 1).map(name);
    names.find(|name| !etcd.datadirs.contains_key(name)).unwrap_or_else(|| name(1))
}

/// Removes what the keys say of the last leader; with `founding`, also the key of a founding that was cut off.
pub fn forget(basis: &Basis<'_>, founding: bool, why: &str) -> Vec<Step> {
    let folder = folder(&basis.inventory.cluster);
    if let Some(member) = basis.inventory.etcd.members().iter().find(|member| works(basis, member)) {
        let endpoint = format!("{}:{ETCD_CLIENT_PORT}", member.address.in_url());
        return vec![Step::new(member, EtcdAction::Forget { folder, endpoint, founding }, why)];
    }
    let (Etcd::Existing(endpoints), Some((node, _))) = (&basis.inventory.etcd, basis.nodes().next()) else {
        return Vec::new();
    };
    let healthy = |at: &str| {
        basis
            .observation
            .endpoints()
            .any(|(_, known, told)| known == at && told.healthy.told() == Some(&true))
    };
    let all: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
    let endpoint = all.iter().find(|at| healthy(at)).or(all.first()).cloned().unwrap_or_default();
    vec![Step::new(node, EtcdAction::Forget { folder, endpoint, founding }, why)]
}

/// It says that it is healthy; or it runs, and nobody of them says so.
fn works(basis: &Basis<'_>, member: &EtcdMember) -> bool {
    let healthy = |member: &EtcdMember| word(basis, member) == Word::Healthy;
    match basis.inventory.etcd.members().iter().any(healthy) {
        true => healthy(member),
        false => etcd_of(basis, member).is_some_and(EtcdFacts::runs),
    }
}
