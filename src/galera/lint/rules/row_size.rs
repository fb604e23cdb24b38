//! Rows that are larger than a write-set may be.

use crate::galera::lint::codes::ROW_SIZE;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Column, Schema, Table};
use crate::kernel::lint::Finding;
use crate::kernel::model::words::bytes;

/// MariaDB's defaults, where the server's own settings are not known.
const USUAL_WRITE_SET: u64 = (1 << 31) - 1;
const USUAL_PACKET: u64 = 16 << 20;

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let number = |name: &str, usual| schema.setting(name).and_then(|it| it.parse().ok()).unwrap_or(usual);
    // Galera's own limit holds where the setting is 0.
    let most = match number("wsrep_max_ws_size", USUAL_WRITE_SET) {
        0 => USUAL_WRITE_SET,
        most => most,
    };
    // A client sends a row in one statement, which is no larger than a packet.
    let packet = number("max_allowed_packet", USUAL_PACKET);
    let finding = |table: &Table| {
        let row = table.columns.iter().map(longest).sum::<u64>().min(packet);
        (row > most).then(|| {
            let evidence = format!(
                "may have a row of {}, and a write-set has at most {} (wsrep_max_ws_size)",
                bytes(row),
                bytes(most)
            );
            let fix = format!(
                "`mysqld: wsrep_max_ws_size: {USUAL_WRITE_SET}` in the inventory; or take smaller types"
            );
            Finding::new(ROW_SIZE, &table.name, evidence, fix)
        })
    };
    schema.tables.iter().filter(|table| table.is("InnoDB")).filter_map(finding).collect()
}

/// Bytes that the longest value takes (MariaDB documentation, String Data Types); other types are small.
fn longest(column: &Column) -> u64 {
    match column.kind.as_str() {
        "longblob" | "longtext" | "json" => u64::from(u32::MAX),
        "mediumblob" | "mediumtext" => (1 << 24) - 1,
        "blob" | "text" => (1 << 16) - 1,
        "varchar" | "char" | "varbinary" | "binary" => column.length.unwrap_or(1) * 4,
        _ => 8,
    }
}
