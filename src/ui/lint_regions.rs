//! Which tables' rows can be owned by regions, and who wrote them.

use crate::galera::lint::written::Written;
use crate::galera::lint::{Regions, Report};
use crate::kernel::inventory::text::visible;
use crate::kernel::model::words::count;

/// Tables that can be owned by regions first, then the others, each with why not.
pub fn lint_regions(report: &Report) -> String {
    let Some(Regions { column, tables, written: told }) = &report.regions else { return String::new() };
    let (fit, rest): (Vec<_>, Vec<_>) = tables.iter().partition(|table| table.obstacles.is_empty());
    let names: Vec<_> = fit.iter().map(|table| visible(&table.table)).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let mut text = format!("region[{column}]\n  each row belongs to one region: {names}\n");
    if report.looked.tables > 0
        && rest.len() == tables.len()
        && tables.iter().all(|table| table.has_no_column)
    {
        return text + &format!("  no table has a column {column}\n\n");
    }
    for table in rest {
        text += &format!("  not so: {}: {}\n", table.table, visible(&table.obstacles.join("; ")));
    }
    text += &told.as_ref().map_or_else(String::new, written);
    text + "  why: rows of two regions conflict only where they share a key\n\n"
}

/// What crosses is a finding.
fn written(told: &Written) -> String {
    let Written { member, seconds, tables, values, crossed, cut } = told;
    let alone = values - crossed.len();
    let more = if *cut { "; there were more values than are counted" } else { "" };
    format!(
        "  written in the last {seconds} s, as the binary log of {member} tells of {}: {} by one node each, {} by several{more}\n",
        count(*tables, "table"),
        count(alone, "value"),
        crossed.len()
    )
}
