//! Raw inventory → [`Inventory`]: defaults applied, every value valid by type.

use std::collections::{BTreeMap, BTreeSet};

use super::merges;
use super::raw::{RawDatabase, RawInventory, RawNode};
use super::settings;
use super::{Conflicts, Database, Inventory, Node, one_host};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::raw::{RawSsh, Scalar};
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::suggest;
use crate::kernel::inventory::{Entry, Login, RawEntry, Values, accept, entries, settle_on_hosts};
use crate::kernel::model::{NodeName, one_line};
use crate::mesh::model::{DatabaseName, Method, Pattern, RESERVED_DATABASES, Strategy, plain_node_name};
use crate::mesh::rules;
use crate::postgresql::settings::{canonical, is_missing_in};
use crate::postgresql::{Major, Network, POSTGRESQL_PORT};

/// Room for nodes to come.
const USUAL_STEP: u16 = 16;
/// The servers have room for twice as many slots in each database.
const LARGEST_STEP: u16 = 1000;
/// The longest name of a region.
const LONGEST_REGION: usize = 63;
/// The longest name of a column.
const LONGEST_COLUMN: usize = 63;

/// Warnings that may be accepted.
const ACCEPTABLE: [&str; 3] = ["clients-anywhere", "never-run", "no-such-file"];

/// Resolves an inventory; the errors of all its parts come together. An inventory that comes with errors only serves to
/// find more of them.
pub fn resolve(raw: &RawInventory) -> (Option<Inventory>, Vec<Note>) {
    let mut resolver = Resolver::default();
    let inventory = resolver.inventory(raw);
    (inventory, resolver.values.notes)
}

#[derive(Default)]
struct Resolver {
    values: Values,
}

impl Resolver {
    fn inventory(&mut self, raw: &RawInventory) -> Option<Inventory> {
        let common = raw.ssh.clone().unwrap_or_default();
        let method = raw.method.unwrap_or_default();
        let cluster = self.values.parse(&raw.cluster.name, "cluster.name");
        let postgresql = self.postgresql(raw);
        let clients = self.clients(raw.clients.as_deref().unwrap_or_default());
        let (accepted, wrong) = accept::read(raw.accept.as_deref().unwrap_or_default(), &ACCEPTABLE);
        self.values.notes.extend(wrong);
        let lint_accepts = raw.lint.as_ref().map(|section| section.resolved(rules::ALL, &mut self.values));
        let lint_accepts = lint_accepts.unwrap_or_default();
        let secret = raw.secrets.as_ref().and_then(|it| it.mesh.as_ref());
        let mesh_password = self.values.secret(secret, "secrets.mesh");
        let ssh = self.values.ssh_files(&common);
        let step = self.step(raw);
        let conflicts = self.conflicts(raw, method);
        let databases = self.databases(raw);
        let mut nodes = self.nodes(raw, &common);
        settle_on_hosts(nodes.iter_mut().map(|it| it as &mut dyn Entry));
        let whole = raw.complete && !nodes.is_empty() && nodes.len() == raw.nodes.len();
        whole.then_some(())?;
        let (version, port) = postgresql?;
        if let Some(major) = version {
            self.releases(method, major);
            self.settings_of_other_releases(raw, major);
        }
        if let Some(step) = step {
            self.numbers(raw, step, &nodes);
        }
        if let Some(conflicts) = &conflicts {
            self.regions(raw, conflicts, &nodes);
        }
        if let Some(databases) = &databases {
            self.slots(databases, &nodes);
        }
        let inventory = Inventory {
            cluster: cluster?,
            install: raw.cluster.install.unwrap_or(false),
            seed: self.seed(raw, &nodes)?,
            method,
            ssh,
            version,
            port,
            clients,
            conflicts: conflicts?,
            sequence_step: step?,
            mesh_password: mesh_password?,
            accepted,
            lint_accepts,
            databases: databases?,
            nodes,
        };
        self.values.notes.extend(merges::check(&inventory));
        self.values.notes.extend(entries::check(&inventory.entries(), one_host::why_apart, "every node"));
        Some(inventory)
    }

    fn seed(&mut self, raw: &RawInventory, nodes: &[Node]) -> Option<NodeName> {
        let Some(written) = &raw.cluster.seed else { return nodes.first().map(|node| node.name.clone()) };
        let found = nodes.iter().find(|node| node.name.as_str() == written);
        if found.is_none() {
            let known: Vec<_> = nodes.iter().map(|node| node.name.as_str()).collect();
            let message = format!("`{}` is no entry of `nodes`", shown(written));
            self.error("seed", "cluster.seed", message, suggest(written, &known));
        }
        found.map(|node| node.name.clone())
    }

