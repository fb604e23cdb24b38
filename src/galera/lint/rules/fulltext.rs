//! FULLTEXT keys: they find other rows in InnoDB, and make a change of the table expensive there.

use crate::galera::lint::codes::{FULLTEXT_ALTER, FULLTEXT_ENGINE};
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{KeyKind, Schema, Table};
use crate::kernel::lint::Finding;

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let with_key = schema.tables.iter().map(|table| (table, keys(table))).filter(|(_, keys)| *keys > 0);
    let finding = |(table, keys): (&Table, usize)| match table.is("InnoDB") {
        true => in_innodb(table, keys),
        false => elsewhere(table),
    };
    with_key.map(finding).collect()
}

fn keys(table: &Table) -> usize {
    table.keys.iter().filter(|key| key.kind == KeyKind::Fulltext).count()
}

fn elsewhere(table: &Table) -> Finding {
    let evidence = format!("has a FULLTEXT key in {}", table.engine);
    let fix = "compare the results of your searches after ENGINE=InnoDB; MyISAM and Aria leave out words of less than ft_min_word_len (4) letters, InnoDB those of less than innodb_ft_min_token_size (3), and each has stopwords of its own";
    Finding::new(FULLTEXT_ENGINE, &table.name, evidence, fix)
}

fn in_innodb(table: &Table, keys: usize) -> Finding {
    let evidence = match keys {
        1 => "has a FULLTEXT key, so that a new column rebuilds it".to_owned(),
        keys => format!("has {keys} FULLTEXT keys, so that a new column copies it"),
    };
    let fix = "keep the text that is searched in a table of its own, with the key of its row; where the table is small, accept this";
    Finding::new(FULLTEXT_ALTER, &table.name, evidence, fix)
}
