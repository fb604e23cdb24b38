//! The section `tls`, and what follows from it for every member.

use super::raw::RawInventory;
use super::{Beside, Node, Sst, lint, options};
use crate::galera::tls::{Tls, settings};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::{RawEntry, Values};

/// The section with the certificates that members bring along.
pub fn resolved(raw: &RawInventory, values: &mut Values) -> Option<Tls> {
    let nodes = raw.nodes.iter().map(|it| (it.path(), &it.name, it.tls.as_ref()));
    let members = nodes.chain(raw.beside.certificates());
    let Some(section) = &raw.tls else {
        for (path, _, _) in members.filter(|(.., own)| own.is_some()) {
            let note = Note::error(
                "tls-certificate",
                format!("{path}.tls"),
                "there is no section `tls` that uses it",
            );
            values.notes.push(note.at_key().hint("add one, such as `tls: {ca: {certificate: ca.pem}}`"));
        }
        return None;
    };
    let mut tls = section.resolved(values)?;
    // An arbitrator has no clients, and gives no data.
    let is_node = |name: &String| raw.nodes.iter().any(|node| node.name == *name);
    for (path, name, own) in members {
        match own {
            Some(own) => {
                let files = own.resolved(&path, values);
                tls.own.extend(name.parse().ok().zip(files));
            }
            None if tls.ca.key.is_none() && (tls.replication || is_node(name)) => {
                let message = format!("nobody issues a certificate for {name}, and it brings none along");
                let hint = "add `tls: {certificate: FILE, key: {file: FILE}}` here, or `key` to `tls.ca`";
                values.notes.push(Note::error("tls-certificate", path, message).hint(hint));
            }
            None => {}
        }
    }
    Some(tls)
}

/// Adds what follows from the section to the options of all members.
pub fn apply(tls: &Tls, nodes: &mut [Node], beside: &mut Beside, sst: Option<&mut Sst>) {
    for node in nodes {
        settings::provider(tls, settings::NODE, &mut node.provider_options);
        settings::server(tls, &mut node.mysqld);
        let named = |name: &str| node.mysqld.keys().any(|it| options::canonical(it) == name);
        let more = settings::connection_errors(tls).filter(|(name, _)| !named(name));
        node.mysqld.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    for arbitrator in beside.arbitrators_mut() {
        settings::provider(tls, settings::ARBITRATOR, &mut arbitrator.provider_options);
    }
    if let Some(sst) = sst {
        settings::sst(tls, sst.method, &mut sst.options);
    }
}

/// Options beside the section that it sets itself.
pub fn set_twice(raw: &RawInventory) -> Vec<Note> {
    if raw.tls.is_none() {
        return Vec::new();
    }
    let server = lint::server_options(raw).map(|(path, name, _)| (path, name));
    let server = server.filter(|(_, name)| settings::is_server_option(name));
    let own =
        raw.nodes.iter().map(|node| (join(&node.path(), "provider_options"), node.provider_options.as_ref()));
    let provider = std::iter::once(("provider_options".to_owned(), raw.provider_options.as_ref())).chain(own);
    let provider = named(provider).filter(|(_, name)| settings::is_provider_option(name));
    let sst = raw.sst.as_ref().and_then(|sst| sst.options.as_ref());
    let sst = named(std::iter::once(("sst.options".to_owned(), sst)));
    let sst = sst.filter(|(_, name)| settings::is_sst_option(name));
    let note = |(path, name): (String, String)| {
        Note::error("tls-option", path, format!("the section `tls` sets `{name}`"))
            .at_key()
            .hint("leave it out here")
    };
    server.chain(provider).chain(sst).map(note).collect()
}

/// Each option's path and canonical name.
fn named<'a>(
    settings: impl Iterator<Item = (String, Option<&'a crate::kernel::inventory::raw::RawSettings>)>,
) -> impl Iterator<Item = (String, String)> {
    settings.flat_map(|(path, settings)| {
        let names = settings.into_iter().flatten().map(|(name, _)| name);
        names.map(move |name| (join(&path, name), options::canonical(name))).collect::<Vec<_>>()
    })
}
