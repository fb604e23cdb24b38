//! A change of one node after the other (RSU): until the last one is done, rows go from tables of the old definition to
//! tables of the new one, and back.

use std::collections::BTreeSet;

use super::{Definition, Shape, Study};
use crate::kernel::model::NodeName;

/// Options of a table that say nothing of its rows. Not among them: `ROW_FORMAT` and `KEY_BLOCK_SIZE`, because a row that
/// one takes may be too long for the other, and the node on which it is leaves the cluster.
const HARMLESS: [&str; 6] = [
    "COMMENT=",
    "STATS_PERSISTENT=",
    "STATS_AUTO_RECALC=",
    "STATS_SAMPLE_PAGES=",
    "`PAGE_COMPRESSED`=",
    "`PAGE_COMPRESSION_LEVEL`=",
];

/// The lines in which the definitions differ, and which must not: empty where rows fit both ways. Foreign keys are left
/// out, which an empty copy does not have.
pub fn lines_that_differ(before: &str, after: &str) -> Vec<String> {
    let [before, after] = [lines(before), lines(after)];
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    let mut differ: Vec<_> = gone.chain(new).collect();
    if differ.is_empty() && before != after {
        differ.push("the columns have another order".into());
    }
    differ
}

/// Everything but indexes that are not unique, and harmless options.
fn lines(definition: &str) -> Vec<String> {
    let shape = Shape::of(definition);
    let mut lines: Vec<String> = shape.columns.into_iter().map(|(_, line)| line).collect();
    lines.extend(shape.primary.map(|columns| format!("PRIMARY KEY ({columns})")));
    let mut unordered: Vec<_> =
        shape.uniques.iter().map(|columns| format!("UNIQUE KEY ({columns})")).collect();
    unordered.extend(shape.rules.into_iter().filter(|line| !line.contains(" FOREIGN KEY ")));
    unordered.sort();
    lines.extend(unordered);
    let options = options(&shape.options).into_iter();
    let telling = options.filter(|option| !HARMLESS.iter().any(|start| option.starts_with(start)));
    lines.push(telling.collect::<Vec<_>>().join(" "));
    lines.extend(shape.partitions);
    lines
}

/// The options one by one; a text in quotes may have blanks in it.
fn options(text: &str) -> Vec<String> {
    let (mut all, mut one, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        quoted ^= c == '\'';
        match c {
            ' ' if !quoted => all.push(std::mem::take(&mut one)),
            c => one.push(c),
        }
    }
    all.push(one);
    all.retain(|option| !option.is_empty());
    all
}

/// The members that have what the change makes already, where others have not: a change that was cut off has done them.
pub fn done(study: &Study) -> Vec<NodeName> {
    let copied = |definition: &str| Definition::of(definition).as_copied;
    let has = |wanted: &str| -> Vec<NodeName> {
        let alike = study.told().filter(|(_, seen)| copied(&seen.definition) == wanted);
        alike.map(|(node, _)| node.clone()).collect()
    };
    // A node that is done may take the change once more, and make of it what nobody wants.
    let wanted: BTreeSet<_> = study
        .told()
        .filter_map(|(_, seen)| Some((copied(&seen.definition), copied(&seen.accepted()?.after))))
        .filter(|(before, after)| before != after && !has(after).is_empty())
        .map(|(_, after)| after)
        .collect();
    // Each of two would turn into the other one: nobody can tell which one is done.
    match wanted.first() {
        Some(wanted_by_all) if wanted.len() == 1 => has(wanted_by_all),
        _ => Vec::new(),
    }
}

/// What the members tell that are not done.
pub fn rest(study: &Study) -> Study {
    let done = done(study);
    let nodes = study.nodes.iter().filter(|(node, _)| !done.contains(node));
    Study { nodes: nodes.map(|(node, asked)| (node.clone(), asked.clone())).collect(), ..study.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE `orders` (
  `id` int(11) NOT NULL,
  `n` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `u` (`n`),
  KEY `k` (`n`),
  CONSTRAINT `f` FOREIGN KEY (`n`) REFERENCES `p` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='a b'";

    #[test]
    fn indexes_and_comments_may_differ() {
        for (from, to) in [
            ("  KEY `k` (`n`),\n", ""),
            ("  KEY `k` (`n`),\n", "  KEY `k` (`n`,`id`),\n  FULLTEXT KEY `t` (`n`),\n"),
            ("COMMENT='a b'", "STATS_PERSISTENT=1 COMMENT='another ENGINE=x'"),
            ("  CONSTRAINT `f` FOREIGN KEY (`n`) REFERENCES `p` (`id`)\n", ""),
        ] {
            assert_eq!(lines_that_differ(TABLE, &TABLE.replace(from, to)), [""; 0], "{to}");
        }
    }

    #[test]
    fn everything_else_is_named() {
        for (from, to, line) in [
            ("`n` int(11)", "`n` bigint(20)", "+ `n` bigint(20) DEFAULT NULL"),
            ("  PRIMARY", "  `x` int(11),\n  PRIMARY", "+ `x` int(11)"),
            ("UNIQUE KEY `u` (`n`)", "UNIQUE KEY `u` (`n`,`id`)", "- UNIQUE KEY (`n`)"),
            ("=utf8mb4", "=latin1", "+ ENGINE=InnoDB DEFAULT CHARSET=latin1"),
            (
                "=utf8mb4",
                "=utf8mb4 ROW_FORMAT=COMPACT",
                "+ ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ROW_FORMAT=COMPACT",
            ),
            (" COMMENT", "\n PARTITION BY HASH (`id`)\n COMMENT", "+ PARTITION BY HASH (`id`)"),
        ] {
            let differ = lines_that_differ(TABLE, &TABLE.replace(from, to));
            assert!(differ.contains(&line.to_owned()), "{to}: {differ:?}");
        }
        let turned = TABLE.replace(
            "  `id` int(11) NOT NULL,\n  `n` int(11) DEFAULT NULL,\n",
            "  `n` int(11) DEFAULT NULL,\n  `id` int(11) NOT NULL,\n",
        );
        assert_eq!(lines_that_differ(TABLE, &turned), ["the columns have another order"]);
    }
}
