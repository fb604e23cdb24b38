//! What a plan is made from: the inventory and the template, each with its digest.

use std::path::{Path, PathBuf};

use super::engine::{Engine, Galera, PlanOf, SavedOf};
use super::load::Source;
use crate::exit::CommandError;
use crate::kernel::judge::{Finding, Invocation, codes};
use crate::kernel::model::{Secrets, sha256};
use crate::kernel::plan::Input;
use crate::kernel::random;

/// The command-line words with which galactl is called for these inputs.
pub fn invocation(inventory: &Input, template: Option<&Input>) -> Invocation {
    let templates = template.map(|template| Path::new(&template.path));
    Invocation::new(Path::new(&inventory.path), templates, super::with_templates())
}

/// The inputs, read and parsed; no host has been asked.
pub struct Inputs<E: Engine = Galera> {
    pub inventory: E::Inventory,
    pub renderer: E::Renderer,
    /// Paths in the inventory are relative to this directory.
    pub base: PathBuf,
    pub inventory_input: Input,
    pub template_input: Option<Input>,
}

impl<E: Engine> Inputs<E> {
    /// Reads the inventory, and the template of the directory if one is given.
    pub fn read(inventory: &Path, templates: Option<&Path>) -> Result<Self, CommandError> {
        Self::of(&Source::read(inventory)?, templates)
    }

    /// The same, where the text was read already.
    pub fn of(source: &Source, templates: Option<&Path>) -> Result<Self, CommandError> {
        let (renderer, template_input) = E::renderer(templates)?;
        Ok(Self {
            inventory: source.inventory::<E>()?,
            renderer,
            inventory_input: Input { path: source.path.display().to_string(), sha256: sha256(&source.bytes) },
            template_input,
            base: source.base.clone(),
        })
    }

    /// Makes the file form of a plan; `who` made it. The commands that it names can then be pasted.
    pub fn close(&self, plan: PlanOf<E>, who: &str) -> SavedOf<E> {
        let plan = plan.settled(&self.invocation());
        let (inventory, template) = (self.inventory_input.clone(), self.template_input.clone());
        SavedOf::<E>::new(plan, random::id(), who.to_owned(), inventory, template)
    }

    /// Reads what else the inventory names on this machine, where a host may need it.
    pub fn read_local_files(&mut self, observation: &E::Observation) {
        E::read_local_files(&mut self.inventory, &self.base, observation);
    }

    /// Makes what a plan needs on this machine.
    pub fn prepare(
        &mut self,
        observation: &E::Observation,
        secrets: &mut Secrets,
    ) -> Result<(), CommandError> {
        E::prepare(&mut self.inventory, &self.base, observation, secrets)
    }

    /// How galactl was called, for the commands that it names.
    pub fn invocation(&self) -> Invocation {
        invocation(&self.inventory_input, self.template_input.as_ref())
    }

    /// A refusal for each input that differs from the one that the plan was made from.
    pub fn changed_since(&self, saved: &SavedOf<E>) -> Vec<Finding> {
        let digest = |input: Option<&Input>| input.map(|input| input.sha256.clone());
        let inputs = [
            ("inventory", digest(Some(&saved.inventory)), digest(Some(&self.inventory_input))),
            ("template", digest(saved.template.as_ref()), digest(self.template_input.as_ref())),
        ];
        let changed = inputs.into_iter().filter(|(_, then, now)| then != now);
        let refusal = |(what, then, now): (&str, Option<String>, Option<String>)| {
            let word = |digest: Option<String>| {
                digest.map_or("galactl's own".into(), |digest| format!("sha256 {digest}"))
            };
            let evidence = format!("the {what} is another one: was {}, is {}", word(then), word(now));
            Finding::new(codes::STALE, evidence, "make a new plan, and have it reviewed again")
        };
        changed.map(refusal).collect()
    }
}