    fn error(
        &mut self,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.values.notes.push(Note::error(code, path.into(), message.into()).hint(hint.into()));
    }

    fn postgresql(&mut self, raw: &RawInventory) -> Option<(Option<Major>, u16)> {
        let section = raw.postgresql.as_ref();
        let written = section.and_then(|it| it.settings.as_ref());
        self.values.notes.extend(settings::notes(written, "postgresql.settings", settings::check));
        let port = section.and_then(|it| it.port).unwrap_or(POSTGRESQL_PORT);
        if port == 0 {
            self.error(
                "port",
                "postgresql.port",
                "0 is no port",
                "leave it out for 5432, or write another one",
            );
        }
        let version = section.and_then(|it| it.version.as_ref());
        let major = version.and_then(|written| self.version(written));
        (port != 0 && major.is_some() == version.is_some()).then_some((major, port))
    }

    fn version(&mut self, written: &Scalar) -> Option<Major> {
        let major = written.0.parse::<u16>().ok().and_then(|it| Major::try_from(it).ok());
        if major.is_none() {
            let message = format!("`{}` is no major version that galactl knows", shown(&written.0));
            let hint = "write 15 (Debian 12) or 17 (Debian 13), or leave it out";
            self.error("value", "postgresql.version", message, hint);
        }
        major
    }

    /// `origin = none`, without which changes go round in circles, is there from PostgreSQL 16 on.
    fn releases(&mut self, method: Method, major: Major) {
        if method == Method::Native && major == Major::Fifteen {
            let message = "PostgreSQL 15 sends changes on that came from another node, so a native mesh goes round in circles";
            self.error(
                "release",
                "method",
                message,
                "write `method: pglogical`, or use version 17 (Debian 13)",
            );
        }
    }

    /// A server does not start with a setting that it does not know.
    fn settings_of_other_releases(&mut self, raw: &RawInventory, major: Major) {
        let common = raw.postgresql.as_ref().and_then(|it| it.settings.as_ref());
        let own = raw.nodes.iter().map(|node| {
            let settings = node.postgresql.as_ref().and_then(|it| it.settings.as_ref());
            (join(&node.path(), "postgresql.settings"), settings)
        });
        for (path, settings) in std::iter::once(("postgresql.settings".to_owned(), common)).chain(own) {
            for name in settings.into_iter().flatten().map(|(name, _)| name) {
                if is_missing_in(&canonical(name), major) {
                    let message = format!("PostgreSQL {major} has no setting `{name}`, and would not start");
                    let note = Note::error("release", join(&path, name), message).at_key();
                    self.values.notes.push(note.hint("remove it"));
                }
            }
        }
    }

    fn clients(&mut self, written: &[String]) -> Vec<Network> {
        let parsed = |(index, text): (usize, &String)| self.values.parse(text, &format!("clients[{index}]"));
        written.iter().enumerate().filter_map(parsed).collect()
    }

    fn step(&mut self, raw: &RawInventory) -> Option<u16> {
        let written = raw.sequences.as_ref().and_then(|it| it.step.as_ref());
        let step = written.map_or(Some(USUAL_STEP), |written| self.number(written, "sequences.step"))?;
        let path = if written.is_some() { "sequences.step" } else { RawNode::LIST };
        if step > LARGEST_STEP {
            let message =
                format!("{step} is more than {LARGEST_STEP}, and servers get room for as many nodes");
            self.error("number", path, message, "write less: 16 is room for 16 nodes");
            return None;
        }
        let nodes = raw.nodes.len();
        if usize::from(step) < nodes {
            let message =
                format!("{nodes} nodes need a `sequences.step` of {nodes} at least, and it is {step}");
            self.error(
                "number",
                path,
                message,
                "write a larger one, so that there is room for nodes to come",
            );
            return None;
        }
        Some(step)
    }

    /// A whole number from 1 on.
    fn number(&mut self, written: &Scalar, path: &str) -> Option<u16> {
        let number = written.0.parse::<u16>().ok().filter(|number| *number > 0);
        if number.is_none() {
            let message = format!("`{}` is no whole number from 1 to {}", shown(&written.0), u16::MAX);
            self.error("value", path, message, "write a number, such as 1");
        }
        number
    }

