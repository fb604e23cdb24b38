//! What the look's script prints becomes facts, and nothing secret is left in them.

use std::fs;

use galactl::kernel::facts::{Answer, Report};
use galactl::kernel::model::Secrets;
use galactl::mesh::facts::{HostFacts, SubscriptionState};
use galactl::mesh::model::MESH_PASSWORD;
use galactl::postgresql::Major;

use super::world::{database, name};

const PASSWORD: &str = r#"p"q\r:secret"#;

fn facts(report: &str) -> HostFacts {
    let path = format!("{}/tests/fixtures/mesh-hosts/{report}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
    let mut secrets = Secrets::default();
    secrets.insert(MESH_PASSWORD, PASSWORD.into());
    HostFacts::read(&Report::parse(&text).unwrap(), &secrets).unwrap()
}

#[test]
fn a_member_is_read_whole() {
    let facts = facts("trixie-member");
    assert_eq!(facts.major(), Ok(Major::Seventeen));
    assert!(facts.has_cluster(Major::Seventeen) && facts.included && facts.server_runs());
    assert_eq!(facts.installed("postgresql-17-pglogical"), Some("2.4.5-1+b1"));
    let shop = database("shop");
    assert!(facts.is_member(&name("pg1"), "shop", &[&shop]));
    assert!(
        !facts.is_member(&name("pg1"), "other", &[&shop]) && !facts.is_member(&name("pg3"), "shop", &[&shop])
    );
    let told = facts.database(&shop).unwrap();
    assert_eq!(told.subscription("pg1_from_pg2").unwrap().state, SubscriptionState::Replicating);
    assert_eq!(told.table("public", "customers").unwrap().key, ["id"]);
    let live = facts.live().unwrap();
    assert_eq!(live.current.unwrap().since(live.slots[0].confirmed.unwrap()), 0xD8);
    let slot = &live.slots[0].name;
    assert_eq!(live.confirmed_after.get(slot), Some(&0.001_472));
    let commits = live.commits.as_ref().unwrap();
    assert_eq!(commits.confirmed.get(slot), commits.newest.as_ref());
    assert!((commits.age_after(1_796_015_517.786_371) - 48.21).abs() < 0.01, "since the end of that pause");
    let password = facts.password.unwrap();
    assert_eq!((password.mode.as_str(), password.owner.as_str()), ("600", "postgres"));
    assert!(
        !password.text.contains("secret:") || password.text.contains("${secret:mesh-password}"),
        "{}",
        password.text
    );
    assert!(password.text.ends_with("*:*:*:galactl_mesh:${secret:mesh-password}\n"), "{}", password.text);
}

#[test]
fn what_is_not_there_is_told_from_what_is_not_seen() {
    let blank = facts("trixie-blank");
    assert!(blank.datadir.is_blank() && blank.server.is_nobody() && !blank.server_runs());
    let bare = facts("trixie-bare");
    assert!(bare.datadir.is_blank() && !bare.datadir.exists && !bare.has_cluster(Major::Seventeen));
    assert_eq!(bare.installed("postgresql-17"), None);
    assert_eq!(bare.packages["postgresql-17"].candidate.as_deref(), Some("17.12-0+deb13u1"));
    assert!(bare.packages.get("postgresql-17-pglogical").is_none_or(|it| it.candidate.is_none()));
    let joining = facts("trixie-joining");
    assert_eq!(joining.datadir.joining.as_deref(), Some("pg2"));
    assert!(!joining.datadir.is_blank());
    let other = facts("trixie-other-files");
    assert!(!other.datadir.is_blank() && other.datadir.unseen.is_some());
    assert!(matches!(other.server, Answer::Unseen(_)) && other.server_runs());
}

#[test]
fn a_database_that_is_not_there_is_told_from_one_that_gives_no_answer() {
    let facts = facts("trixie-no-database");
    assert!(matches!(facts.databases[&database("shop")], Answer::Nobody(_)), "{:?}", facts.databases);
    assert!(matches!(facts.databases[&database("stock")], Answer::Unseen(_)), "{:?}", facts.databases);
    assert!(facts.live().unwrap().in_recovery && facts.stale);
    assert_eq!(facts.datadir.tablespaces, 1);
}

#[test]
fn facts_come_back_as_they_were_saved() {
    for report in [
        "trixie-member",
        "trixie-blank",
        "trixie-bare",
        "trixie-joining",
        "trixie-no-database",
        "trixie-other-files",
    ] {
        let mut facts = facts(report);
        // The one number that JSON may round.
        facts.machine.clock = 0.0;
        let json = serde_json::to_string(&facts).unwrap();
        assert!(!json.contains(PASSWORD) && !json.contains(r"q\\\\r"), "{json}");
        assert_eq!(serde_json::from_str::<HostFacts>(&json).unwrap(), facts);
    }
}

#[test]
fn a_report_without_its_unit_is_none() {
    let report = Report::parse("\n@os\n|ID=debian\n\n@end\n").unwrap();
    assert!(HostFacts::read(&report, &Secrets::default()).is_err());
}
