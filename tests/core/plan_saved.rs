//! The contract of a plan file: only what galactl wrote, for the facts that it was made from.

use galactl::galera::facts::BootstrapRecord;
use galactl::galera::judge::codes;
use galactl::galera::plan::{Choice, Command, Plan, Saved, again, spent};
use galactl::kernel::plan::{Command as _, Input, NotUsable, markdown, other_work};

use crate::support::{Changes, Component, Shape, World, fresh, name, uuid};

fn three() -> World {
    World::new(&Shape::of(3), vec![fresh().standalone(); 3])
}

fn saved(plan: Plan) -> Saved {
    let inventory = Input { path: "inventory.yaml".into(), sha256: "ab".repeat(32) };
    Saved::new(plan, "0123456789abcdef0123456789abcdef".into(), "root@ops".into(), inventory, None)
}

#[test]
fn a_plan_file_comes_back_as_it_was() {
    let saved = saved(three().bootstrap().unwrap());
    assert_eq!(Saved::parse(&saved.text()).unwrap(), saved);
    // White space is no change: a program may have written it anew.
    let value: serde_json::Value = serde_json::from_str(&saved.text()).unwrap();
    assert_eq!(Saved::parse(&value.to_string()).unwrap(), saved);
}

#[test]
fn a_plan_file_that_breaks_off_is_refused() {
    let text = saved(three().bootstrap().unwrap()).text();
    let whole = text.trim_end().len();
    let ends = (0..whole).step_by(101).filter(|end| text.is_char_boundary(*end));
    for end in ends.chain([whole - 1]) {
        let error = Saved::parse(&text[..end]).unwrap_err();
        assert!(matches!(error, NotUsable::Broken(_)), "{end}: {error}");
    }
}

/// Every value in the file, one after the other, is another one.
#[test]
fn a_plan_file_that_was_changed_is_refused() {
    let whole = serde_json::to_value(saved(three().bootstrap().unwrap())).unwrap();
    let mut places = Vec::new();
    collect(&whole, String::new(), &mut places);
    assert!(places.len() > 100);
    for place in places {
        let mut changed = whole.clone();
        let value = changed.pointer_mut(&place).unwrap();
        *value = match value {
            serde_json::Value::String(text) => format!("{text}x").into(),
            serde_json::Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
            serde_json::Value::Bool(flag) => (!*flag).into(),
            _ => "x".into(),
        };
        assert!(Saved::parse(&changed.to_string()).is_err(), "{place}");
    }
}

fn collect(value: &serde_json::Value, place: String, places: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                collect(value, format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        serde_json::Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, format!("{place}/{at}"), places);
            }
        }
        _ => places.push(place),
    }
}

#[test]
fn something_added_or_of_another_version_is_refused() {
    let saved = saved(three().bootstrap().unwrap());
    let text = saved.text();
    let with = |from: &str, to: &str| Saved::parse(&text.replacen(from, to, 1)).unwrap_err();
    assert_eq!(with("\"format\": 4", "\"format\": 2"), NotUsable::Format(2));
    let other = with("\"engine\": \"galera\"", "\"engine\": \"patroni\"");
    assert_eq!(other, NotUsable::Engine("patroni".into(), "galera"));
    let version = format!("\"galactl\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(with(&version, "\"galactl\": \"99.0.0\""), NotUsable::Version("99.0.0".into()));
    assert!(matches!(with("\"offline\": false", "\"offline\": false, \"more\": 1"), NotUsable::Broken(_)));
    for known in ["\"why\": ", "\"do\": ", "\"title\": ", "\"seen\": ", "\"unit\": "] {
        assert_eq!(with(known, &format!("\"more\": 1, {known}")), NotUsable::Digest, "{known}");
    }
    assert!(matches!(Saved::parse("{}").unwrap_err(), NotUsable::Broken(_)));
    assert!(matches!(Saved::parse("not JSON").unwrap_err(), NotUsable::Broken(_)));
}

#[test]
fn an_offline_plan_is_not_applied() {
    let world = three();
    let renderer = galactl::galera::config::Renderer::new(None).unwrap();
    let plan = galactl::galera::plan::bootstrap_offline(&world.inventory, &renderer).unwrap();
    assert!(plan.rests_on.is_empty() && plan.steps().count() > 6);
    assert_eq!(Saved::parse(&saved(plan).text()).unwrap_err(), NotUsable::Offline);
}

type Change = fn(&mut galactl::galera::facts::HostFacts);

