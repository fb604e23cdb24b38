//! What a doctor finds on a cluster that is made ill by hand: each fault is told, and is gone after what it names.

use std::cell::RefCell;

use serde_json::Value;

use super::{NODES, hosts, sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

#[test]
#[ignore = "boots real hosts"]
fn a_cluster_is_made_ill_and_fixed_by_what_doctor_says() {
    let lab = hosts("t-pg-doctor", "trixie");
    let inventory = Inventory::of_patroni(&lab, &NODES);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    inventory
        .galactl(&["doctor"])
        .expect_code(0)
        .says(&["nothing is wrong, and nothing that is seen will be"]);
    let ill = Ill { lab: &lab, inventory: &inventory };

    ill.paused();
    ill.slot();
    ill.lag();
    ill.member_of_etcd();
    ill.alarm();
    ill.not_at_boot();
    ill.cut_off();
}

struct Ill<'a> {
    lab: &'a Lab,
    inventory: &'a Inventory<'a>,
}

impl Ill<'_> {
    #[track_caller]
    fn findings(&self) -> Vec<Value> {
        let ran = self.inventory.galactl(&["doctor", "--output", "json"]);
        let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        told["findings"].as_array().expect("findings").clone()
    }

    /// The finding of this code, which comes within a loop of Patroni.
    #[track_caller]
    fn found(&self, code: &str) -> Value {
        let found = RefCell::new(None);
        until(&format!("doctor tells of {code}"), || {
            *found.borrow_mut() = self.findings().into_iter().find(|it| it["code"] == code);
            found.borrow().is_some()
        });
        found.into_inner().expect("the finding")
    }

    #[track_caller]
    fn nothing_is_wrong(&self, after: &str) {
        until(&format!("nothing is wrong after {after}"), || self.findings().is_empty());
    }

    /// Types the command that a finding names last: `on pg1: COMMAND`.
    #[track_caller]
    fn fix(&self, finding: &Value) {
        let remedy = finding["remedy"].as_str().expect("a remedy");
        let (_, command) = remedy.rsplit_once("on pg").expect("a command on a host");
        let (number, command) = command.split_once(": ").expect("a command");
        self.lab.on(&format!("pg{number}"), command.split("; if it ends again").next().expect("a command"));
    }

    fn leader(&self) -> &'static str {
        let is_one = |node: &&str| sql(self.lab, node, "SELECT pg_is_in_recovery()") == "f";
        NODES.into_iter().find(is_one).expect("a primary")
    }

    fn paused(&self) {
        self.lab.on("pg1", "patronictl -c /etc/patroni/config.yml pause --wait");
        self.fix(&self.found("paused"));
        self.nothing_is_wrong("the pause");
    }

    fn slot(&self) {
        let leader = self.leader();
        sql(self.lab, leader, "SELECT pg_create_physical_replication_slot('forgotten', true)");
        self.write(leader);
        let finding = self.found("slot");
        let evidence = finding["evidence"].as_str().expect("evidence");
        assert!(evidence.contains("slot forgotten") && evidence.contains("its disk has"), "{evidence}");
        self.fix(&finding);
        self.nothing_is_wrong("the slot");
    }

    /// About 150 MiB of WAL.
    fn write(&self, leader: &str) {
        sql(
            self.lab,
            leader,
            "CREATE TABLE much AS SELECT repeat('x', 1000) FROM generate_series(1, 150000); DROP TABLE much",
        );
    }

    fn lag(&self) {
        let leader = self.leader();
        let standby = NODES.into_iter().find(|node| *node != leader).expect("a standby");
        self.lab.on(standby, "pkill -STOP -f '^postgres: .*startup'");
        self.write(leader);
        let finding = self.found("lag");
        assert_eq!(finding["node"], standby);
        assert!(finding["evidence"].as_str().expect("evidence").contains("has yet to replay"), "{finding}");
        self.lab.on(standby, "pkill -CONT -f '^postgres: .*startup'");
        self.nothing_is_wrong("the replay that stood still");
    }

    fn member_of_etcd(&self) {
        self.lab.on("pg3", "systemctl stop etcd");
        let finding = self.found("etcd-member");
        assert!(self.findings().iter().any(|it| it["code"] == "etcd-room"), "one more may not fail");
        self.fix(&finding);
        self.nothing_is_wrong("the member of etcd that was stopped");
    }

    /// etcd raises it by itself when its quota is used up.
    fn alarm(&self) {
        let raise = r#"perl -MIO::Socket::INET -e '$_ = IO::Socket::INET->new("127.0.0.1:2379") or die; $b = q({"action": "ACTIVATE", "alarm": "NOSPACE"}); print $_ "POST /v3/maintenance/alarm HTTP/1.0\r\nContent-Length: ", length $b, "\r\n\r\n$b"; $_->flush; @a = <$_>'"#;
        self.lab.on("pg1", raise);
        let finding = self.found("etcd-alarm");
        let codes: Vec<_> = self.findings().iter().map(|it| it["code"].clone()).collect();
        assert!(!codes.contains(&"etcd-quorum".into()), "it has its quorum: {codes:?}");
        let remedy = finding["remedy"].as_str().expect("a remedy");
        let (_, commands) = remedy.split_once("give room first: ").expect("commands");
        self.lab.on("pg1", &commands.replace("; then: ", "; "));
        self.nothing_is_wrong("the alarm");
    }

    fn not_at_boot(&self) {
        self.lab.on("pg2", "systemctl --quiet disable patroni");
        self.fix(&self.found("not-at-boot"));
        self.nothing_is_wrong("the unit that was off at boot");
    }

    fn cut_off(&self) {
        let leader = self.leader();
        let standby = NODES.into_iter().find(|node| *node != leader).expect("a standby");
        self.lab.fault("cut", standby);
        let finding = self.found("unreachable");
        assert_eq!(finding["node"], standby);
        self.lab.fault("heal", standby);
        self.nothing_is_wrong("the cut");
        // Without Patroni and its server, a standby is brought back by what compares its data.
        self.lab.on(standby, "systemctl stop patroni");
        let finding = self.found("not-following");
        assert!(finding["remedy"].as_str().expect("a remedy").starts_with("galactl start"), "{finding}");
        self.inventory.galactl(&["start", standby, "--yes"]).expect_code(0);
        self.nothing_is_wrong("the standby that was stopped");
    }
}
