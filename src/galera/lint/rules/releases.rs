//! What a later release takes away.

use crate::galera::lint::codes::{NEXT_RELEASE, ROW_FORMAT_COMPRESSED};
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Outdated, Schema, Table};
use crate::kernel::lint::Finding;

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let compressed =
        schema.tables.iter().filter(|table| table.is("InnoDB") && table.row_format == "COMPRESSED");
    let table = |table: &Table| {
        // The rows are all nodes' own, and stay so.
        let fix = format!("ALTER TABLE {} ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=0", table.name.quoted());
        Finding::new(ROW_FORMAT_COMPRESSED, &table.name, "has ROW_FORMAT=COMPRESSED", fix)
    };
    compressed.map(table).chain(schema.outdated.iter().map(option)).collect()
}

fn option(outdated: &Outdated) -> Finding {
    let Outdated { option, release, fatal } = outdated;
    let evidence = match fatal {
        true => format!("is set in an option file, and MariaDB {release} does not start with it"),
        false => format!("is set in an option file, and has no effect in MariaDB {release}"),
    };
    Finding::new(NEXT_RELEASE, option, evidence, "leave it out before the upgrade")
}
