//! The plans of recoveries: what is started when, and what is never started.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use galactl::kernel::facts::{Report, Seen};
use galactl::kernel::judge::Code;
use galactl::kernel::model::{NodeName, Secrets};
use galactl::kernel::plan::{Command as _, text};
use galactl::patroni::facts::Timeline;
use galactl::patroni::facts::{
    Answer, Contents, EtcdEndpoint, EtcdMember, HostFacts, Initialize, Recovered, ScopeKeys, SyncKey,
    TimelineEnd, WalDigests,
};
use galactl::patroni::inventory::Inventory;
use galactl::patroni::judge::{Basis, codes};
use galactl::patroni::observation::Observation;
use galactl::patroni::plan::{
    Action, Choice, Command, EtcdAction, NoPlan, PatroniAction, Plan, recover, start,
};
use galactl::patroni::recovery::{Evidence, gather};
use proptest::prelude::*;

use super::recovery::{Event, Part, events, holds, line, played, same, system};
use super::with;

const OWN_ETCD: &str = "/var/lib/etcd/galactl-shop";

/// A node with nothing running, as a host told it in the lab.
fn stopped(at: usize, parts: Option<&[Part]>) -> HostFacts {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/patroni-hosts/bookworm-all-stopped-primary.txt");
    let report = Report::parse(&fs::read_to_string(file).unwrap()).unwrap();
    let mut facts = HostFacts::read(&report, "/service/shop", &Secrets::default()).unwrap();
    facts.machine.machine_id = format!("{at}");
    facts.machine.addresses = [format!("10.0.0.1{}", at + 1).parse().unwrap()].into();
    facts.debian_clusters.clear();
    facts.other_datadirs.clear();
    facts.servers.clear();
    facts.patroni_processes.clear();
    facts.etcd.datadirs = [(OWN_ETCD.to_owned(), 1)].into();
    facts.etcd.endpoints.clear();
    facts.etcd.processes.clear();
    facts.etcd.unit = facts.units["patroni"].clone();
    facts.server = Answer::Nobody("no socket".into());
    let Some(parts) = parts else {
        facts.datadir.contents = Contents::Empty;
        facts.datadir.control = Answer::Nobody("no data".into());
        return facts;
    };
    let line = line(parts, 1);
    let Answer::Told(control) = &mut facts.datadir.control else { panic!("pg_controldata") };
    control.system_id = line.system_id.clone();
    control.min_recovery_end = None;
    facts.datadir.first_records.clear();
    facts.datadir.histories = [(line.timeline, Answer::Told(line.history.unwrap()))].into();
    facts
}

/// All hosts.
struct World {
    inventory: Inventory,
    observation: Observation,
}

fn name(at: usize) -> NodeName {
    format!("pg{}", at + 1).parse().unwrap()
}

impl World {
    /// Three nodes with these histories, all stopped; etcd has its data, and runs nowhere.
    fn of(histories: &[Option<Vec<Part>>]) -> Self {
        let mut observation = Observation { awaited: true, ..Observation::default() };
        let mut recovered = BTreeMap::new();
        for (at, parts) in histories.iter().enumerate() {
            let facts = stopped(at, parts.as_deref());
            if let Some(parts) = parts {
                let line = line(parts, 1);
                let end = TimelineEnd { from: line.end, end: Answer::Told(line.end) };
                recovered.insert(name(at), Recovered { ends: Answer::Told([(line.timeline, end)].into()) });
            }
            observation.nodes.insert(name(at), Seen::Facts(Box::new(facts)));
        }
        observation.recovered = Some(recovered);
        let mut world = Self { inventory: with(""), observation };
        world.compare(histories);
        world
    }

