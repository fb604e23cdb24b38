//! `galactl status` of PostgreSQL clusters, from reports of real hosts. Each finding is seen to be told, and not to be
//! told in a case that is close to it.

use galactl::cli::patroni_status_text;
use galactl::kernel::judge::{Code, Finding, Health, Severity};
use galactl::patroni::facts::{Answer, Initialize, Lsn, Timeline};
use galactl::patroni::judge::codes;
use galactl::patroni::status::{MemberState, NodeRole, Status};

use super::world::{NOW, World, name};

fn codes_of(status: &Status) -> Vec<Code> {
    status.findings.iter().map(|finding| finding.code).collect()
}

fn found(world: &World, code: Code) -> Option<Finding> {
    world.status().findings.into_iter().find(|finding| finding.code == code)
}

/// The finding of this code in a cluster that is whole but for this change.
fn told(code: Code, change: impl FnOnce(&mut World)) -> Finding {
    let mut world = World::whole();
    change(&mut world);
    found(&world, code).unwrap_or_else(|| panic!("{code} was not found: {:#?}", world.status().findings))
}

/// No finding of this code is in such a cluster.
fn silent(code: Code, change: impl FnOnce(&mut World)) {
    let mut world = World::whole();
    change(&mut world);
    assert_eq!(found(&world, code), None);
}

/// The text as it is without a terminal. Only commands, which stay whole, go beyond 80 columns.
fn text(status: &Status) -> String {
    let text = patroni_status_text(status, None);
    let wide = |line: &&str| line.chars().count() > 80 && !line.contains("sudo ") && !line.contains("ssh ");
    assert_eq!(text.lines().filter(wide).collect::<Vec<_>>(), [""; 0]);
    text
}

#[test]
fn a_whole_cluster_is_healthy() {
    let status = World::whole().status();
    assert_eq!((status.health, codes_of(&status)), (Health::Healthy, Vec::new()));
    assert_eq!(status.writes_at.as_deref(), Some("10.77.3.11:5432"));
    let roles: Vec<_> = status.nodes.iter().map(|node| node.role).collect();
    assert_eq!(roles, [NodeRole::Primary, NodeRole::Standby, NodeRole::SyncStandby]);
    insta::assert_snapshot!(text(&status));
    insta::assert_snapshot!(serde_json::to_string_pretty(&status).unwrap());
}

#[test]
fn debian_13_tells_the_same() {
    // The third host has no report of that moment: it stands where the second does.
    let mut world = World::of(["trixie-whole-primary", "trixie-whole-sync", "trixie-whole-sync"]);
    world.live("pg1").standbys[0].application_name = "pg2".into();
    world.live("pg1").standbys[1].application_name = "pg3".into();
    let status = world.status();
    // The one endpoint that both asked was the third's.
    assert_eq!(status.primary, Some(name("pg1")));
    assert!(status.nodes.iter().all(|node| node.patroni_version.as_deref() == Some("4.0.7")));
}

#[test]
fn a_standby_is_stopped() {
    let reports = ["bookworm-primary-without-replica", "bookworm-whole-async", "bookworm-replica-stopped"];
    let status = World::of(reports).status();
    assert_eq!(status.health, Health::Degraded);
    assert_eq!(status.nodes[2].role, NodeRole::Stopped);
    insta::assert_snapshot!(text(&status));
}

#[test]
fn data_of_a_stopped_node_is_not_started_without_a_look() {
    let was = |report: &str| {
        let world = World::of(["bookworm-after-failover", "bookworm-whole-async", report]);
        found(&world, codes::NOT_FOLLOWING).map(|finding| finding.remedy.to_string())
    };
    // The reports are of pg1 and pg2 in turn; only what pg3 is told counts.
    let of = |report: &str| {
        let mut world = World::whole();
        let facts = super::world::facts(report);
        let node = world.node("pg3");
        (node.server, node.datadir, node.servers) = (facts.server, facts.datadir, facts.servers);
        world.stop_patroni("pg3");
        found(&world, codes::NOT_FOLLOWING).unwrap().remedy.to_string()
    };
    assert!(was("bookworm-replica-stopped").is_some());
    assert_eq!(of("bookworm-replica-stopped"), "galactl start INVENTORY pg3");
    assert!(
        of("bookworm-primary-killed").starts_with("galactl recover"),
        "{}",
        of("bookworm-primary-killed")
    );
    assert!(of("bookworm-installed").starts_with("galactl bootstrap"), "{}", of("bookworm-installed"));
}

