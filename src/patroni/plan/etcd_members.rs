//! Members that come to an etcd that runs, or leave it.
//!
//! Who comes gets all keys first, and a vote after that (a learner of etcd 3.4). So a member that fails to start does not
//! cost the quorum, not even where there was one member alone. The runtime reconfiguration of etcd takes one at a time:
//! between the first and the second one that comes, two votes are there, and both are needed.

use super::preparation;
use super::{EtcdAction, Plan, Step};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::{HostAction, Width};
use crate::patroni::config::{EtcdStart, etcd_data_dir, etcd_file, peer_url};
use crate::patroni::facts::{EtcdFacts, EtcdMember as Told};
use crate::patroni::inventory::{EtcdMember, Inventory};
use crate::patroni::judge::store::{Word, majority, word};
use crate::patroni::judge::{Basis, codes};
use crate::patroni::model::Software;
use crate::patroni::observe::client_endpoint;

/// The members as etcd has them, and who may be asked to change that. What is planned changes the list.
pub struct Membership<'a> {
    /// A healthy member.
    voice: &'a EtcdMember,
    told: Vec<&'a Told>,
    /// The inventory in which all of them are to be.
    inventory: &'a Inventory,
}

impl<'a> Membership<'a> {
    /// `stays`: who is asked before the others. `None`: no healthy member of the inventory tells of its cluster.
    pub fn of(basis: &Basis<'a>, stays: impl Fn(&EtcdMember) -> bool) -> Option<Self> {
        let members = basis.inventory.etcd.members().iter();
        let mut healthy: Vec<_> = members.filter(|member| word(basis, member) == Word::Healthy).collect();
        healthy.sort_by_key(|member| !stays(member));
        healthy.into_iter().find_map(|voice| {
            let own = client_endpoint(voice);
            let (_, _, endpoint) = basis.observation.endpoints().find(|(_, at, _)| *at == own)?;
            let told = endpoint.members.told()?;
            let knows_itself = told.iter().any(|it| it.name == voice.name.as_str());
            knows_itself.then(|| Self { voice, told: told.iter().collect(), inventory: basis.inventory })
        })
    }

