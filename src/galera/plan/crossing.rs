//! Encryption between the nodes, switched on or off while they run. A node that speaks TLS and one that does not are no
//! group, so that it takes two rounds: in the first each node comes back taking both (`socket.dynamic`), in the second
//! it comes back as the inventory says. Two rounds were enough with galera 26.4.18 and 26.4.23.

use crate::galera::config::{RenderError, encrypts, provider_options, server_options};
use crate::galera::facts::{HostFacts, Spoken};
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::judge::component::Member;
use crate::galera::judge::wanted::wanted_config;
use crate::galera::plan::rolling::order;
use crate::kernel::inventory::Settings;
use crate::kernel::model::NodeName;

/// The first round.
pub struct Crossing {
    /// The inventory, with nodes and arbitrators that take both.
    pub inventory: Inventory,
    /// How members speak that are to come back in it.
    from: Spoken,
}

/// The first round, where it is needed: a member that runs and one as the inventory wants it do not talk.
///
/// Errors: a template that does not render.
pub fn crossing(basis: &Basis<'_>, standing: &[Member<'_>]) -> Result<Option<Crossing>, RenderError> {
    for member in standing {
        let from = spoken(member);
        if !from.understands(wanted_spoken(basis, member)?) {
            let mut inventory = both(basis, from, member);
            inventory.doors = doors(basis, from, standing);
            return Ok(Some(Crossing { inventory, from }));
        }
    }
    Ok(None)
}

impl Crossing {
    /// The member as it comes back in this round; `None`: it takes both already.
    pub fn member<'a>(&'a self, member: &Member<'a>) -> Option<Member<'a>> {
        let node = self.inventory.node(&member.node.name)?;
        (spoken(member) == self.from).then_some(Member { node, facts: member.facts, live: member.live })
    }

    /// What clients and readers of the plan have to know.
    pub fn consequence(&self) -> String {
        let way = if self.from == Spoken::Clear { "on" } else { "off" };
        format!(
            "TLS between the nodes is switched {way} in two rounds: each node restarts twice, and between the rounds they take clear text and TLS"
        )
    }

    /// The facts of a member once it has come back so.
    ///
    /// Errors: a template that does not render.
    pub fn afterwards(&self, basis: &Basis<'_>, member: &Member<'_>) -> Result<HostFacts, RenderError> {
        let mut facts = member.facts.clone();
        if let Some(between) = self.member(member) {
            let basis = Basis { inventory: &self.inventory, ..*basis };
            facts.config = Some(wanted_config(&basis, between.node, member.facts)?.in_its_place());
        }
        Ok(facts)
    }
}

/// How a member speaks: by its own word, or else by its files.
fn spoken(member: &Member<'_>) -> Spoken {
    member.live.spoken.unwrap_or_else(|| of_options(&member.facts.in_effect()))
}

fn of_options(options: &Settings) -> Spoken {
    Spoken::of(options.get("wsrep_provider_options").map_or("", String::as_str))
}

fn wanted_spoken(basis: &Basis<'_>, member: &Member<'_>) -> Result<Spoken, RenderError> {
    Ok(of_options(&server_options(&wanted_config(basis, member.node, member.facts)?.text)))
}

/// It speaks as the inventory wants it.
///
/// Errors: a template that does not render.
pub fn speaks_as_wanted(basis: &Basis<'_>, member: &Member<'_>) -> Result<bool, RenderError> {
    Ok(match member.live.spoken {
        Some(spoken) => spoken == wanted_spoken(basis, member)?,
        None => true,
    })
}

/// At whom nodes look for their cluster in this round: at the member that leaves last, which then still speaks as all
/// did. One that took both already would tell the others an address in clear text. Who speaks TLS only connects to the
/// newcomer there while the newcomer connects to it, takes the two for different hosts of one UUID, and turns it away:
/// `A node with the same UUID already exists in the cluster`. Seen with galera 26.4.23, on a busy machine at
/// each of nine starts.
fn doors(basis: &Basis<'_>, from: Spoken, standing: &[Member<'_>]) -> Vec<NodeName> {
    let (still, others): (Vec<_>, Vec<_>) =
        order(basis, standing).into_iter().rev().partition(|member| spoken(member) == from);
    let standing = still.into_iter().chain(others).map(|member| &member.node.name);
    standing.chain(basis.inventory.nodes.iter().map(|node| &node.name)).cloned().collect()
}

/// Who is to take both needs the certificates of whoever encrypts: of the inventory, or of the files that are there.
fn both(basis: &Basis<'_>, from: Spoken, member: &Member<'_>) -> Inventory {
    let mut inventory = basis.inventory.clone();
    let there =
        provider_options(member.facts.in_effect().get("wsrep_provider_options").map_or("", String::as_str));
    let there: Settings =
        there.into_iter().filter(|(name, _)| from == Spoken::Tls && name.starts_with("socket.ssl")).collect();
    let take_both = |options: &mut Settings, there: &Settings| {
        if !encrypts(options) {
            options.extend(there.clone());
        }
        options.insert("socket.dynamic".into(), "true".into());
    };
    for node in &mut inventory.nodes {
        take_both(&mut node.provider_options, &there);
    }
    for arbitrator in inventory.beside.arbitrators_mut() {
        let facts = basis.observation.arbitrator(&arbitrator.name);
        let there = facts.map(|facts| provider_options(facts.options())).unwrap_or_default();
        let there = there.into_iter().filter(|(name, _)| name.starts_with("socket.ssl")).collect();
        take_both(&mut arbitrator.provider_options, &there);
    }
    inventory
}
