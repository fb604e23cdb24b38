//! Plan files: written whole or not at all, read with suspicion.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::files;
use super::inputs::Inputs;
use crate::exit::CommandError;
use crate::galera::plan::{Plan, Saved};
use crate::kernel::judge::Finding;
use crate::kernel::random;

/// More than the plan of a thousand nodes takes.
const LARGEST: u64 = 64 << 20;

/// Makes the file form of a plan; `who` made it. The commands that it names can then be pasted.
pub fn close(plan: Plan, inputs: &Inputs, who: &str) -> Saved {
    let plan = plan.settled(&inputs.invocation());
    let (inventory, template) = (inputs.inventory_input.clone(), inputs.template_input.clone());
    Saved::new(plan, random::id(), who.to_owned(), inventory, template)
}

/// Writes the file; one that is there is replaced at once, when the new one is whole.
pub fn write(path: &Path, saved: &Saved) -> Result<(), CommandError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(saved.text().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    written().with_context(|| format!("{} was not written", path.display()))?;
    Ok(())
}

/// Reads a file.
///
/// Errors: it cannot be read. `Ok(Err(…))`: it is no plan that this galactl may carry out.
pub fn read(path: &Path) -> Result<Result<Saved, Finding>, CommandError> {
    let text = files::read_text(path, LARGEST).with_context(|| path.display().to_string())?;
    Ok(Saved::parse(&text).map_err(|why| why.refusal(&path.display().to_string())))
}
