//! A proxy that galactl's tests do not run.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::galera::proxy::Kind;
use crate::kernel::inventory::note::Note;

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let Some(index) = inventory.proxies().iter().position(|proxy| proxy.kind == Kind::Proxysql) else {
        return Vec::new();
    };
    let message = "galactl's tests run no ProxySQL on hosts: Debian has none";
    let note = Note::warning("proxysql-not-tested", format!("proxies[{index}].kind"), message);
    vec![note.hint("try it before it counts; its settings follow what was measured with ProxySQL 2.7.2")]
}