#[test]
fn the_primary_is_gone() {
    let mut world = World::whole();
    world.unreachable("pg1");
    let status = world.status();
    assert_eq!(status.health, Health::Degraded, "it may be there");
    insta::assert_snapshot!(text(&status));
    // Its key has expired, so it does not lead any more.
    world.keys(|keys| keys.leader = None);
    let status = world.status();
    assert_eq!(status.health, Health::Critical);
    assert!(codes_of(&status).contains(&codes::NO_PRIMARY));
    assert!(!codes_of(&status).contains(&codes::PRIMARY_UNKNOWN));
}

#[test]
fn a_primary_that_nobody_could_see_is_unknown() {
    let mut world = World::whole();
    for node in ["pg1", "pg2", "pg3"] {
        world.unreachable(node);
    }
    let status = world.status();
    assert!(codes_of(&status).contains(&codes::PRIMARY_UNKNOWN));
    assert!(status.findings.iter().all(|finding| finding.severity < Severity::Critical));
    insta::assert_snapshot!(text(&status));
}

#[test]
fn the_primary_was_killed() {
    let mut world = World::of(["bookworm-primary-killed", "bookworm-whole-async", "bookworm-whole-sync"]);
    world.keys(|keys| keys.leader = None);
    let status = world.status();
    assert_eq!(status.health, Health::Critical);
    insta::assert_snapshot!(text(&status));
}

/// Each leads to a primary in another way.
#[test]
fn what_to_do_without_a_primary() {
    let of = |change: fn(&mut World)| {
        let mut world = World::of(["bookworm-primary-killed", "bookworm-whole-async", "bookworm-whole-sync"]);
        world.keys(|keys| keys.leader = None);
        change(&mut world);
        found(&world, codes::NO_PRIMARY).unwrap().remedy.to_string()
    };
    assert!(of(|_| ()).starts_with("wait for half a minute"));
    let paused = of(|world| {
        let Answer::Told(cluster) = &mut world.node("pg2").patroni.cluster else { panic!("not told") };
        cluster.paused = true;
    });
    assert!(paused.starts_with("let Patroni resume"), "{paused}");
    let stopped = of(|world| ["pg2", "pg3"].into_iter().for_each(|node| world.stop_patroni(node)));
    assert!(stopped.starts_with("galactl recover"), "{stopped}");
    let no_quorum = of(|world| ["pg1", "pg3"].into_iter().for_each(|node| world.stop_etcd(node)));
    assert!(no_quorum.starts_with("wait"), "one that is healthy had a quorum a moment ago: {no_quorum}");
}

#[test]
fn hosts_without_anything_are_to_be_bootstrapped() {
    let status = World::of(["bookworm-installed"; 3]).status();
    assert_eq!(codes_of(&status)[0], codes::NO_PRIMARY);
    assert!(status.nodes.iter().all(|node| node.role == NodeRole::NoData));
    insta::assert_snapshot!(text(&status));
}

#[test]
fn initdb_is_at_work() {
    let status = World::of(["bookworm-founding", "bookworm-etcd-empty", "bookworm-etcd-empty"]).status();
    let finding = status.findings.iter().find(|it| it.code == codes::NO_PRIMARY).unwrap();
    assert_eq!((finding.severity, finding.node.clone()), (Severity::Degraded, Some(name("pg1"))));
}

