//! A standby is promoted that may lack something, while nobody leads and Patroni promotes nobody by itself.

use super::begin::begin;
use super::led::{Led, led, may_elect};
use super::no_plan::refuse;
use super::rolling::synchronous_among;
use super::stages::verify_among;
use super::{Command, NoPlan, PatroniAction, Plan, Step};
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{bytes, names};
use crate::kernel::plan::Width;
use crate::patroni::config::{PATRONI_CONFIG, is_galactls, removing_by_itself};
use crate::patroni::facts::SyncKey;
use crate::patroni::inventory::{Node, SyncMode};
use crate::patroni::judge::birth::standing;
use crate::patroni::judge::failover as judge;
use crate::patroni::judge::{Basis, codes, hosts, leader, reach};
use crate::patroni::recovery::{Beyond, Evidence, Lack, What, beyond, gather, lack, off_history};

/// Seconds without any progress. A standby is promoted once it has replayed what it has.
const PROMOTED_WITHIN: u64 = 120;

/// Plans that this node becomes the primary.
///
/// Errors: somebody leads or may; the node cannot be promoted; another one that was seen has more. [`NoPlan::Electing`]:
/// wait for a primary first. [`NoPlan::PositionsWanted`]: the data of the others was not asked how far it got.
pub fn failover(basis: &Basis<'_>, to: &NodeName) -> Result<Plan, NoPlan> {
    refuse(hosts::refusals(basis))?;
    match standing(basis) {
        Ok(_) => return led_already(basis, &led(basis)?, to),
        Err(refusals) => refuse(refusals.into_iter().filter(|it| it.code != codes::NO_PRIMARY).collect())?,
    }
    if !basis.observation.awaited && may_elect(basis) && is_open(basis) {
        return Err(NoPlan::Electing);
    }
    refuse(judge::refusals(basis))?;
    let Some(node) = basis.inventory.node(to) else { return Err(NoPlan::Refused(Vec::new())) };
    refuse(judge::unfit(basis, node).into_iter().collect())?;
    if basis.observation.recovered.is_none() {
        return Err(NoPlan::PositionsWanted);
    }
    let evidence = gather(basis);
    refuse(beyond(basis, &evidence, to).into_iter().map(|other| more(basis, &other, to)).collect())?;
    refuse(off_history(basis, to).map(|place| apart(to, place.at)).into_iter().collect())?;
    let Some(lack) = lack(basis, &evidence, to) else { return Err(NoPlan::Refused(vec![untold(to)])) };
    Ok(Failover { basis, evidence: &evidence, node, lack: &lack }.plan())
}

fn led_already(basis: &Basis<'_>, led: &Led<'_>, to: &NodeName) -> Result<Plan, NoPlan> {
    match led.leader == to {
        true => Ok(begin(basis, Command::Failover { to: to.clone(), forced: false })),
        false => Err(NoPlan::Refused(judge::led(basis, led.leader, to))),
    }
}

/// Patroni may still promote somebody by itself: the last leader's key has not expired, or a node runs that it may promote.
fn is_open(basis: &Basis<'_>) -> bool {
    let sync = judge::keys(basis).and_then(|keys| keys.sync.as_ref()).filter(|sync| sync.leader.is_some());
    let Some(sync) = sync.filter(|sync| sync.quorum == 0) else { return true };
    let may = |name: &str| sync.leader.as_deref() == Some(name) || sync.standbys.iter().any(|it| it == name);
    leader::key(basis).is_some()
        || basis.nodes().any(|(node, facts)| facts.patroni_runs() && may(node.name.as_str()))
}

/// Another node was seen that has more, or of which that cannot be told.
fn more(basis: &Basis<'_>, other: &Beyond, to: &NodeName) -> Finding {
    let Beyond { node, what } = other;
    let found = match what {
        What::Ahead { bytes: count, runs: true } => Finding::new(
            codes::MORE_ADVANCED,
            format!("it has {} of WAL ({count} bytes) that {to} has not", bytes(*count)),
            Remedy::galactl("failover", &["--to", node.as_str()]),
        ),
        What::Ahead { bytes: count, runs: false } => Finding::new(
            codes::MORE_ADVANCED,
            format!("it is stopped, and has {} of WAL ({count} bytes) that {to} has not", bytes(*count)),
            Remedy::on_host("sudo systemctl start patroni; then ")
                .and(Remedy::galactl("failover", &["--to", node.as_str()]))
                .and(", unless Patroni has promoted it by then; if its data is of no use any more, switch that host off"),
        ),
        What::Forked(place) => Finding::new(
            codes::FORKED,
            format!("it has another history than {to} from {} on, on timeline {}", place.at, place.timeline),
            compared(basis, to, " compares what each of them has"),
        ),
        What::Unknown(why) => Finding::new(
            codes::UNCLEAR,
            format!("whether it has more than {to} cannot be told: {why}"),
            compared(basis, to, " stops what runs, and compares what each of them has"),
        ),
        What::Replays => Finding::new(
            codes::UNCLEAR,
            "it was restarted, and still replays what it has: how far that goes cannot be told yet",
            "wait until it has replayed all, then run this again",
        ),
    };
    found.on(node)
}

