//! What an interrupted pt-online-schema-change has left.

use std::collections::BTreeMap;

use super::Case;
use crate::galera::alter::Table;
use crate::galera::alter::pt_osc::{OscSeen, OscTrigger, beside, left};
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};

/// Triggers replicate, so that one node tells for all; where one is at work, they are in use.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    if case.examined.values().any(|it| it.osc_at_work) {
        return Vec::new();
    }
    let mut tables: BTreeMap<(&str, String), OscSeen> = BTreeMap::new();
    let most = case.examined.values().max_by_key(|it| it.osc_triggers.len());
    for [schema, name, on, statement] in most.into_iter().flat_map(|it| &it.osc_triggers) {
        let trigger = OscTrigger { name: name.clone(), on: on.clone(), statement: statement.clone() };
        let Some(table) = changed(&trigger) else { continue };
        tables.entry((schema.as_str(), table)).or_default().triggers.push(trigger);
    }
    tables.into_iter().filter_map(|((schema, name), seen)| finding(schema, &name, seen)).collect()
}

/// The table that was to be changed: the one on which the trigger is, or the one whose place was taken already.
fn changed(trigger: &OscTrigger) -> Option<String> {
    let before = trigger.on.strip_suffix("_old").map(|name| name.trim_start_matches('_'));
    let names = [Some(trigger.on.as_str()), before.filter(|name| !name.is_empty())];
    let writes = |name: &&str| beside(name).any(|copy| trigger.statement.contains(&format!("`{copy}`")));
    names.into_iter().flatten().find(writes).map(str::to_owned)
}

fn finding(schema: &str, name: &str, mut seen: OscSeen) -> Option<Finding> {
    let table: Table = format!("{schema}.{name}").parse().ok()?;
    let named = |copy: &String| {
        let quoted = format!("`{copy}`");
        let written = |it: &OscTrigger| it.on == name && it.statement.contains(&quoted);
        seen.triggers.iter().any(|it| it.on == *copy || written(it))
    };
    seen.beside = beside(name).filter(named).collect();
    let left = left(&table, &seen);
    if left.is_empty() {
        return None;
    }
    let evidence =
        format!("a pt-online-schema-change, interrupted, has left beside {table} {}", left.words());
    let next =
        Remedy::from("where none is at work any more, on whatever host, in a quiet moment on one node: ")
            .and(left.on_a_node(&table));
    Some(Finding::new(codes::PT_OSC, evidence, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(on: &str) -> OscTrigger {
        let statement = "REPLACE INTO `shop`.`_orders_new` (`id`) VALUES (NEW.`id`)".into();
        OscTrigger { name: "pt_osc_shop_orders_ins".into(), on: on.into(), statement }
    }

    fn of(on: &str) -> String {
        let trigger = trigger(on);
        let name = changed(&trigger).expect("its table");
        let seen = OscSeen { triggers: vec![trigger], ..OscSeen::default() };
        finding("shop", &name, seen).map(|it| it.remedy.to_string()).expect("a finding")
    }

    #[test]
    fn what_removes_it_is_ready_to_paste() {
        let remedy = of("orders");
        let begin = "sudo mariadb -e 'SET SESSION wsrep_OSU_method=TOI; DROP TRIGGER IF EXISTS `shop`.`pt_osc_shop_orders_ins`; SELECT ";
        assert!(remedy.contains(begin), "{remedy}");
        assert!(remedy.contains("EXECUTE IMMEDIATE @same; DROP TABLE IF EXISTS "), "{remedy}");
        assert!(remedy.ends_with("`shop`.`_orders_new`'"), "{remedy}");
    }

    /// It was killed between the swap and the end: what is left is the table of before.
    #[test]
    fn after_the_swap_the_table_of_before_is_left() {
        let said = of("_orders_old");
        assert!(said.contains("TOI; DROP TABLE IF EXISTS `shop`.`_orders_old`'"), "{said}");
    }

    #[test]
    fn a_trigger_of_somebody_else_is_none_of_its() {
        let other = OscTrigger { statement: "SET NEW.a = 1".into(), ..trigger("orders") };
        assert_eq!(changed(&other), None);
    }
}