#[test]
fn two_primaries_are_a_split_brain() {
    let reports = ["bookworm-fork-one-running", "bookworm-whole-async", "bookworm-fork-two-running"];
    let status = World::of(reports).status();
    assert_eq!(status.health, Health::Critical);
    assert_eq!(status.findings[0].code, codes::SPLIT_BRAIN);
    silent(codes::SPLIT_BRAIN, |_| ());
}

#[test]
fn data_of_another_system_is_two_clusters() {
    let status =
        World::of(["bookworm-whole-primary", "bookworm-whole-async", "bookworm-another-system"]).status();
    assert!(codes_of(&status).contains(&codes::TWO_CLUSTERS));
    assert_eq!(status.health, Health::Critical);
}

#[test]
fn data_without_its_key_is_critical() {
    let mut world = World::of(["bookworm-etcd-wiped"; 3]);
    world.keys(|keys| assert!(keys.initialize.is_none()));
    let status = world.status();
    assert!(codes_of(&status).contains(&codes::DATA_WITHOUT_KEY));
    world.keys(|keys| keys.initialize = Some(Initialize::InProgress));
    assert!(!codes_of(&world.status()).contains(&codes::DATA_WITHOUT_KEY));
}

#[test]
fn somebody_has_paused_patroni() {
    let mut world = World::of(["bookworm-paused", "bookworm-whole-async", "bookworm-whole-sync"]);
    world.live("pg1").pending_restart.clear();
    let status = world.status();
    assert!(codes_of(&status).contains(&codes::PAUSED) && status.paused);
    insta::assert_snapshot!(text(&status));
    silent(codes::PAUSED, |_| ());
    // Patroni keeps it in the dynamic configuration, where it is no difference from the inventory.
    silent(codes::CONFIG_DRIFT, |world| {
        let Answer::Told(config) = &mut world.node("pg1").patroni.config else { panic!("not told") };
        config["pause"] = true.into();
    });
}

#[test]
fn etcd_asks_for_the_leader_whom_it_names() {
    let finding = told(codes::LEADER_KEY, |world| world.keys(|keys| keys.leader = Some("pg2".into())));
    assert_eq!(finding.evidence, "it is the primary, and etcd names pg2 as the leader");
    told(codes::LEADER_KEY, |world| world.keys(|keys| keys.leader = None));
    silent(codes::LEADER_KEY, |world| {
        for node in ["pg1", "pg2", "pg3"] {
            let etcd = world.etcd(node);
            etcd.v2.agreed = Answer::Unseen("no quorum".into());
            etcd.v3.agreed = Answer::Unseen("no quorum".into());
        }
    });
}

#[test]
fn a_server_without_its_patroni() {
    let of = |node: &'static str| told(codes::PATRONI_DOWN, move |world| world.stop_patroni(node));
    assert_eq!((of("pg1").severity, of("pg2").severity), (Severity::Critical, Severity::Degraded));
    // Patroni, started on it, would rewind a server that has what the primary has not.
    let start = "on pg1: sudo systemctl start patroni";
    let next = |change: &dyn Fn(&mut World)| {
        let finding = told(codes::PATRONI_DOWN, |world| {
            world.stop_patroni("pg1");
            change(world);
        });
        finding.remedy.to_string()
    };
    assert!(next(&|_| ()).contains(start), "{}", next(&|_| ()));
    let recover = "galactl recover INVENTORY";
    let other_key = next(&|world| world.keys(|keys| keys.leader = Some("pg2".into())));
    let second = next(&|world| world.live("pg2").in_recovery = false);
    // Another Patroni is about to take the key.
    let no_key = next(&|world| world.keys(|keys| keys.leader = None));
    let hidden = next(&|world| {
        world.keys(|keys| keys.leader = None);
        world.stop_patroni("pg2");
        world.unreachable("pg3");
    });
    for next in [other_key, second, no_key, hidden] {
        assert!(next.starts_with(recover) && !next.contains("systemctl"), "{next}");
    }
    let alone = next(&|world| {
        world.keys(|keys| keys.leader = None);
        world.stop_patroni("pg2");
        world.stop_patroni("pg3");
    });
    assert!(alone.contains(start), "{alone}");
    assert_eq!(of("pg2").remedy.to_string(), "on pg2: sudo systemctl start patroni");
    let parted = told(codes::PATRONI_DOWN, |world| {
        world.stop_patroni("pg2");
        world.live("pg1").standbys.retain(|row| row.application_name != "pg2");
    });
    assert!(parted.remedy.to_string().starts_with(recover), "{}", parted.remedy);
    let hung = told(codes::PATRONI_DOWN, |world| {
        *world.node("pg2") =
            World::of(["bookworm-whole-async", "bookworm-patroni-hung", "bookworm-whole-sync"])
                .node("pg2")
                .clone();
    });
    assert!(hung.evidence.contains("gives no answer"), "{hung}");
    // Where no server runs, that is said.
    silent(codes::PATRONI_DOWN, |world| {
        world.stop_patroni("pg2");
        let node = world.node("pg2");
        (node.server, node.servers) = (Answer::Nobody("there is no socket".into()), Vec::new());
    });
}