    /// The WAL of two nodes is the same where their histories are.
    fn compare(&mut self, histories: &[Option<Vec<Part>>]) {
        let places = gather(&self.basis()).places();
        for (node, places) in places {
            let at = (0..histories.len()).find(|at| name(*at) == node).unwrap();
            let own = histories[at].as_ref().unwrap();
            let lines = places.iter().map(|place| {
                let branches: Vec<_> =
                    own.iter().filter(|it| it.0 <= place.timeline.number()).map(|it| &it.1).collect();
                format!("|{} {} {branches:?}", place.timeline, place.at).replace(", ", ",")
            });
            let text = format!("@digests\n{}\n@end\n", lines.collect::<Vec<_>>().join("\n"));
            self.observation.digests.insert(node, WalDigests::read(&Report::parse(&text).unwrap()));
        }
    }

    fn basis(&self) -> Basis<'_> {
        Basis { inventory: &self.inventory, observation: &self.observation }
    }

    fn facts(&mut self, at: usize) -> &mut HostFacts {
        let Some(Seen::Facts(facts)) = self.observation.nodes.get_mut(&name(at)) else { panic!("not seen") };
        facts
    }

    /// etcd runs on all nodes, and has these keys.
    fn etcd(mut self, keys: &ScopeKeys) -> Self {
        for at in 0..3 {
            let mut endpoint = EtcdEndpoint::default();
            for store in [&mut endpoint.v2, &mut endpoint.v3] {
                store.agreed = Answer::Told(ScopeKeys::default());
                store.own = Answer::Told(ScopeKeys::default());
            }
            endpoint.v2.agreed = Answer::Told(keys.clone());
            let facts = self.facts(at);
            facts.etcd.processes = vec![7];
            facts.etcd.settings = None;
            facts.etcd.endpoints = [(format!("10.0.0.1{}:2379", at + 1), endpoint)].into();
        }
        self.own_etcd()
    }

    /// Its settings are galactl's.
    fn own_etcd(mut self) -> Self {
        for at in 0..3 {
            let file = self.facts(at).config.clone().expect("a file");
            let text = format!("ETCD_DATA_DIR={OWN_ETCD}\n");
            self.facts(at).etcd.settings = Some(galactl::kernel::facts::ConfigFile { text, ..file });
        }
        self
    }

    fn recover(&self) -> Result<Plan, NoPlan> {
        recover(&self.basis(), &Choice::default())
    }

    fn forced(&self, seed: usize, keep_aside: bool) -> Result<Plan, NoPlan> {
        recover(&self.basis(), &Choice { seed: Some(name(seed)), keep_aside })
    }
}

fn named() -> ScopeKeys {
    ScopeKeys { initialize: Some(Initialize::By(system(1))), ..ScopeKeys::default() }
}

fn whole(end: u64) -> Option<Vec<Part>> {
    Some(vec![(1, String::new(), end)])
}

fn three() -> World {
    World::of(&[whole(0x4000), whole(0x5000), whole(0x5000)])
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps().map(|step| step.id.clone()).collect()
}