    fn find(&self, member: &EtcdMember) -> Option<&'a Told> {
        let url = peer_url(member);
        let is_it = |it: &&&Told| it.name == member.name.as_str() || it.peer_urls.contains(&url);
        self.told.iter().find(is_it).copied()
    }

    /// Members of the inventory that have no vote in etcd yet, or have lost their data.
    pub fn coming(&self, basis: &Basis<'a>) -> Vec<&'a EtcdMember> {
        let own = etcd_data_dir(&basis.inventory.cluster);
        let has_data = |etcd: &EtcdFacts| etcd.runs() || etcd.datadirs.contains_key(&own);
        let is_coming = |member: &&EtcdMember| match (self.find(member), basis.etcd_of(&member.name)) {
            (Some(told), _) if told.learner || told.name.is_empty() => true,
            (Some(_), etcd) => etcd.is_some_and(|etcd| !has_data(etcd)),
            (None, _) => true,
        };
        basis.inventory.etcd.members().iter().filter(is_coming).collect()
    }

    /// Plans that all of [`Self::coming`] get their votes, one after the other.
    ///
    /// Errors: what has to be cleared up by hand first.
    pub fn grow(&mut self, basis: &Basis<'a>, plan: &mut Plan, software: Software) -> Vec<Finding> {
        let coming = self.coming(basis);
        let refusals = self.refusals(basis, &coming);
        if !refusals.is_empty() {
            return refusals;
        }
        let lost = |it: &&Told| !it.name.is_empty() && !it.learner && self.is_of(it, &coming);
        let lost: Vec<_> = self.told.iter().copied().filter(lost).collect();
        let why = "its data is gone, and it cannot come back as the one that it was";
        let steps = lost.iter().map(|it| self.remove(it, why)).collect();
        plan.stage("Take members out of etcd that are lost", Width::Serial, steps);
        // What can fail without any harm comes before etcd is told of anybody.
        let packages = coming.iter().filter_map(|member| preparation::packages_of_member(basis, member));
        plan.stage("Prepare etcd", Width::NodesInParallel, packages.collect());
        let there = self.told.iter().filter(|it| !self.is_of(it, &coming));
        let mut members: Vec<_> = there.map(|it| (it.name.clone(), url_of(it))).collect();
        for member in coming {
            let Some(etcd) = basis.etcd_of(&member.name) else { continue };
            members.push((member.name.to_string(), peer_url(member)));
            let steps = self.bring_in(basis, member, etcd, (&members, software));
            plan.stage(&format!("Let etcd on {} in", member.name), Width::Serial, steps);
        }
        Vec::new()
    }

    fn is_of(&self, told: &Told, members: &[&EtcdMember]) -> bool {
        members.iter().any(|member| self.find(member) == Some(told))
    }

    fn remove(&mut self, told: &Told, why: &str) -> Step {
        self.told.retain(|it| it.id != told.id);
        let action = EtcdAction::Remove { name: told.name.clone(), id: hexadecimal(&told.id) };
        Step::new(self.voice, action, why)
    }

    /// etcd takes one newcomer at a time, so one that nobody knows has to go first.
    fn refusals(&self, basis: &Basis<'a>, coming: &[&EtcdMember]) -> Vec<Finding> {
        if coming.is_empty() {
            return Vec::new();
        }
        let of_nobody = |it: &&Told| (it.name.is_empty() || it.learner) && !self.is_of(it, coming);
        let is_stranger = |it: &&Told| {
            let members = self.inventory.etcd.members().iter().map(|member| &member.name);
            let mut entries = self.inventory.nodes.iter().map(|node| &node.name).chain(members);
            !it.name.is_empty() && entries.all(|name| name.as_str() != it.name)
        };
        let unknown = self.told.iter().copied().filter(|it| of_nobody(it) || is_stranger(it));
        let mut refusals: Vec<_> = unknown.map(|it| self.unknown(it)).collect();
        for member in coming {
            let runs = basis.etcd_of(&member.name).is_some_and(EtcdFacts::runs);
            if runs && self.find(member).is_none() {
                let evidence = "its etcd runs, and is no member of the cluster's etcd";
                let next = Remedy::on_host("sudo systemctl disable --now etcd; then run this again");
                refusals.push(Finding::new(codes::ETCD_CLUSTER, evidence, next).on(&member.name));
            }
        }
        refusals
    }

    fn unknown(&self, told: &Told) -> Finding {
        let evidence = match told.name.as_str() {
            "" => format!("etcd waits for a member at {}, which never came", url_of(told)),
            name => format!("etcd has {name} at {} as a member, and the inventory has not", url_of(told)),
        };
        let next = Remedy::on_host(format!(
            "if it is gone for good: ETCDCTL_API=3 etcdctl member remove {}; then run this again",
            hexadecimal(&told.id)
        ));
        Finding::new(codes::ETCD_CLUSTER, evidence, next).on(&self.voice.name)
    }

    fn bring_in(
        &self,
        basis: &Basis<'a>,
        member: &EtcdMember,
        etcd: &EtcdFacts,
        (members, software): (&[(String, String)], Software),
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        let told = self.find(member);
        let own = etcd_data_dir(&basis.inventory.cluster);
        if etcd.datadirs.contains_key(&own) && told.is_none() {
            let action = EtcdAction::KeepAside { datadir: own.clone(), kept: kept(&own, etcd) };
            steps.push(Step::new(member, action, "it is that of a member which etcd does not know any more"));
        }
        let (name, peer) = (member.name.clone(), peer_url(member));
        let add = EtcdAction::Add { name: name.clone(), peer: peer.clone() };
        steps.push(Step::new(self.voice, add, "it gets all keys first, and no vote yet"));
        if !etcd.runs() {
            let file = etcd_file(basis.inventory, member, software, EtcdStart::Existing(members))
                .put(&member.host, etcd.settings.as_ref());
            if !file.is_there(etcd.settings.as_ref()) {
                let why = "it comes to an etcd that is there";
                steps.push(Step::new(member, HostAction::PutFile(file), why));
            }
            steps.push(Step::new(member, EtcdAction::Start, "Patroni keeps in it who leads"));
        }
        let why = "its vote counts once it has all keys";
        steps.push(Step::new(self.voice, EtcdAction::Promote { name, peer }, why));
        steps
    }

    /// Plans that members leave which are not wanted any more and give no answer. While one of these counts, etcd takes
    /// no new member. `wanted`: all that are to be left.
    pub fn drop_lost(&mut self, basis: &Basis<'a>, plan: &mut Plan, wanted: &[EtcdMember]) {
        self.take_out(basis, plan, wanted, |word| word != Word::Healthy);
    }

    /// Plans that all other members leave which are not wanted any more: first by the list of one that stays, then on
    /// their hosts. All that are wanted have their votes by then.
    pub fn shrink(&mut self, basis: &Basis<'a>, plan: &mut Plan, wanted: &'a [EtcdMember]) {
        let Some(voice) = wanted.first() else { return };
        self.voice = voice;
        self.take_out(basis, plan, wanted, |_| true);
    }

    fn take_out(
        &mut self,
        basis: &Basis<'a>,
        plan: &mut Plan,
        wanted: &[EtcdMember],
        leaves: impl Fn(Word) -> bool,
    ) {
        let is_wanted = |it: &&Told| wanted.iter().any(|member| member.name.as_str() == it.name);
        let known =
            |it: &Told| basis.inventory.etcd.members().iter().find(|member| member.name.as_str() == it.name);
        let is_leaving =
            |it: &&Told| !is_wanted(it) && known(it).is_some_and(|member| leaves(word(basis, member)));
        let leaving: Vec<_> = self.told.iter().copied().filter(is_leaving).collect();
        let mut steps = Vec::new();
        for told in leaving {
            steps.push(self.remove(told, "a member that is gone counts against the majority"));
            if let Some(member) = known(told).filter(|it| basis.etcd_of(&it.name).is_some()) {
                steps.push(Step::new(member, EtcdAction::Leave, "no reboot may bring it back"));
            }
        }
        plan.stage("Take members out of etcd", Width::Serial, steps);
    }
}

