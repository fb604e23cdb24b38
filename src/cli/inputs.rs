//! What a plan is made from: the inventory and the template, each with its digest.

use std::path::{Path, PathBuf};

use super::load::Source;
use super::local_files;
use crate::exit::CommandError;
use crate::galera::config::Renderer;
use crate::galera::inventory::Inventory;
use crate::galera::judge::codes;
use crate::galera::observation::Observation;
use crate::galera::plan::Saved;
use crate::kernel::judge::{Finding, Invocation};
use crate::kernel::model::sha256;
use crate::kernel::plan::Input;

/// The command-line words with which galactl is called for these inputs.
pub fn invocation(inventory: &Input, template: Option<&Input>) -> Invocation {
    let templates = template.map(|template| Path::new(&template.path));
    Invocation::new(Path::new(&inventory.path), templates, super::with_templates())
}

/// The inputs, read and parsed; no host has been asked.
pub struct Inputs {
    pub inventory: Inventory,
    pub renderer: Renderer,
    /// Paths in the inventory are relative to this directory.
    pub base: PathBuf,
    pub inventory_input: Input,
    pub template_input: Option<Input>,
}

impl Inputs {
    /// Reads the inventory, and the template of the directory if one is given.
    pub fn read(inventory: &Path, templates: Option<&Path>) -> Result<Self, CommandError> {
        let source = Source::read(inventory)?;
        let (renderer, template_input) = super::load::renderer(templates)?;
        Ok(Self {
            inventory: source.inventory()?,
            renderer,
            inventory_input: Input { path: inventory.display().to_string(), sha256: sha256(&source.bytes) },
            template_input,
            base: source.base,
        })
    }

    /// Reads the package that the inventory names, where a host may need it. The package may be large, so that it is
    /// read only then.
    pub fn find_package(&mut self, observation: &Observation) {
        if observation.may_lack_proxysql(self.inventory.proxies()) {
            local_files::find_package(&mut self.inventory, &self.base);
        }
    }

    /// How galactl was called, for the commands that it names.
    pub fn invocation(&self) -> Invocation {
        invocation(&self.inventory_input, self.template_input.as_ref())
    }

    /// A refusal for each input that differs from the one that the plan was made from.
    pub fn changed_since(&self, saved: &Saved) -> Vec<Finding> {
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
