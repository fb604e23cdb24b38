//! Which inventory a command is for.
//!
//! A command that changes hosts must not hit a cluster that was not meant. So nothing is guessed: where two
//! inventories may be meant, the command is refused and says how to name each.

use std::path::{Path, PathBuf};

use crate::exit::CommandError;
use crate::kernel::model::NodeName;
use crate::ui::Printer;

/// In the directory in which galactl is called.
pub const USUAL: &str = "galactl.yaml";
pub const VARIABLE: &str = "GALACTL_INVENTORY";

/// The inventory that was named, or else that of `GALACTL_INVENTORY`, or else galactl.yaml here.
///
/// Errors: none of them is there, or the last two are different files.
pub fn inventory(named: Option<&Path>) -> Result<PathBuf, CommandError> {
    match named {
        Some(path) => Ok(path.to_owned()),
        None => default().inspect(|path| Printer::remark(&format!("the inventory is {}", path.display()))),
    }
}

/// The first word may be the inventory, or a node of the default inventory. It is the inventory where it is a path or
/// the name of a file: `-`, with a `/` in it, with `.yaml` or `.yml` at its end, or a file that is here. Otherwise it
/// is a node, which the default inventory must have.
///
/// Errors: as of [`inventory`]; a word that is a file here and may be a node as well; or no node's name.
pub fn with_nodes(
    named: Option<&Path>,
    nodes: &[NodeName],
) -> Result<(PathBuf, Vec<NodeName>), CommandError> {
    let Some(word) = named.filter(|word| !is_path(word)) else {
        return Ok((inventory(named)?, nodes.to_vec()));
    };
    let text = word.display().to_string();
    let node = text.parse::<NodeName>();
    match (word.exists(), node) {
        (true, Ok(_)) if default().is_ok() => {
            let message = format!("`{text}` is a file here, and may be a node of the inventory by default");
            let hint = format!("write ./{text} for the file, or name the inventory before the node");
            Err(CommandError::error(message).hint(hint))
        }
        (false, Ok(node)) => {
            let inventory = default().map_err(|error| {
                let message = format!("`{text}` is no file here, and without an inventory no node");
                CommandError::error(message).hint(error.hint.unwrap_or(error.message))
            })?;
            Printer::remark(&format!("the inventory is {}", inventory.display()));
            Ok((inventory, std::iter::once(node).chain(nodes.iter().cloned()).collect()))
        }
        (true, _) | (false, Err(_)) => Ok((word.to_owned(), nodes.to_vec())),
    }
}

pub fn is_path(word: &Path) -> bool {
    let text = word.to_string_lossy();
    text == "-" || text.contains('/') || [".yaml", ".yml"].iter().any(|end| text.ends_with(end))
}

/// Errors: there is none, or there are two.
pub fn default() -> Result<PathBuf, CommandError> {
    let variable = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    let here = Some(PathBuf::from(USUAL)).filter(|path| path.exists());
    match (variable, here) {
        (Some(one), Some(other)) if !is_same_file(&one, &other) => {
            let message = format!("two inventories: {VARIABLE} is {}, and {USUAL} is here", one.display());
            Err(CommandError::error(message).hint("name the one that you mean: nothing is guessed"))
        }
        (Some(path), _) | (None, Some(path)) => Ok(path),
        (None, None) => Err(CommandError::error("which cluster?").hint(format!(
            "name its inventory; or call it {USUAL} and stay beside it; or export {VARIABLE}=FILE"
        ))),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
