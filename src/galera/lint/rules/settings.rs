//! Settings of the server.

use crate::galera::lint::codes;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::Schema;
use crate::kernel::judge::Severity;
use crate::kernel::lint::{Finding, Rule};

const FLUSH: &str = "innodb_flush_log_at_trx_commit";

/// What galactl's option file sets at a bootstrap is asked of members only. A member of MariaDB 10.5 and later refuses any
/// `binlog_format` but ROW, so that there is no rule for it.
pub fn check(schema: &Schema, place: Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    if place.member {
        findings.extend(member(schema, place));
    }
    findings.extend(everywhere(schema));
    findings
}

fn member(schema: &Schema, place: Place) -> Vec<Finding> {
    let value = |name: &str| schema.setting(name);
    let mode = value("innodb_autoinc_lock_mode").filter(|value| *value != "2").map(|value| {
        setting(codes::AUTOINC_LOCK_MODE, "innodb_autoinc_lock_mode", format!("is {value}"), "2")
    });
    let step = || {
        let step: u64 = value("auto_increment_increment")?.parse().ok()?;
        let own = value("wsrep_auto_increment_control")? == "OFF" && step < place.nodes;
        own.then(|| {
            let evidence = format!("is OFF, and auto_increment_increment {step} of {} nodes", place.nodes);
            setting(codes::AUTO_INCREMENT_STEP, "wsrep_auto_increment_control", evidence, "ON")
        })
    };
    mode.into_iter().chain(step()).collect()
}

fn everywhere(schema: &Schema) -> Vec<Finding> {
    let value = |name: &str| schema.setting(name);
    let flush = value(FLUSH).filter(|value| *value != "1").map(|value| {
        let finding = setting(codes::DURABILITY, FLUSH, format!("is {value}"), "1");
        if schema.wanted.contains(FLUSH) { finding.severity(Severity::Note) } else { finding }
    });
    // Older releases call it tx_isolation.
    let isolation = ["transaction_isolation", "tx_isolation"].into_iter().find(|it| value(it).is_some());
    let serializable = isolation.filter(|name| value(name) == Some("SERIALIZABLE")).map(|name| {
        let fix = "`mysqld: transaction_isolation: REPEATABLE-READ` in the inventory, and SELECT … FOR UPDATE where it matters";
        Finding::new(codes::SERIALIZABLE, name, "is SERIALIZABLE", fix)
    });
    let in_table = value("log_output").is_some_and(|value| value.contains("TABLE"));
    let logs = ["general_log", "slow_query_log"].into_iter().find(|log| value(log) == Some("ON"));
    let log_output = logs.filter(|_| in_table).map(|log| {
        setting(codes::LOG_OUTPUT, "log_output", format!("writes to tables, and {log} is ON"), "FILE")
    });
    let mode = value("wsrep_mode").filter(|mode| mode.contains("REPLICATE_"));
    let mode = mode.map(|mode| ("wsrep_mode", mode)).or_else(|| {
        value("wsrep_replicate_myisam")
            .filter(|value| *value == "ON")
            .map(|value| ("wsrep_replicate_myisam", value))
    });
    let mode = mode.map(|(name, value)| {
        let fix = "leave it out, and give such tables ENGINE=InnoDB";
        Finding::new(codes::WSREP_MODE, name, format!("is {value}"), fix)
    });
    flush.into_iter().chain(serializable).chain(log_output).chain(mode).collect()
}

fn setting(rule: Rule, name: &str, evidence: String, wanted: &str) -> Finding {
    Finding::new(rule, name, evidence, format!("`mysqld: {name}: {wanted}` in the inventory"))
}
