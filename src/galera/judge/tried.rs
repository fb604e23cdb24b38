//! What the installed servers refuse of option files. Nothing was tried: no verdict.

use std::collections::BTreeMap;

use super::Basis;
use crate::galera::facts::{NotAccepted, Tried};
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// Files that are to be put in place: one refusal for all nodes whose servers say the same.
pub fn new_files(basis: &Basis<'_>) -> Vec<Finding> {
    refusals(
        basis,
        |tried| tried.new.as_ref(),
        |refused| {
            let meant = refused.advice.as_ref().map_or_else(String::new, |advice| format!("{advice} "));
            (
                "the server does not start with the new option file",
                Remedy::from(format!("{meant}Correct it in ")).and(Remedy::Inventory),
            )
        },
    )
}

/// Files that are on the hosts of these nodes now, and that a start would read.
pub fn own_files(basis: &Basis<'_>, starts: impl Fn(&NodeName) -> bool) -> Vec<Finding> {
    let mut refusals = refusals(
        basis,
        |tried| tried.own.as_ref(),
        |refused| {
            let meant = refused.advice.as_ref().map_or_else(String::new, |advice| format!(" ({advice})"));
            let next = match &refused.option {
                Some(option) => format!(
                    "sudo grep -rnE '{}' /etc/my.cnf /etc/mysql; then correct it there{meant}",
                    option.replace('_', "[-_]")
                ),
                None => place_of(&refused.said).unwrap_or_else(|| {
                    "sudo my_print_defaults --mysqld tells what it reads; correct it there".to_owned()
                }),
            };
            ("the server does not start any more with the option files that are there", Remedy::on_host(next))
        },
    );
    refusals.retain(|refusal| refusal.node.as_ref().is_none_or(&starts));
    refusals
}

/// What shows the place of `… in config file: FILE at line: 7`.
pub fn place_of(said: &str) -> Option<String> {
    let (file, line) = said.split_once(" in config file: ")?.1.split_once(" at line")?;
    let line = line.trim_start_matches(':').trim();
    Some(format!(
        "sudo sed -n '{line}p' {file}; correct it there: an option stands below its group, as [mysqld]"
    ))
}

fn refusals(
    basis: &Basis<'_>,
    which: impl Fn(&Tried) -> Option<&NotAccepted>,
    words: impl Fn(&NotAccepted) -> (&'static str, Remedy),
) -> Vec<Finding> {
    let mut nodes: BTreeMap<&NotAccepted, Vec<&NodeName>> = BTreeMap::new();
    for node in basis.inventory.start_order() {
        let refused = basis.observation.tried.get(&node.name).and_then(&which);
        if let Some(refused) = refused {
            nodes.entry(refused).or_default().push(&node.name);
        }
    }
    let finding = |(refused, nodes): (&NotAccepted, Vec<&NodeName>)| {
        let (what, next) = words(refused);
        let finding = |on: &str| {
            Finding::new(codes::UNKNOWN_OPTION, format!("{what}{on}: {}", refused.said), next.clone())
        };
        match nodes[..] {
            [node] => finding("").on(node),
            _ => {
                let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                finding(&format!(" of {}", names.join(", ")))
            }
        }
    };
    nodes.into_iter().map(finding).collect()
}