/// Without --seed, `recover` wants to see every node, and would name this command again.
fn compared(basis: &Basis<'_>, to: &NodeName, words: &'static str) -> Remedy {
    if reach::unseen(basis).is_empty() {
        return Remedy::galactl("recover", &[]).and(words);
    }
    Remedy::on_host("sudo systemctl poweroff, if its data is of no use any more, then run this again; or ")
        .and(Remedy::galactl("recover", &["--seed", to.as_str()]))
        .and(format!("{words}, and goes on from {to}"))
}

fn apart(to: &NodeName, at: crate::patroni::facts::Lsn) -> Finding {
    let next = Remedy::from("name another node: ")
        .and(Remedy::galactl("failover", &["--to", "NODE"]))
        .and("; or ")
        .and(
            Remedy::galactl("recover", &["--seed", to.as_str()])
                .and(" goes on from its data, and says what that discards"),
        );
    let evidence = format!("its data is no part of the cluster's history, as etcd has it, from {at} on");
    Finding::new(codes::FORKED, evidence, next).on(to)
}

fn untold(to: &NodeName) -> Finding {
    let next = Remedy::on_host("sudo journalctl -u patroni -n 50");
    Finding::new(codes::UNCLEAR, "its server does not tell how far it is", next).on(to)
}

struct Failover<'a, 'b> {
    basis: &'a Basis<'b>,
    evidence: &'a Evidence,
    node: &'a Node,
    lack: &'a Lack,
}

impl Failover<'_, '_> {
    fn plan(&self) -> Plan {
        let (to, forced) = (&self.node.name, !self.lack.complete);
        let mut plan = begin(self.basis, Command::Failover { to: to.clone(), forced });
        plan.consequences = self.costs();
        plan.warnings.extend(reach::unseen(self.basis).iter().map(|it| format!("{it}: it is left out")));
        if forced {
            plan.consequences.extend(self.of_the_lost());
            let step = Step::new(
                self.node,
                PatroniAction::NoRewind,
                "what only a lost node has is on its disk still",
            );
            plan.stage("Keep what lost nodes have", Width::Serial, vec![step]);
        }
        let action = PatroniAction::Failover {
            timeline: self.lack.own.timeline,
            most: self.lack.bytes(),
            patience_seconds: PROMOTED_WITHIN,
        };
        let why = match forced {
            true => "nobody leads, and of the nodes that were seen it has most",
            false => "nobody leads, and it has every commit that was acknowledged",
        };
        plan.stage("Fail over", Width::Serial, vec![Step::new(self.node, action, why)]);
        self.verify(&mut plan);
        plan
    }

    /// What is lost, first of all; `text` begins with the word that marks a loss.
    fn costs(&self) -> Vec<String> {
        let to = &self.node.name;
        if self.lack.complete {
            return vec![format!(
                "nothing acknowledged is lost: {to} had every commit, by the key `sync` in etcd"
            )];
        }
        let end = self.lack.own.at;
        let loop_wait = self.basis.inventory.failover.loop_wait();
        let later =
            format!("a primary tells it every {loop_wait} s, and what it wrote after that is lost, too");
        let lost = match (self.lack.known, self.lack.bytes()) {
            (Some(known), Some(count)) if count > 0 => format!(
                "DISCARDED: {} of WAL ({count} bytes), from {end}, where {to} ends, to {known}, the last position that etcd \
                 has; {later}",
                bytes(count)
            ),
            (Some(known), _) => format!(
                "DISCARDED: as far as etcd knows nothing (0 bytes): {to} ends at {end}, and the last position in etcd is {known}; {later}"
            ),
            (None, _) => format!(
                "DISCARDED: nobody knows how much: {to} ends at {end}, and etcd has no position of the primary"
            ),
        };
        std::iter::once(lost).chain(self.last_commit()).chain([self.who_had_all()]).collect()
    }

    fn last_commit(&self) -> Option<String> {
        let facts = self.basis.observation.facts(&self.node.name)?;
        let at = facts.patroni.node.told()?.replayed_at.as_ref()?;
        let has_more = facts.live().is_some_and(|live| live.received > live.replayed);
        let later = match has_more {
            true => "it has received more, and replays that before it leads",
            false => "later ones are lost",
        };
        Some(format!(
            "the last transaction that {} has replayed was committed at {at}, by the clock of the primary: {later}",
            self.node.name
        ))
    }

