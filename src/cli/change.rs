//! The way from the arguments of a changing command to its run.

use super::args::{ChangeArgs, PlanArgs};
use super::course::Course;
use super::engine::{Engine, Galera, Name, Patroni, PlanOf};
use super::load::Source;
use super::on_hosts::on_hosts;
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::plan::{NoPlan, Plan};
use crate::kernel::model::NodeName;
use crate::{mesh, patroni};

impl<'a> From<&'a ChangeArgs> for Course<'a> {
    fn from(args: &'a ChangeArgs) -> Self {
        Self {
            dry_run: args.agree.dry_run,
            yes: args.agree.yes,
            ledger: args.agree.ledger,
            ..Self::from(&args.plan)
        }
    }
}

impl<'a> From<&'a PlanArgs> for Course<'a> {
    fn from(args: &'a PlanArgs) -> Self {
        Self {
            format: args.show.output,
            out: args.show.out.as_ref(),
            detailed_exitcode: args.exit.detailed_exitcode,
            dry_run: true,
            yes: false,
            ledger: false,
            confirm: None,
            evidence_out: None,
        }
    }
}

/// No node has this name.
pub fn no_node(name: &NodeName) -> CommandError {
    CommandError::error(format!("`{name}` is no node of this inventory"))
}

/// Errors: a name that the inventory does not have.
pub fn known(inventory: &Inventory, names: &[NodeName]) -> Result<(), CommandError> {
    match names.iter().find(|name| inventory.node(name).is_none()) {
        None => Ok(()),
        Some(name) if inventory.arbitrator(name).is_some() => {
            let hint = "it follows the whole cluster: name data nodes, or none for all";
            Err(CommandError::error(format!("`{name}` is an arbitrator")).hint(hint))
        }
        Some(name) if inventory.proxy(name).is_some() => {
            let hint = "a proxy is set up by galactl apply-config; name data nodes, or none for all";
            Err(CommandError::error(format!("`{name}` is a proxy")).hint(hint))
        }
        Some(name) => Err(no_node(name).hint(ADD_FIRST)),
    }
}

/// A node that is to be in the cluster stands in the inventory.
pub const ADD_FIRST: &str = "add it under `nodes` first: the inventory describes the cluster as it is to be";
/// A node that leaves still stands there.
pub const STILL_LISTED: &str = "a node is removed while the inventory still lists it: it has to be reached";

/// Runs one changing command for the whole cluster of an engine; `source` is the inventory's text.
pub fn run_as<E: Engine>(
    args: &ChangeArgs,
    source: &Source,
    planner: impl Fn(&E::Basis<'_>) -> Result<PlanOf<E>, E::NoPlan>,
) -> Result<End, CommandError> {
    let course = Course::from(args);
    course.somebody_can_agree()?;
    on_hosts::<E>(course, args.plan.source.inputs(source)?, None, planner)
}

/// The same on these nodes. `check` looks at their names once the inventory is known.
pub fn run_on_as<E: Engine>(
    args: &ChangeArgs,
    source: &Source,
    nodes: &[NodeName],
    check: impl Fn(&E::Inventory, &[NodeName]) -> Result<(), CommandError>,
    planner: impl Fn(&E::Basis<'_>, &[NodeName]) -> Result<PlanOf<E>, E::NoPlan>,
) -> Result<End, CommandError> {
    run_on_course::<E>(Course::from(args), args, source, nodes, check, planner)
}

/// The same on a course of the command's own.
pub fn run_on_course<E: Engine>(
    course: Course<'_>,
    args: &ChangeArgs,
    source: &Source,
    nodes: &[NodeName],
    check: impl Fn(&E::Inventory, &[NodeName]) -> Result<(), CommandError>,
    planner: impl Fn(&E::Basis<'_>, &[NodeName]) -> Result<PlanOf<E>, E::NoPlan>,
) -> Result<End, CommandError> {
    course.somebody_can_agree()?;
    let inputs = args.plan.source.inputs::<E>(source)?;
    check(&inputs.inventory, nodes).map_err(|error| error.settled(&inputs.invocation()))?;
    on_hosts::<E>(course, inputs, None, |basis| planner(basis, nodes))
}

/// Errors: a name that is no data node of this inventory of engine patroni.
pub fn known_to_patroni(
    inventory: &patroni::inventory::Inventory,
    names: &[NodeName],
) -> Result<(), CommandError> {
    data_nodes(inventory, names, "name one that stands under `nodes`, or none for all of them")
}

/// The same. `hint`: what to do about a name that the inventory does not have.
pub fn data_nodes(
    inventory: &patroni::inventory::Inventory,
    names: &[NodeName],
    hint: &str,
) -> Result<(), CommandError> {
    let is_other = |name: &NodeName| {
        inventory.etcd_member(name).is_some() || inventory.proxies.iter().any(|proxy| proxy.name == *name)
    };
    match names.iter().find(|name| inventory.node(name).is_none()) {
        None => Ok(()),
        Some(name) if is_other(name) => {
            let hint = "this command is for PostgreSQL: name data nodes";
            Err(CommandError::error(format!("`{name}` is no data node")).hint(hint))
        }
        Some(name) => Err(no_node(name).hint(hint)),
    }
}

/// Errors: a name that is no node of this mesh. `hint`: what to do about it.
pub fn known_to_mesh(
    inventory: &mesh::inventory::Inventory,
    names: &[NodeName],
    hint: &str,
) -> Result<(), CommandError> {
    match names.iter().find(|name| inventory.node(name).is_none()) {
        None => Ok(()),
        Some(name) => Err(no_node(name).hint(hint)),
    }
}

/// What differs between the engines of a command that names nodes.
pub fn run_nodes(
    args: &ChangeArgs,
    nodes: &[NodeName],
    of_galera: impl Fn(&Basis<'_>, &[NodeName]) -> Result<Plan, NoPlan>,
    of_patroni: impl Fn(
        &patroni::judge::Basis<'_>,
        &[NodeName],
    ) -> Result<patroni::plan::Plan, patroni::plan::NoPlan>,
) -> Result<End, CommandError> {
    Course::from(args).somebody_can_agree()?;
    let (source, nodes) = args.plan.source.source_with(nodes)?;
    match source.engine()? {
        Name::Galera => run_on_as::<Galera>(args, &source, &nodes, known, of_galera),
        Name::Patroni => run_on_as::<Patroni>(args, &source, &nodes, known_to_patroni, of_patroni),
        Name::Mesh => Err(Name::Mesh.not_there()),
    }
}

/// Errors: no name, where the command needs one.
pub fn named(nodes: &[NodeName]) -> Result<(), CommandError> {
    match nodes {
        [] => Err(CommandError::error("which node?").hint("name it, after the inventory if you name that")),
        _ => Ok(()),
    }
}