#[test]
fn running_is_no_proof_of_the_timeline() {
    let old = |world: &mut World| world.live("pg1").timeline = Timeline::new(2).unwrap();
    let finding = told(codes::OTHER_TIMELINE, old);
    assert!(finding.evidence.starts_with("it is on timeline 1, and pg1 on 2, although"), "{finding}");
    // Patroni itself says that it does not run yet.
    silent(codes::OTHER_TIMELINE, |world| {
        old(world);
        for node in ["pg2", "pg3"] {
            let Answer::Told(patroni) = &mut world.node(node).patroni.node else { panic!("{node}") };
            patroni.state = "starting".into();
        }
    });
}

#[test]
fn a_standby_does_not_stream() {
    let row = |world: &mut World, state: Option<&str>| {
        world.live("pg1").standbys[0].state = state.map(str::to_owned);
    };
    let finding = told(codes::NOT_FOLLOWING, |world| row(world, Some("catchup")));
    assert_eq!(finding.evidence, "pg1 sends it changes, and the state is catchup");
    let finding = told(codes::NOT_FOLLOWING, |world| drop(world.live("pg1").standbys.remove(0)));
    assert_eq!(finding.evidence, "pg1 sends it no changes");
    silent(codes::NOT_FOLLOWING, |world| row(world, Some("streaming")));
}

#[test]
fn no_standby_is_synchronous() {
    let none = |world: &mut World| world.live("pg1").standbys[1].sync_state = Some("potential".into());
    assert_eq!(told(codes::NOT_SYNCHRONOUS, none).evidence, "0 of 1 standbys are synchronous");
    // The server may say so of its own setting, before Patroni has chosen who may take over.
    let unchosen = |world: &mut World| {
        world.keys(|keys| keys.sync.as_mut().into_iter().for_each(|sync| sync.standbys.clear()));
    };
    let finding = told(codes::NOT_SYNCHRONOUS, unchosen);
    assert_eq!(finding.evidence, "Patroni has chosen 0 of 1 standbys that may take over");
    let mut off = World::whole_with("synchronous: {mode: off}");
    none(&mut off);
    assert_eq!(found(&off, codes::NOT_SYNCHRONOUS), None);
}

#[test]
fn replay_that_is_paused() {
    let at = |port: u16| {
        let finding = told(codes::REPLAY_PAUSED, |world| {
            world.live("pg2").replay_paused = true;
            world.inventory.postgresql.port = port;
        });
        finding.remedy.to_string()
    };
    assert!(at(5432).starts_with("on pg2: sudo -u postgres psql -c '"), "{}", at(5432));
    assert!(at(5433).starts_with("on pg2: sudo -u postgres psql -p 5433 -c '"), "{}", at(5433));
    silent(codes::REPLAY_PAUSED, |_| ());
}