    fn conflicts(&mut self, raw: &RawInventory, method: Method) -> Option<Conflicts> {
        let section = raw.conflicts.as_ref();
        let strategy = section.and_then(|it| it.strategy).unwrap_or(Strategy::LastUpdateWins);
        let path = if section.is_some() { "conflicts.strategy" } else { "method" };
        let written = section.and_then(|it| it.column.as_ref());
        if let Some((message, hint)) = unfit(strategy, method) {
            self.error("conflicts", path, message, hint);
            return None;
        }
        match (strategy, written) {
            (Strategy::Region, _) => {
                let column = written.map_or("region", String::as_str);
                let wrong = one_line(column, LONGEST_COLUMN).err();
                if let Some(reason) = &wrong {
                    self.values.wrong("value", "conflicts.column", column, reason);
                }
                wrong.is_none().then(|| Conflicts { strategy, column: Some(column.to_owned()) })
            }
            (_, Some(_)) => {
                let message = format!("with `{strategy}` no column says whose a row is");
                self.error(
                    "conflicts",
                    "conflicts.column",
                    message,
                    "remove it, or write `strategy: region`",
                );
                None
            }
            (_, None) => Some(Conflicts { strategy, column: None }),
        }
    }

    fn databases(&mut self, raw: &RawInventory) -> Option<Vec<Database>> {
        if raw.databases.is_empty() && raw.complete {
            self.error(
                "databases",
                "databases",
                "a mesh has at least one database",
                "write `databases: [{name: shop}]`",
            );
        }
        let (mut found, mut names) = (Vec::new(), BTreeSet::new());
        for (index, written) in raw.databases.iter().enumerate() {
            let path = format!("databases[{index}]");
            let database = self.database(written, &path);
            if let Some(database) = &database
                && !names.insert(database.name.clone())
            {
                self.error(
                    "databases",
                    join(&path, "name"),
                    format!("`{}` is listed twice", database.name),
                    "keep one of them",
                );
            }
            found.push(database);
        }
        found.into_iter().collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
    }

    /// `_` stands between the parts of a slot's name, and in them too: two slots at one provider need two names.
    fn slots(&mut self, databases: &[Database], nodes: &[Node]) {
        let names: BTreeSet<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        let known: BTreeSet<&str> = databases.iter().map(|database| database.name.as_str()).collect();
        for (index, database) in databases.iter().enumerate() {
            let text = database.name.as_str();
            let parts = text.match_indices('_').map(|(at, _)| (&text[..at], &text[at + 1..]));
            for (shorter, rest) in parts.filter(|(shorter, _)| known.contains(shorter)) {
                let twin = |name: &&&str| names.contains(format!("{rest}_{name}").as_str());
                let Some(name) = names.iter().find(twin) else { continue };
                let message = format!(
                    "slots of {name} for database {text} would have the names of those of {rest}_{name} for {shorter}"
                );
                let hint = "give the database or one of the nodes another name";
                self.error("databases", format!("databases[{index}].name"), message, hint);
            }
        }
    }

    fn database(&mut self, raw: &RawDatabase, path: &str) -> Option<Database> {
        let name: Option<DatabaseName> = self.values.parse(&raw.name, &join(path, "name"));
        let name = name.filter(|name| {
            let reserved = RESERVED_DATABASES.contains(&name.as_str());
            if reserved {
                let message = format!("every server has a database `{name}` of its own");
                self.error("databases", join(path, "name"), message, "name the database of your application");
            }
            !reserved
        });
        let tables = self.patterns(raw.tables.as_deref(), &join(path, "tables"));
        let except = self.patterns(raw.except.as_deref(), &join(path, "except"));
        let merges = merges::read(&mut self.values, raw.merges.as_deref(), &join(path, "merges"));
        Some(Database { name: name?, tables: tables?, except: except?, merges: merges? })
    }

    fn patterns(&mut self, written: Option<&[String]>, path: &str) -> Option<Vec<Pattern>> {
        if written.is_some_and(<[String]>::is_empty) && path.ends_with("tables") {
            self.error("value", path, "no table is listed", "leave it out for all tables");
            return None;
        }
        let parsed = |(index, text): (usize, &String)| self.values.parse(text, &format!("{path}[{index}]"));
        written.unwrap_or_default().iter().enumerate().map(parsed).collect()
    }

