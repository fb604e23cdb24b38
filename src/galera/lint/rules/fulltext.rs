//! FULLTEXT keys that find other rows in InnoDB.

use crate::galera::lint::codes::FULLTEXT_ENGINE;
use crate::galera::lint::finding::{Finding, Place};
use crate::galera::lint::schema::{KeyKind, Schema, Table};

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let has_key = |table: &&Table| table.keys.iter().any(|key| key.kind == KeyKind::Fulltext);
    let tables = schema.tables.iter().filter(|table| !table.is("InnoDB")).filter(has_key);
    let finding = |table: &Table| {
        let evidence = format!("has a FULLTEXT key in {}", table.engine);
        let fix = "compare the results of your searches after ENGINE=InnoDB; MyISAM and Aria leave out words of less than ft_min_word_len (4) letters, InnoDB those of less than innodb_ft_min_token_size (3), and each has stopwords of its own";
        Finding::new(FULLTEXT_ENGINE, &table.name, evidence, fix)
    };
    tables.map(finding).collect()
}