#[test]
fn settings_that_wait_for_a_restart() {
    let finding = told(codes::PENDING_RESTART, |world| {
        world.live("pg2").pending_restart = vec!["max_connections".into()];
    });
    assert_eq!(finding.evidence, "its server has to be restarted for max_connections");
    let world = World::of(["bookworm-pending-restart", "bookworm-whole-async", "bookworm-whole-sync"]);
    let finding = found(&world, codes::PENDING_RESTART).unwrap();
    assert_eq!(finding.node, Some(name("pg1")));
    assert!(finding.remedy.to_string().starts_with("galactl apply-config INVENTORY"), "{}", finding.remedy);
    silent(codes::PENDING_RESTART, |_| ());
}

#[test]
fn slots_that_keep_wal() {
    let slot = |active, status: &'static str, back: u64| {
        move |world: &mut World| {
            let live = world.live("pg1");
            let end = live.current.unwrap().bytes();
            let slot = &mut live.slots[0];
            (slot.active, slot.wal_status) = (active, Some(status.into()));
            slot.restart = Some(Lsn::new(end - back));
        }
    };
    let finding = told(codes::SLOT, slot(false, "reserved", 5 << 20));
    assert!(finding.evidence.starts_with("slot pg2 is not in use, and keeps 5.0 MiB of WAL; its disk has "));
    assert_eq!(
        (finding.severity, finding.remedy.to_string()),
        (Severity::Note, "bring pg2 back, as said of it".into())
    );
    for status in ["extended", "unreserved", "lost"] {
        assert_eq!(told(codes::SLOT, slot(true, status, 5 << 20)).severity, Severity::Degraded, "{status}");
    }
    silent(codes::SLOT, slot(true, "reserved", 5 << 20));
    silent(codes::SLOT, slot(false, "reserved", 0));
    silent(codes::SLOT, |world| {
        let slot = &mut world.live("pg1").slots[0];
        (slot.active, slot.restart) = (false, None);
    });
    let foreign = told(codes::SLOT, |world| {
        slot(false, "reserved", 1 << 20)(world);
        world.live("pg1").slots[0].name = "reports".into();
    });
    let next = foreign.remedy.to_string();
    assert!(
        next.contains("on pg1: sudo -u postgres psql -c \"SELECT pg_drop_replication_slot('reports')\""),
        "{next}"
    );
}

#[test]
fn etcd_on_one_host_is_stopped() {
    let mut world = World::whole();
    world.stop_etcd("pg3");
    let status = world.status();
    assert_eq!(codes_of(&status), [codes::ETCD_ROOM, codes::ETCD_MEMBER]);
    assert_eq!(status.etcd[2].state, MemberState::Stopped);
    insta::assert_snapshot!(text(&status));
    silent(codes::ETCD_ROOM, |_| ());
}

#[test]
fn etcd_without_a_quorum_is_critical() {
    let mut world = World::of(["bookworm-whole-async", "bookworm-no-quorum", "bookworm-whole-sync"]);
    world.stop_etcd("pg1");
    world.stop_etcd("pg3");
    let status = world.status();
    assert_eq!(status.findings[0].code, codes::ETCD_QUORUM);
    assert_eq!(status.etcd[1].state, MemberState::NoQuorum);
    assert!(!codes_of(&status).contains(&codes::STORE_UNKNOWN), "it says the same");
    insta::assert_snapshot!(text(&status));
}

/// A member that is healthy has just read with the agreement of a majority.
#[test]
fn hosts_that_were_not_seen_may_be_the_majority() {
    let mut world = World::whole();
    world.unreachable("pg2");
    world.unreachable("pg3");
    assert_eq!(found(&world, codes::ETCD_QUORUM), None);
    let room = found(&world, codes::ETCD_ROOM).unwrap();
    assert!(room.evidence.starts_with("1 of 3 members of etcd are known to be healthy"), "{room}");
    world.stop_etcd("pg1");
    assert_eq!(found(&world, codes::ETCD_QUORUM), None, "two may be healthy");
}