    /// Why it cannot be said that the node has everything.
    fn who_had_all(&self) -> String {
        let to = &self.node.name;
        let sync = judge::keys(self.basis).and_then(|keys| keys.sync.as_ref());
        let sync = sync.and_then(|sync| Some((sync.leader.as_ref()?, sync)));
        let mode = self.basis.inventory.synchronous.mode;
        match sync {
            None if mode == SyncMode::Off => {
                "no commit waits for a standby here (`synchronous.mode: off`)".into()
            }
            None => "etcd does not say for whom commits waited".into(),
            // The server waits for any standby then. Seen with Patroni 3.0.2, in the seconds after another failover.
            Some((leader, SyncKey { standbys, .. })) if standbys.is_empty() && mode == SyncMode::Strict => {
                format!(
                    "{leader} had not chosen a synchronous standby yet: with `strict`, each commit waited for any one of \
                     the standbys"
                )
            }
            Some((leader, SyncKey { standbys, .. })) if standbys.is_empty() => {
                format!("{leader} had no synchronous standby at the end: it acknowledged commits alone")
            }
            Some((leader, SyncKey { standbys, quorum: 0, .. })) => {
                let had = names(&std::iter::once(leader).chain(standbys).collect::<Vec<_>>(), "and");
                format!(
                    "by the key `sync`, {had} had every commit that was acknowledged, and {to} is none of them"
                )
            }
            Some((leader, SyncKey { standbys, quorum, .. })) => format!(
                "with quorum commit, {leader} and some of {} had each commit: data of {} of these would be needed",
                names(standbys, "and"),
                quorum + 1
            ),
        }
    }

    /// What becomes of nodes that were not seen.
    fn of_the_lost(&self) -> Vec<String> {
        let unseen =
            self.evidence.nodes.iter().filter(|node| self.basis.observation.facts(&node.name).is_none());
        let unseen: Vec<_> = unseen.map(|node| node.name.as_str()).collect();
        if unseen.is_empty() {
            return Vec::new();
        }
        let (to, who) = (&self.node.name, names(&unseen, "and"));
        let kept = match self.other_files() {
            Some(why) => format!(
                "{who}, when back, may be rewound to {to}'s history, and lose what only they have: pg_rewind is switched off in \
                 etcd before, and a node's own file goes before that. {why}. Where what they have matters, switch these \
                 hosts off before you go on; galactl recover {PLACE} then tells how much that is"
            ),
            None => format!(
                "{who}, when back, would be rewound to {to}'s history, and lose what only they have. So pg_rewind is switched \
                 off before: who has more than {to} waits apart with it, galactl recover {PLACE} tells how much that is, and \
                 galactl apply-config {PLACE} switches pg_rewind on again once nobody waits"
            ),
        };
        vec![
            kept,
            format!(
                "a Patroni that runs there and was only cut off may still rewind in the moment when it is connected again: \
                 where what it has matters, switch that host off first"
            ),
            format!(
                "nobody of {who} has the leader's key in etcd, so a Patroni that lives there has stopped its primary; a server \
                 whose Patroni was killed goes on, and what clients write there is lost: see that none reaches it"
            ),
        ]
    }

    /// What files of nodes that were seen say against the configuration in etcd, or may say, where galactl has not written
    /// all: those of the lost nodes are not known either. `None`: all are galactl's, which leave this to etcd.
    fn other_files(&self) -> Option<String> {
        let files = self.basis.nodes().filter_map(|(node, facts)| Some((node, facts.config.as_ref()?)));
        let files: Vec<_> = files.collect();
        let other = files.iter().find(|(_, file)| !is_galactls(&file.text));
        let sets = files.iter().filter_map(|(node, file)| {
            let keys = removing_by_itself(&file.text);
            (!keys.is_empty())
                .then(|| format!("{PATRONI_CONFIG} of {} sets {}", node.name, names(&keys, "and")))
        });
        let sets: Vec<_> = sets.collect();
        match (other, sets.is_empty()) {
            (_, false) => Some(sets.join("; ")),
            (None, true) => None,
            (Some((node, _)), true) => Some(format!(
                "{PATRONI_CONFIG} of {} is not galactl's, and what those of the lost nodes say is not known",
                node.name
            )),
        }
    }

    /// The node, and the standbys that were seen and can follow it.
    fn verify(&self, plan: &mut Plan) {
        let runs = |node: &&Node| {
            let facts = self.basis.observation.facts(&node.name);
            facts.is_some_and(|facts| facts.patroni_runs() && facts.live().is_some())
        };
        let among: Vec<_> =
            self.basis.inventory.nodes.iter().filter(runs).map(|node| node.name.clone()).collect();
        let synchronous = synchronous_among(self.basis, &among);
        if synchronous == 0 && self.basis.inventory.synchronous.mode == SyncMode::Strict {
            plan.consequences.push(format!(
                "NO COMMIT IS ACKNOWLEDGED until a standby follows {}: `synchronous.mode` is strict",
                self.node.name
            ));
            return;
        }
        verify_among(self.basis, plan, among, synchronous);
    }
}
