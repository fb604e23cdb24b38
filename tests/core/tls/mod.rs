//! Encryption: the plans that switch it on, and those that change certificates while the cluster runs.

mod authority;
mod born;
mod ending;
mod leaves;
mod others;
mod own_members;
mod own_pki;
mod refusals;
mod secrets;
mod switched;
mod taking_over;

pub use refusals::refused;

use std::collections::BTreeSet;

use galactl::galera::plan::{ConfigChoice, NoPlan, Plan, apply_config};
use galactl::kernel::plan::text;

use crate::support::{Shape, World, fresh, name};

pub const SECTION: &str = "tls: {ca: {generate: true}, clients: required}\n";

/// Three nodes, with TLS as the inventory's section says.
pub fn shape() -> Shape {
    Shape::of(3).more(SECTION)
}

/// The same with an arbitrator.
pub fn with_arbitrator() -> Shape {
    Shape { arbitrator: true, ..shape() }
}

pub fn whole(shape: &Shape) -> World {
    let mut world = World::new(shape, vec![fresh(); shape.nodes]);
    carry_on(&mut world, World::bootstrap);
    world
}

/// Carries out what is planned until nothing is left to do. `plans`: the command that is typed again and again.
pub fn carry_on(world: &mut World, plans: impl Fn(&World) -> Result<Plan, NoPlan>) {
    for _ in 0..6 {
        let plan = match plans(world) {
            Ok(plan) => plan,
            Err(NoPlan::Refused(refusals)) => panic!("{refusals:#?}\n{world:?}"),
            Err(other) => panic!("{other}"),
        };
        if plan.is_empty() {
            return;
        }
        world.carry_out(&plan);
    }
    panic!("it comes to no end: {:?}", plans(world).map(|plan| ids(&plan)).ok());
}

/// `galactl apply-config`, where a whole transfer is allowed.
pub fn change(world: &World) -> Result<Plan, NoPlan> {
    apply_config(&world.basis(), ConfigChoice { allow_sst: true, restart: false })
}

/// Cuts a plan off after each of its steps, and has the same command go on. It is whole at the end, and at no moment do
/// two members not understand each other (see `World::assert_understood`).
pub fn cut_off_anywhere(world: &World, plans: impl Fn(&World) -> Result<Plan, NoPlan>) -> Vec<World> {
    let plan = plans(world).unwrap_or_else(|why| panic!("{why:?}"));
    let steps: Vec<_> = plan.steps().collect();
    let all: BTreeSet<_> = steps.iter().map(|step| &step.id).collect();
    assert_eq!(all.len(), steps.len(), "a step stands twice: {:?}", ids(&plan));
    let mut ends = Vec::new();
    for cut in 0..=steps.len() {
        let mut world = world.clone();
        steps[..cut].iter().for_each(|step| world.apply(step));
        carry_on(&mut world, &plans);
        ends.push(world);
    }
    ends
}

/// The text of a plan, without digests of certificates, which are others in each run.
pub fn told(plan: &Plan) -> String {
    let parts = text(plan);
    let mut parts = parts.split("SHA-256 ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "SHA-256 …" + &part[95..])
}

pub fn ids(plan: &Plan) -> Vec<String> {
    plan.steps().map(|step| step.id.clone()).collect()
}

/// All speak TLS, and nothing is stale or missing.
pub fn assert_encrypted(world: &World) {
    for index in 0..world.inventory.nodes.len() {
        let live = world.facts(&name(index)).live().expect("it runs");
        assert_eq!(live.spoken, Some(galactl::galera::facts::Spoken::Tls), "{}", name(index));
    }
    let found = galactl::galera::tls::judge::findings(&world.basis());
    assert!(found.is_empty(), "{found:#?}");
}
