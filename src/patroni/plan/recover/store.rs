//! What becomes of etcd in a recovery.

use crate::kernel::judge::Finding;
use crate::kernel::plan::{HostAction, Width};
use crate::patroni::config::{EtcdStart, etcd_data_dir, etcd_file, folder};
use crate::patroni::facts::EtcdFacts;
use crate::patroni::inventory::{Etcd, EtcdMember};
use crate::patroni::judge::hosts::missing_of_etcd;
use crate::patroni::judge::store::{Word, word};
use crate::patroni::judge::{Basis, codes, reach};
use crate::patroni::model::{ETCD_CLIENT_PORT, Software};
use crate::patroni::observation::Store as Keys;
use crate::patroni::plan::etcd_members::{self, Membership, kept, verify};
use crate::patroni::plan::no_plan::refuse;
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
    let facts = |member: &&EtcdMember| basis.etcd_of(&member.name);
    let has_data = |member: &&EtcdMember| facts(member).is_some_and(|etcd| etcd.datadirs.contains_key(&own));
    let runs = |member: &&EtcdMember| facts(member).is_some_and(EtcdFacts::runs);
    let there: Vec<_> = members.iter().filter(has_data).collect();
    if answers {
        return Ok(Store::Answers { stopped: etcd_members::stopped(basis) });
    }
    let stopped: Vec<_> = there.iter().copied().filter(|member| !runs(member)).collect();
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

/// Brings the members back beside a majority that answers: those that have their data, and then, as new ones, those
/// whose data is gone.
///
/// Errors: what has to be cleared up by hand first.
pub fn complete(
    basis: &Basis<'_>,
    plan: &mut Plan,
    software: Software,
    stopped: &[&EtcdMember],
) -> Result<(), NoPlan> {
    start(basis, plan, stopped);
    let Some(mut membership) = Membership::of(basis, |_| true) else { return Ok(()) };
    let before = plan.steps().count();
    refuse(membership.grow(basis, plan, software))?;
    if plan.steps().count() > before {
        verify(plan, basis.inventory.etcd.members());
    }
    Ok(())
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
        basis.etcd_of(&member.name).is_some_and(|etcd| etcd.runs() || etcd.datadirs.contains_key(&own))
    };
    let members = basis.inventory.etcd.members();
    if members.iter().all(|member| there(&member)) {
        verify(plan, members);
    }
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
        let kept = kept(&own, basis.etcd_of(&member.name)?);
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
        let etcd = basis.etcd_of(&member.name)?;
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
        false => basis.etcd_of(&member.name).is_some_and(EtcdFacts::runs),
    }
}