#[track_caller]
fn refused(plan: Result<Plan, NoPlan>) -> Vec<Code> {
    match plan {
        Err(NoPlan::Refused(refusals)) => refusals.iter().map(|it| it.code).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_node_starts_alone() {
    let plan = three().etcd(&ScopeKeys::default()).recover().unwrap();
    assert!(!plan.command.is_forced());
    let ids: Vec<_> = steps(&plan)
        .into_iter()
        .filter(|id| !id.ends_with("/config") && !id.ends_with("/createcluster"))
        .collect();
    assert_eq!(
        ids,
        [
            "pg2/patroni/start-first",
            "pg2/patroni/synchronous",
            "pg1/patroni/join",
            "pg3/patroni/join",
            "pg1/patroni/verify-members",
            "pg1/patroni/verify-writes"
        ]
    );
    let told = text(&plan);
    assert!(told.contains("pg1: 4.0 KiB of WAL behind"), "{told}");
}

#[test]
fn etcd_with_its_data_is_started_first_and_asked() {
    let world = three().own_etcd();
    let plan = world.recover().unwrap();
    assert!(matches!(plan.command, Command::Recover { preliminary: true, .. }));
    assert_eq!(steps(&plan), ["pg1/etcd/start", "pg2/etcd/start", "pg3/etcd/start", "pg1/etcd/verify"]);
}

#[test]
fn what_runs_ends_before_etcd_starts() {
    let mut world = three().own_etcd();
    world.facts(2).patroni_processes = vec![9];
    let plan = world.recover().unwrap();
    assert!(matches!(plan.command, Command::Recover { preliminary: true, .. }));
    assert_eq!(steps(&plan)[..2], ["pg3/patroni/stop", "pg1/etcd/start"]);
    // Where etcd runs, it may choose a primary by itself, which is waited for.
    world.observation.awaited = false;
    assert!(world.recover().is_ok());
    let mut world = three().etcd(&named());
    world.facts(2).patroni_processes = vec![9];
    world.observation.awaited = false;
    assert!(matches!(world.recover(), Err(NoPlan::Electing)));
}

#[test]
fn an_etcd_that_lost_most_of_its_data_is_made_anew_and_the_rest_kept() {
    let mut world = three().own_etcd();
    world.facts(0).etcd.datadirs.clear();
    world.facts(1).etcd.datadirs = [(format!("{OWN_ETCD}.kept-1"), 1)].into();
    world.facts(2).etcd.datadirs.insert(format!("{OWN_ETCD}.kept-1"), 1);
    let plan = world.recover().unwrap();
    let kept = plan.steps().find_map(|step| match &step.action {
        Action::Etcd(EtcdAction::KeepAside { kept, .. }) => Some((step.node.as_str(), kept.as_str())),
        _ => None,
    });
    assert_eq!(kept, Some(("pg3", "/var/lib/etcd/galactl-shop.kept-2")));
    let ids = steps(&plan);
    let place = |id: &str| ids.iter().position(|it| it == id).unwrap();
    assert!(place("pg3/etcd/keep-aside") < place("pg1/etcd/start"));
    assert!(place("pg1/etcd/verify") < place("pg2/patroni/start-first"));
}

#[test]
fn a_member_whose_data_is_gone_beside_a_majority_comes_as_a_new_one() {
    let mut world = three().etcd(&named());
    let facts = world.facts(1);
    facts.etcd.processes.clear();
    facts.etcd.datadirs.clear();
    facts.etcd.endpoints.clear();
    let member = |at: usize| EtcdMember {
        id: format!("{}", at + 1),
        name: name(at).to_string(),
        peer_urls: vec![],
        client_urls: vec![],
        learner: false,
    };
    for endpoint in world.facts(0).etcd.endpoints.values_mut() {
        endpoint.healthy = Answer::Told(true);
        endpoint.members = Answer::Told((0..3).map(member).collect());
    }
    let ids = steps(&world.recover().unwrap());
    let place =
        |end: &str| ids.iter().position(|it| it.ends_with(end)).unwrap_or_else(|| panic!("{end}: {ids:?}"));
    assert!(place("/etcd/remove-pg2") < place("pg2/etcd/start"), "{ids:?}");
    assert!(place("/etcd/promote-pg2") < place("/start-first"), "{ids:?}");
}

#[test]
fn patronis_memory_of_the_last_leader_goes_only_where_it_stands_in_the_way() {
    let sync = |leader: &str, standby: &str| {
        let sync = SyncKey { leader: Some(leader.into()), standbys: vec![standby.into()], quorum: 0 };
        three().etcd(&ScopeKeys { sync: Some(sync), ..named() }).recover().unwrap()
    };
    assert!(!steps(&sync("pg3", "pg2")).iter().any(|id| id.ends_with("/forget")));
    assert!(steps(&sync("pg3", "pg2")).contains(&"pg3/patroni/start-first".to_owned()));
    // The standby has all of it, and the leader is gone: Patroni would want it to be near what that one said of itself,
    // and with quorum commit to see others.
    let forgets = |plan: &Plan| steps(plan).iter().any(|id| id.ends_with("/forget"));
    assert!(forgets(&sync("pg1", "pg2")));
    // pg1 is stale and pg1's standby is not named: whoever has most was left out.
    let alone = SyncKey { leader: Some("pg1".into()), standbys: Vec::new(), quorum: 0 };
    let plan = three().etcd(&ScopeKeys { sync: Some(alone), ..named() }).recover().unwrap();
    let ids = steps(&plan);
    let place = |end: &str| ids.iter().position(|it| it.ends_with(end)).unwrap();
    assert!(place("/forget") < place("/start-first"), "{ids:?}");
}

#[test]
fn a_pause_and_an_ordered_failover_are_not_forgotten() {
    let keys = ScopeKeys { config: Some(serde_json::json!({"pause": true})), ..named() };
    assert_eq!(refused(three().etcd(&keys).recover()), [codes::PAUSED]);
    let keys = ScopeKeys { failover: Some(serde_json::json!({"leader": "pg1", "member": "pg3"})), ..named() };
    assert!(steps(&three().etcd(&keys).recover().unwrap()).iter().any(|id| id.ends_with("/forget")));
}

#[test]
fn a_start_follows_the_same_verdict_and_gives_nothing_up() {
    let world = three().etcd(&named());
    let plan = start(&world.basis(), &[]).unwrap();
    assert_eq!(steps(&plan), steps(&world.recover().unwrap()));
    assert_eq!(plan.command, Command::Start { nodes: Vec::new() });
    assert!(plan.discards.is_empty());
    // The others could only follow.
    assert_eq!(refused(start(&world.basis(), &[name(1)])), [codes::NO_PRIMARY]);
    let fork = |branch: &str, end| Some(vec![(1, String::new(), 0x3000), (2, branch.to_owned(), end)]);
    let world = World::of(&[fork("a", 0x4000), fork("b", 0x3600), whole(0x3000)]).etcd(&named());
    assert_eq!(refused(start(&world.basis(), &[])), [codes::FORKED]);
    // What etcd has lost is for `recover`.
    let world = three().etcd(&ScopeKeys::default());
    assert_eq!(refused(start(&world.basis(), &[])), [codes::DATA_WITHOUT_KEY; 3]);
    let mut world = three().etcd(&named());
    world.facts(2).patroni_processes = vec![9];
    assert_eq!(refused(start(&world.basis(), &[])), [codes::NO_PRIMARY]);
    world.observation.awaited = false;
    assert!(matches!(start(&world.basis(), &[]), Err(NoPlan::Electing)));
}

#[test]
fn a_node_that_may_not_lead_is_not_started_first() {
    let mut world = World::of(&[whole(0x5000), whole(0x4000), whole(0x4000)]).etcd(&ScopeKeys::default());
    world.inventory.nodes[0].tags.failover = false;
    assert_eq!(refused(world.recover()), [codes::MAY_NOT_LEAD]);
}

#[test]
fn a_fork_is_refused_and_forced_with_the_other_kept_aside() {
    // Both were promoted at the same place, and have the same number; only their WAL differs.
    let fork = |branch: &str, end| Some(vec![(1, String::new(), 0x3000), (2, branch.to_owned(), end)]);
    let world = World::of(&[fork("a", 0x4000), fork("b", 0x3600), whole(0x3000)]).etcd(&ScopeKeys::default());
    assert_eq!(refused(world.recover()), [codes::FORKED]);
    let plan = world.forced(0, true).unwrap();
    assert!(plan.command.is_forced());
    assert_eq!(plan.discards, [name(1)]);
    let kept = plan.steps().find_map(|step| match &step.action {
        Action::Patroni(PatroniAction::KeepAside { kept, .. }) => Some((step.node.as_str(), kept.as_str())),
        _ => None,
    });
    let (node, kept) = kept.unwrap();
    assert!(node == "pg2" && kept.ends_with(".kept-2-0-3600"), "{node} {kept}");
    let told = text(&plan);
    assert!(
        told.contains("KEPT ASIDE") && told.contains("1536 bytes") && told.contains("OVERRIDDEN"),
        "{told}"
    );
    // Patroni would not see that it has to be rewound.
    assert_eq!(refused(world.forced(0, false)), [codes::UNCLEAR]);
}

#[test]
fn what_an_old_primary_has_of_its_own_can_be_rewound() {
    let went_on = || Some(vec![(1, String::new(), 0x3000), (2, String::new(), 0x4000)]);
    let world = World::of(&[whole(0x3100), went_on(), went_on()]).etcd(&ScopeKeys::default());
    assert_eq!(refused(world.recover()), [codes::FORKED, codes::FORKED]);
    let discarded = text(&world.forced(1, false).unwrap());
    assert!(discarded.contains("DISCARDED on pg1: 256 bytes of WAL of its own"), "{discarded}");
}

#[test]
fn a_founding_that_was_cut_off_begins_again() {
    let keys = ScopeKeys { initialize: Some(Initialize::InProgress), ..ScopeKeys::default() };
    let mut world = World::of(&[whole(0x5000), None, None]).etcd(&keys);
    let facts = world.facts(0);
    facts.datadir.histories.clear();
    let Answer::Told(control) = &mut facts.datadir.control else { panic!("pg_controldata") };
    (control.redo, control.timeline) =
        ("0/14FB590".parse().unwrap(), galactl::patroni::facts::Timeline::FIRST);
    let plan = world.recover().unwrap();
    assert_eq!(steps(&plan), ["pg1/patroni/keep-aside", "pg1/etcd/forget"]);
    assert!(matches!(plan.command, Command::Recover { preliminary: true, .. }));
    // Somebody's data, and not what initdb left.
    let Answer::Told(control) = &mut world.facts(0).datadir.control else { panic!("pg_controldata") };
    control.redo = "0/5000028".parse().unwrap();
    assert!(
        world.recover().is_ok_and(|plan| !steps(&plan).iter().any(|id| id.ends_with("keep-aside")))
            || world.recover().is_err()
    );
}

#[test]
fn half_a_copy_and_data_without_its_wal_are_not_taken_for_whole() {
    let mut world = three().etcd(&ScopeKeys::default());
    world.facts(0).datadir.backup_label = true;
    assert_eq!(refused(world.recover()), [codes::UNCLEAR]);
    let mut world = three().etcd(&ScopeKeys::default());
    let Answer::Told(control) = &mut world.facts(1).datadir.control else { panic!("pg_controldata") };
    control.min_recovery_end = Some("0/6000".parse().unwrap());
    assert_eq!(refused(world.recover()), [codes::UNCLEAR]);
}

#[test]
fn a_rewind_that_was_cut_off_is_not_taken_for_whole() {
    // Its WAL and history are the new primary's, and its last checkpoint is its own, past the fork.
    let went_on = || Some(vec![(1, String::new(), 0x3000), (2, String::new(), 0x4000)]);
    let mut world = World::of(&[went_on(), went_on(), whole(0x3000)]).etcd(&ScopeKeys::default());
    for at in 0..3 {
        let Answer::Told(control) = &mut world.facts(at).datadir.control else { panic!("pg_controldata") };
        (control.checkpoint, control.timeline) = ("0/2F00".parse().unwrap(), Timeline::FIRST);
    }
    assert!(world.recover().is_ok());
    let Answer::Told(control) = &mut world.facts(0).datadir.control else { panic!("pg_controldata") };
    control.checkpoint = "0/3800".parse().unwrap();
    assert_eq!(refused(world.recover()), [codes::UNCLEAR]);
}

#[test]
fn packages_of_etcd_are_installed_before_a_new_one_starts() {
    let mut world = three().own_etcd();
    world.inventory.install = true;
    for at in 0..2 {
        world.facts(at).etcd.datadirs.clear();
    }
    world.facts(0).packages.get_mut("etcd-server").unwrap().installed = None;
    world.facts(0).packages.get_mut("etcd-server").unwrap().candidate = Some("3.4.23+dfsg-4".into());
    let ids = steps(&world.recover().unwrap());
    let place = |id: &str| ids.iter().position(|it| it == id).unwrap_or_else(|| panic!("{ids:?}"));
    assert!(place("pg1/etcd/install") < place("pg1/etcd/start"));
}

#[test]
fn nothing_starts_beside_a_leader_that_is_not_in_the_inventory() {
    // The keys of the inventory's own nodes live on for half a minute after a crash, which is no reason to wait.
    let own = ScopeKeys { leader: Some("pg1".into()), ..named() };
    assert!(three().etcd(&own).recover().is_ok());
    let other = ScopeKeys { leader: Some("pg4".into()), ..named() };
    let world = three().etcd(&other);
    assert_eq!(refused(world.recover()), [codes::FOREIGN]);
    assert_eq!(refused(world.forced(0, true)), [codes::FOREIGN]);
}

#[test]
fn nobody_has_data() {
    assert_eq!(
        refused(World::of(&[None, None, None]).etcd(&ScopeKeys::default()).recover()),
        [codes::NOTHING_TO_RECOVER]
    );
    assert_eq!(refused(World::of(&[None, None, None]).etcd(&named()).recover()), [codes::DATA_GONE]);
}

/// What a plan may never do.
fn assert_safe(
    world: &World,
    evidence: &Evidence,
    plan: &Plan,
    histories: &[Option<Vec<Part>>],
    forced: bool,
) {
    let stage_of = |end: &str| {
        let stages = plan.stages.iter().enumerate();
        let has = |at: &(usize, _)| plan.stages[at.0].steps.iter().any(|step| step.id.ends_with(end));
        stages.filter(has).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let first: Vec<_> = plan.steps().filter(|step| step.id.ends_with("/start-first")).collect();
    assert!(first.len() <= 1);
    let (starts, joins) = (stage_of("/start-first"), stage_of("/patroni/join"));
    assert!(joins.iter().all(|join| starts.iter().all(|start| start < join)));
    assert!(joins.is_empty() || starts.len() == 1, "nobody joins where nobody leads");
    let stops = stage_of("/patroni/stop");
    let runs = |facts: &HostFacts| facts.patroni_runs() || facts.server_runs();
    let at_work = world.observation.seen().filter(|(_, facts)| runs(facts)).count();
    if at_work > 0 {
        assert!(first.is_empty(), "something runs");
        assert!(stage_of("/etcd/start").iter().all(|start| stops.iter().all(|stop| stop < start)));
    }
    if let Some(step) = first.first() {
        let chosen = (0..3).find(|at| name(*at) == step.node).unwrap();
        let own = histories[chosen].as_ref().expect("it has data");
        let lost = histories.iter().flatten().any(|other| !holds(own, other));
        assert!(forced || !lost, "{evidence:?}");
        assert!(!lost || plan.command.is_forced() && !plan.discards.is_empty());
    }
    if !forced {
        assert!(stage_of("/patroni/keep-aside").is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_two_nodes_start_before_one_is_the_primary(
        events in events(),
        empty in prop::option::of(0usize..3),
        running in prop::option::of(0usize..3),
        etcd in 0u8..4,
        seed in prop::option::of(0usize..3),
        keep_aside in any::<bool>(),
    ) {
        let _: &[Event] = &events;
        let histories: Vec<_> = played(&events).into_iter().take(3).enumerate()
            .map(|(at, parts)| (Some(at) != empty).then_some(parts)).collect();
        let mut world = World::of(&histories);
        world = match etcd {
            0 => world.own_etcd(),
            1 => world.etcd(&ScopeKeys::default()),
            2 => world.etcd(&named()),
            _ => {
                let mut world = world.own_etcd();
                for at in 0..2 {
                    world.facts(at).etcd.datadirs.clear();
                }
                world
            }
        };
        if let Some(at) = running {
            world.facts(at).patroni_processes = vec![9];
        }
        let plan = recover(&world.basis(), &Choice { seed: seed.map(name), keep_aside });
        if let Ok(plan) = plan {
            assert_safe(&world, &gather(&world.basis()), &plan, &histories, seed.is_some());
        }
    }
}

#[test]
fn digests_stand_for_branches() {
    let one = [(1, String::new(), 0x3000), (2, "a".to_owned(), 0x4000)];
    let other = [(1, String::new(), 0x3000), (2, "b".to_owned(), 0x4000)];
    assert!(same(&one, &other, 1) && !same(&one, &other, 2));
}