/// Every fact of a host that a plan rests on, changed by itself.
#[test]
fn a_changed_fact_voids_the_plan_and_is_named() {
    let world = three();
    let plan = world.bootstrap().unwrap();
    assert_eq!(world.stale(&plan), []);
    let changes: [(&str, Change); 9] = [
        ("host key", |host| host.machine.host_keys = ["ssh-ed25519 AAAA".to_owned()].into()),
        ("machine id", |host| host.machine.machine_id = "other".into()),
        ("system", |host| host.machine.os = "debian 13".into()),
        ("server version", |host| host.server = "10.11.20".parse().ok()),
        ("packages", |host| drop(host.packages.insert("galera-4".into(), "26.4.99".into()))),
        ("unit", |host| host.unit.file = "disabled".into()),
        ("saved state", |host| *host = host.clone().empty_grastate()),
        ("option file", |host| *host = host.clone().configured("[mysqld]\n")),
        ("databases", |host| *host = host.clone().schema("shop", 1)),
    ];
    for (fact, change) in changes {
        let mut now = world.clone();
        change(now.facts_mut(&name(1)));
        let refusals = now.stale(&plan);
        assert_eq!(refusals.len(), 1, "{fact}: {refusals:?}");
        assert!(refusals[0].evidence.starts_with(&format!("{fact}: was ")), "{:?}", refusals[0]);
        assert_eq!((refusals[0].code, refusals[0].node.as_ref()), (codes::STALE, Some(&name(1))));
    }
}

#[test]
fn a_live_view_is_a_fact() {
    let mut world = three();
    world.carry_out(&world.bootstrap().unwrap());
    let plan = world.bootstrap().unwrap();
    let moved = Component { conf_id: 77, ..Component::of(3) };
    world.facts_mut(&name(0)).become_member("db1", &moved);
    let facts: Vec<_> = world.stale(&plan).into_iter().map(|refusal| refusal.evidence).collect();
    assert!(facts.iter().any(|evidence| evidence.starts_with("view: was ")), "{facts:?}");
}

#[test]
fn a_plan_of_a_bootstrap_never_runs_twice() {
    let mut world = three();
    let saved = saved(world.bootstrap().unwrap());
    world.carry_out(&saved.plan);
    assert!(!world.stale(&saved.plan).is_empty());
    // Even where everything looks as it did before, the record on the seed knows the plan.
    let mut again = three();
    let record =
        BootstrapRecord { plan: saved.id.clone(), by: "root@ops".into(), ..BootstrapRecord::default() };
    again.facts_mut(&name(0)).bootstrap_record = Some(record);
    let refusals = spent(&saved.id, &again.observation);
    assert!(refusals.len() == 1 && refusals[0].evidence.contains("already, by root@ops"), "{refusals:?}");
    assert_eq!(spent("another", &again.observation), []);
}

/// A file with a right digest is still only what galactl would plan itself.
#[test]
fn a_forged_plan_is_other_work() {
    let world = three();
    let honest = world.bootstrap().unwrap();
    assert_eq!(other_work(&honest, &again(&honest, &world.basis()).unwrap()), []);
    let mut forged = honest.clone();
    forged.stages[0].steps.pop();
    let refusals = other_work(&forged, &again(&forged, &world.basis()).unwrap());
    assert!(refusals.len() == 1 && refusals[0].evidence.contains("something else now"), "{refusals:?}");
}

/// What is lost must be what was read, to the number.
/// A plan that takes the cluster's name typed cannot be turned into one that takes a yes.
#[test]
fn a_forced_recovery_stays_one() {
    let mut world = three();
    world.set(&name(0), fresh().saved(uuid(1), 9));
    world.set(&name(1), fresh().saved(uuid(1), 12));
    world.lose(&name(2));
    let positions = [(0, uuid(1), 9), (1, uuid(1), 12)];
    let choice = Choice { seed: Some(name(0)), ..Choice::default() };
    let honest = world.recover_as(&positions, &choice).unwrap();
    assert!(honest.command.is_forced());
    let now = || world.recover_as(&positions, &choice).unwrap();
    assert_eq!(other_work(&honest, &now()), []);
    let command = Command::Recover { seed: Some(name(0)), keep_aside: false, forced: false };
    let forged = Plan { command, ..honest };
    let refusals = other_work(&forged, &now());
    assert!(matches!(refusals.as_slice(), [refusal] if refusal.code == codes::STALE), "{refusals:?}");
}

#[test]
fn more_data_to_lose_than_was_read_is_other_work() {
    let world = |bytes| {
        let mut two = World::new(&Shape::of(2), vec![fresh().standalone(); 2]);
        two.carry_out(&two.bootstrap().unwrap());
        let third = fresh().standalone().schema("theirs", bytes);
        World::new(&Shape::of(3), [two.facts(&name(0)).clone(), two.facts(&name(1)).clone(), third])
    };
    let plan = world(1 << 20).add(&[name(2)], &[name(2)]).unwrap();
    assert_eq!(other_work(&plan, &again(&plan, &world(1 << 20).basis()).unwrap()), []);
    let refusals = other_work(&plan, &again(&plan, &world(1 << 30).basis()).unwrap());
    assert!(refusals[0].evidence.contains("would be lost"), "{refusals:?}");
}

#[test]
fn nothing_that_a_host_says_becomes_markup() {
    let mut world = three();
    let host =
        fresh().standalone().schema("<img src=x>|**@all**", 5).configured("```\nmax_connections = 3\n````\n");
    world.set(&name(0), host);
    let text = markdown(&world.bootstrap().unwrap());
    assert!(text.contains(r"&lt;img src=x&gt;\|\*\*\@all\*\*"), "{text}");
    assert!(!text.contains("<img"));
    assert_eq!(text.matches("<details>").count(), 3);
}
