//! Arbitrary hosts: a recipe is drawn by proptest, a host is made from it.

use galactl::galera::facts::{HostFacts, Intent};
use proptest::prelude::*;

use super::cluster::{Shape, name};
use super::host::{Changes, Component, bare, fresh, uuid};
use super::world::World;

/// One host, drawn independently of all others.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub reached: bool,
    pub installed: Option<&'static str>,
    pub server: Server,
    pub saved: Saved,
    pub sst_leftovers: bool,
    pub schemas: u8,
    pub config: Config,
    pub intents: Vec<Intent>,
    pub enabled: bool,
    pub oddity: Oddity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Stopped,
    Failed,
    Standalone,
    /// Primary: number of the history, and by how much its view is another one.
    Member {
        history: u8,
        conf_id: u64,
        size: u64,
        synced: bool,
    },
    NonPrimary {
        history: u8,
        ahead: bool,
    },
    Activating,
    Mute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    Absent,
    Empty,
    Unreadable,
    Zero,
    At { history: u8, seqno: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Config {
    Absent,
    Wanted,
    /// What an inventory of fewer nodes wanted.
    OldAddresses,
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    None,
    Masked,
    Stray,
    NoTools,
    NoProvider,
    SmallDisk,
}

fn usually<T: Clone + std::fmt::Debug + 'static>(
    usual: T,
    other: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<T> {
    prop_oneof![6 => Just(usual), 1 => other].boxed()
}

pub fn armed() -> impl Strategy<Value = Intent> {
    prop_oneof![
        Just(Intent::Environment("_WSREP_NEW_CLUSTER".into())),
        Just(Intent::File("/run/mariadb-wsrep-new-cluster".into())),
    ]
}

fn server() -> impl Strategy<Value = Server> {
    prop_oneof![
        4 => Just(Server::Stopped),
        1 => Just(Server::Failed),
        4 => Just(Server::Standalone),
        4 => (usually(1, Just(2)), usually(0, Just(1)), usually(0, Just(1)), usually(true, Just(false)))
            .prop_map(|(history, conf_id, size, synced)| Server::Member { history, conf_id, size, synced }),
        1 => (1..3_u8, any::<bool>()).prop_map(|(history, ahead)| Server::NonPrimary { history, ahead }),
        1 => Just(Server::Activating),
        1 => Just(Server::Mute),
    ]
}

fn saved() -> impl Strategy<Value = Saved> {
    let seqno = prop_oneof![Just(-1), Just(7), Just(500)];
    prop_oneof![
        6 => Just(Saved::Absent),
        1 => Just(Saved::Empty),
        1 => Just(Saved::Unreadable),
        1 => Just(Saved::Zero),
        2 => (1..3_u8, seqno).prop_map(|(history, seqno)| Saved::At { history, seqno }),
    ]
}

fn oddity() -> impl Strategy<Value = Oddity> {
    use Oddity::{Masked, NoProvider, NoTools, SmallDisk, Stray};
    prop_oneof![30 => Just(Oddity::None), 1 => prop::sample::select(vec![Masked, Stray, NoTools, NoProvider, SmallDisk])]
}

fn config() -> impl Strategy<Value = Config> {
    use Config::{Absent, Foreign, OldAddresses, Wanted};
    prop_oneof![3 => Just(Absent), 3 => Just(Wanted), 1 => Just(OldAddresses), 1 => Just(Foreign)]
}

/// Any host at all.
pub fn anything() -> impl Strategy<Value = Recipe> {
    let option = Just(Intent::Option("--wsrep-new-cluster".into()));
    let intent = prop_oneof![5 => armed(), 1 => option];
    let intents = prop_oneof![6 => Just(vec![]), 1 => prop::collection::vec(intent, 1..2)];
    let installed = prop_oneof![12 => Just(Some("10.11.19")), 1 => Just(Some("11.8.6")), 1 => Just(None)];
    let what = (usually(true, Just(false)), installed, server(), saved(), usually(false, Just(true)));
    (what, usually(0, 1..3_u8), config(), intents, any::<bool>(), oddity()).prop_map(
        |((reached, installed, server, saved, sst_leftovers), schemas, config, intents, enabled, oddity)| {
            Recipe {
                reached,
                installed,
                server,
                saved,
                sst_leftovers,
                schemas,
                config,
                intents,
                enabled,
                oddity,
            }
        },
    )
}

/// A host that may be part of a new cluster; the seed may hold databases.
pub fn foundable(seed: bool, install: bool) -> impl Strategy<Value = Recipe> {
    let installed = if install { any::<bool>().boxed() } else { Just(true).boxed() };
    let server = prop::sample::select(vec![Server::Stopped, Server::Failed, Server::Standalone]);
    let intents = prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(armed(), 1..2)];
    let schemas = if seed { (0..3_u8).boxed() } else { Just(0).boxed() };
    (installed, server, config(), intents, any::<bool>(), schemas).prop_map(
        |(installed, server, config, intents, enabled, schemas)| Recipe {
            reached: true,
            installed: installed.then_some("10.11.19"),
            server: if installed { server } else { Server::Stopped },
            saved: Saved::Absent,
            sst_leftovers: false,
            schemas: if installed { schemas } else { 0 },
            config: if installed { config } else { Config::Absent },
            intents,
            enabled,
            oddity: Oddity::None,
        },
    )
}