#[test]
fn two_clusters_of_etcd() {
    let finding = told(codes::ETCD_CLUSTER, |world| world.etcd("pg3").cluster_id = Some("7".into()));
    assert_eq!(finding.severity, Severity::Critical);
    silent(codes::ETCD_CLUSTER, |world| world.etcd("pg3").cluster_id = None);
}

#[test]
fn members_of_etcd_that_only_one_side_knows() {
    let renamed = |name: &'static str| {
        move |world: &mut World| {
            for node in ["pg1", "pg2", "pg3"] {
                let Answer::Told(members) = &mut world.etcd(node).members else { panic!("{node}") };
                members.iter_mut().filter(|it| it.name == "pg3").for_each(|it| it.name = name.into());
            }
        }
    };
    let finding = told(codes::ETCD_CLUSTER, renamed("old"));
    assert_eq!(finding.evidence, "etcd has old as a member, and not pg3");
    silent(codes::ETCD_CLUSTER, renamed("pg3"));
}

#[test]
fn files_that_are_not_the_inventorys() {
    let finding =
        told(codes::CONFIG_DRIFT, |world| world.node("pg2").config.as_mut().unwrap().text.push_str("x: y\n"));
    assert_eq!(finding.node, Some(name("pg2")));
    let finding = told(codes::CONFIG_DRIFT, |world| {
        world.node("pg3").etcd.settings.as_mut().unwrap().text.push_str("ETCD_DEBUG=true\n");
    });
    assert_eq!((finding.node, finding.evidence.contains("/etc/default/etcd")), (Some(name("pg3")), true));
    // A member that came later says so, and that is no difference.
    silent(codes::CONFIG_DRIFT, |world| {
        let settings = world.node("pg3").etcd.settings.as_mut().unwrap();
        assert!(settings.text.contains("STATE=new"));
        settings.text = settings.text.replace("STATE=new", "STATE=existing");
    });
}

#[test]
fn a_dynamic_configuration_that_somebody_has_changed() {
    let set = |world: &mut World, path: &str, value: serde_json::Value| {
        for node in ["pg1", "pg2", "pg3"] {
            let Answer::Told(config) = &mut world.node(node).patroni.config else { panic!("{node}") };
            *config.pointer_mut(path).unwrap() = value.clone();
        }
    };
    let finding = told(codes::CONFIG_DRIFT, |world| set(world, "/ttl", 40.into()));
    let expected = "Patroni's dynamic configuration is not what the inventory says: ttl is 40 instead of 30";
    assert_eq!(finding.evidence, expected);
    assert!(finding.remedy.to_string().starts_with("galactl apply-config INVENTORY"), "{}", finding.remedy);
    silent(codes::CONFIG_DRIFT, |world| set(world, "/ttl", "30".into()));
}

#[test]
fn clocks_that_differ() {
    let finding = told(codes::CLOCK, |world| world.node("pg2").machine.clock = NOW + 11.0);
    assert!(finding.evidence.starts_with("the clock of pg2 is about 11 s ahead"), "{finding}");
    silent(codes::CLOCK, |world| world.node("pg2").machine.clock = NOW + 9.0);
    silent(codes::CLOCK, |world| world.node("pg2").machine.clock = 0.0);
}

#[test]
fn positions_are_told_by_the_primary_s() {
    let mut world = World::whole();
    let end = world.live("pg1").current.unwrap();
    world.live("pg1").current = Some(Lsn::new(end.bytes() + (3 << 20)));
    let live = world.live("pg2");
    (live.received, live.replayed) = (Some(end), Some(Lsn::new(end.bytes() - 80)));
    let status = world.status();
    let behind = |at: usize| (status.nodes[at].behind, status.nodes[at].replay_behind);
    assert_eq!(behind(0), (None, None));
    assert_eq!(behind(1), (Some(3 << 20), Some((3 << 20) + 80)));
}