/// Members that have their data and do not run, and that etcd still counts on, as far as it tells: one that was taken off
/// its list ends at once when it is started.
pub fn stopped<'a>(basis: &Basis<'a>) -> Vec<&'a EtcdMember> {
    let own = etcd_data_dir(&basis.inventory.cluster);
    let listed = majority(basis);
    let is_stopped = |member: &&EtcdMember| {
        let etcd = basis.etcd_of(&member.name);
        let counts = listed.is_none_or(|all| all.iter().any(|it| it.name == member.name.as_str()));
        counts && etcd.is_some_and(|etcd| !etcd.runs() && etcd.datadirs.contains_key(&own))
    };
    basis.inventory.etcd.members().iter().filter(is_stopped).collect()
}

/// Plans to see that etcd has exactly these members.
pub fn verify(plan: &mut Plan, members: &[EtcdMember]) {
    let Some(first) = members.first() else { return };
    let members: Vec<NodeName> = members.iter().map(|member| member.name.clone()).collect();
    let step = Step::new(first, EtcdAction::Verify { members }, "each could be up and alone");
    plan.stage("Verify etcd", Width::Serial, vec![step]);
}

fn url_of(told: &Told) -> String {
    told.peer_urls.first().cloned().unwrap_or_default()
}

/// `etcdctl` writes ids so; the API writes them as decimal numbers.
fn hexadecimal(id: &str) -> String {
    id.parse::<u64>().map_or_else(|_| id.to_owned(), |id| format!("{id:x}"))
}

/// A name for a data directory that is moved aside: one that is not there yet.
pub fn kept(own: &str, etcd: &EtcdFacts) -> String {
    let name = |number: usize| format!("{own}.kept-{number}");
    // One more than there can be of them.
    let mut names = (1..=etcd.datadirs.len() + 1).map(name);
    names.find(|name| !etcd.datadirs.contains_key(name)).unwrap_or_else(|| name(1))
}