    fn nodes(&mut self, raw: &RawInventory, common: &RawSsh) -> Vec<Node> {
        if raw.nodes.is_empty() && raw.complete {
            let note = Note::error("no-nodes", "nodes", "a mesh has at least one node");
            self.values.notes.push(note.hint("begin each entry with `- name: …`"));
        }
        raw.nodes.iter().filter_map(|node| self.node(node, raw, common)).collect()
    }

    fn node(&mut self, raw: &RawNode, all: &RawInventory, common: &RawSsh) -> Option<Node> {
        let path = raw.path();
        let own = raw.postgresql.as_ref().and_then(|it| it.settings.as_ref());
        self.values.notes.extend(settings::notes(own, &join(&path, "postgresql.settings"), settings::check));
        let number = match &raw.number {
            None => Some(None),
            Some(written) => self.number(written, &join(&path, "number")).map(Some),
        };
        let region = raw.region.as_ref().map(|text| (text, one_line(text, LONGEST_REGION)));
        if let Some((text, Err(reason))) = &region {
            self.values.wrong("value", &join(&path, "region"), text, reason);
        }
        let Login { name, address, host, ssh } = self.values.login(raw, common)?;
        if let Err(reason) = plain_node_name(&name) {
            self.values.wrong("value", &join(&path, "name"), name.as_str(), &reason);
            return None;
        }
        let settings = settings::merged(all.postgresql.as_ref().and_then(|it| it.settings.as_ref()), own);
        Some(Node {
            name,
            address,
            host,
            ssh,
            number: number?,
            region: region.map(|(text, _)| text.clone()),
            settings,
        })
    }

    /// Each number is one node's.
    fn numbers(&mut self, raw: &RawInventory, step: u16, nodes: &[Node]) {
        let mut taken: BTreeMap<u16, &NodeName> = BTreeMap::new();
        for (node, written) in nodes.iter().zip(&raw.nodes) {
            let Some(number) = node.number else { continue };
            let path = join(&written.path(), "number");
            if number > step {
                let message = format!("{number} is more than `sequences.step`, which is {step}");
                self.error("number", path.clone(), message, format!("write a number from 1 to {step}"));
            }
            if let Some(other) = taken.insert(number, &node.name) {
                let message = format!("{other} has the number {number} already");
                self.error(
                    "number",
                    path,
                    message,
                    "write another one: sequences give different numbers on each node",
                );
            }
        }
    }

    fn regions(&mut self, raw: &RawInventory, conflicts: &Conflicts, nodes: &[Node]) {
        for (node, written) in nodes.iter().zip(&raw.nodes) {
            match (&conflicts.column, &node.region) {
                (Some(_), None) => {
                    let message = format!("{} has no region, so it could write no row", node.name);
                    self.error("region", written.path(), message, "write `region: …`, one for each node");
                }
                (None, Some(_)) => {
                    let hint = "remove it, or write `conflicts: {strategy: region}`";
                    let message = format!("with `{}` rows belong to no region", conflicts.strategy);
                    self.error("region", join(&written.path(), "region"), message, hint);
                }
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        let mut owners: BTreeMap<&str, &NodeName> = BTreeMap::new();
        for (node, written) in nodes.iter().zip(&raw.nodes) {
            let Some(region) = node.region.as_deref().filter(|_| conflicts.column.is_some()) else {
                continue;
            };
            if let Some(other) = owners.insert(region, &node.name) {
                let message = format!("{other} writes the rows of region `{}` already", shown(region));
                let hint = "write another region: two nodes that write one row are a conflict";
                self.error("region", join(&written.path(), "region"), message, hint);
            }
        }
    }
}

/// Why a strategy does not go together with a method: what is wrong, and what to write.
fn unfit(strategy: Strategy, method: Method) -> Option<(String, &'static str)> {
    match (strategy, method) {
        (Strategy::OriginWins, Method::Pglogical | Method::Native) => Some((
            format!(
                "nodes with {method} do not become equal with `origin-wins`: each would keep a row of its own"
            ),
            "write `last-update-wins` or `region`",
        )),
        (Strategy::LastUpdateWins | Strategy::Custom, Method::Native) => Some((
            format!(
                "native replication settles no conflict, so it cannot do `{strategy}`: an insert that conflicts stops it"
            ),
            "write `conflicts: {strategy: region}`, or `method: pglogical`",
        )),
        _ => None,
    }
}
