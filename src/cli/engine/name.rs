//! The engines by their names.

use std::fmt;

use crate::exit::CommandError;
use crate::kernel::inventory::engine;
use crate::kernel::inventory::note::Note;
use crate::{galera, mesh, patroni};

/// Which engine an inventory is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Name {
    Galera,
    Patroni,
    #[value(name = "postgresql-mesh")]
    Mesh,
}

impl Name {
    /// The engine of an inventory's text.
    ///
    /// Errors: the text is no YAML, or names no engine.
    pub fn of(bytes: &[u8]) -> Result<Self, Vec<Note>> {
        engine::of(bytes, crate::ENGINES).map(Self::called)
    }

    /// The commands that know the engine, as a hint.
    pub fn commands(self) -> &'static str {
        match self {
            Self::Galera => "galactl help names all of them",
            Self::Patroni => {
                "galactl help names all commands; alter, compare, ledger, lint, load and monitoring are for Galera"
            }
            Self::Mesh => {
                "validate, render, schema, plan, apply, bootstrap, add-node, remove-node, apply-config, restart, skip, status, watch, doctor, lint, compare and ddl are there for a mesh"
            }
        }
    }

    /// What is said where a command does not know the engine.
    pub fn not_there(self) -> CommandError {
        CommandError::error(format!("this command is not there for engine {self}")).hint(self.commands())
    }

    /// The engine with this name, which is one of [`crate::ENGINES`].
    pub fn called(name: &str) -> Self {
        match name {
            mesh::inventory::ENGINE => Self::Mesh,
            patroni::inventory::ENGINE => Self::Patroni,
            _ => Self::Galera,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Galera => galera::inventory::ENGINE,
            Self::Patroni => patroni::inventory::ENGINE,
            Self::Mesh => mesh::inventory::ENGINE,
        })
    }
}