impl World {
    /// Hosts in order of the inventory; Primary members of one history see each other.
    pub fn of(shape: &Shape, recipes: &[Recipe]) -> Self {
        let mut world = Self::new(shape, []);
        for (index, recipe) in recipes.iter().enumerate() {
            let node = name(index);
            if !recipe.reached {
                world.lose(&node);
                continue;
            }
            let host = host(recipe, node.as_str(), recipes);
            let host = match config_text(&world, shape, recipe.config, index) {
                Some(text) => host.configured(&text),
                None => host,
            };
            world.set(&node, host);
        }
        world
    }
}

fn host(recipe: &Recipe, name: &str, all: &[Recipe]) -> HostFacts {
    let host = match recipe.installed {
        Some(version) => fresh().of_version(version),
        None => bare(),
    };
    let mut host = match recipe.saved {
        Saved::Absent => host,
        Saved::Empty => host.empty_grastate(),
        Saved::Unreadable => host.unreadable_grastate(),
        Saved::Zero => host.saved(super::host::zero(), -1),
        Saved::At { history, seqno } => host.saved(uuid(history), seqno),
    };
    for number in 0..recipe.schemas {
        host = host.schema(&format!("shop_{number}"), 1 << 20);
    }
    if recipe.sst_leftovers {
        host = host.sst_leftovers();
    }
    if recipe.installed.is_some() {
        host = host.enabled(recipe.enabled);
        host = serving(host, recipe, name, all);
    }
    for intent in &recipe.intents {
        host = host.armed(intent.clone());
    }
    odd(host, recipe.oddity)
}

fn serving(host: HostFacts, recipe: &Recipe, name: &str, all: &[Recipe]) -> HostFacts {
    match recipe.server {
        Server::Stopped => host,
        Server::Failed => host.failed(),
        Server::Standalone => host.standalone(),
        Server::Activating => host.activating(),
        Server::Mute => host.mute("ERROR 1040 (08004): Too many connections"),
        Server::Member { history, conf_id, size, synced } => {
            let mut component = component(history, all);
            component.conf_id += conf_id;
            component.size += size;
            let host = host.member(name, &component);
            if synced { host } else { host.local_state("Donor/Desynced") }
        }
        Server::NonPrimary { history, ahead } => {
            let mut component = component(history, all);
            component.seqno += u64::from(ahead);
            host.non_primary(name, &component)
        }
    }
}

fn component(history: u8, all: &[Recipe]) -> Component {
    let is_member = |recipe: &&Recipe| {
        recipe.reached && matches!(recipe.server, Server::Member { history: other, .. } if other == history)
    };
    let size = all.iter().filter(is_member).count();
    Component { uuid: uuid(history), ..Component::of(size) }
}

fn odd(host: HostFacts, oddity: Oddity) -> HostFacts {
    match oddity {
        Oddity::None => host,
        Oddity::Masked => host.masked(),
        Oddity::Stray => host.stray(),
        Oddity::NoTools => host.without_tools(),
        Oddity::NoProvider => host.without_provider(),
        Oddity::SmallDisk => host.free(0),
    }
}

fn config_text(world: &World, shape: &Shape, config: Config, index: usize) -> Option<String> {
    match config {
        Config::Absent => None,
        Config::Wanted => Some(world.wanted(&name(index))),
        Config::OldAddresses => {
            let fewer = World::new(&Shape { nodes: shape.nodes.max(2) - 1, seed: 0, ..shape.clone() }, []);
            Some(match fewer.inventory.node(&name(index)) {
                Some(_) => fewer.wanted(&name(index)),
                None => world.wanted(&name(index)),
            })
        }
        Config::Foreign => Some("[mysqld]\nmax_connections = 77\n".into()),
    }
}
