//! The files of a proxy's host, compared with what is there.

use super::facts::ProxyFacts;
use super::inventory::Proxy;
use super::kinds::texts;
use crate::galera::endpoint::Endpoint;
use crate::galera::inventory::Inventory;
use crate::kernel::facts::File;
use crate::kernel::plan::PutFile;

/// The files as they are to be, in place of what is there.
pub fn wanted(inventory: &Inventory, endpoint: Endpoint, proxy: &Proxy, facts: &ProxyFacts) -> Vec<PutFile> {
    let put = |(file, text): (&File, String)| {
        let there = facts.program.file(file.artefact);
        let put = PutFile::of_root(&proxy.host, file.path, text, there);
        proxy.kind.finished(PutFile { artefact: file.artefact.into(), ..put })
    };
    texts(inventory, endpoint, proxy).map(put).collect()
}

/// The files that are missing, or are not what the inventory says.
pub fn lacking(inventory: &Inventory, endpoint: Endpoint, proxy: &Proxy, facts: &ProxyFacts) -> Vec<PutFile> {
    let wanted = wanted(inventory, endpoint, proxy, facts).into_iter();
    wanted.filter(|file| !file.is_there(facts.program.file(&file.artefact))).collect()
}
