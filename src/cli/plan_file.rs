//! Plan files: written whole or not at all, read with suspicion.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::files;
use crate::exit::CommandError;
use crate::kernel::judge::Finding;
use crate::kernel::plan::{Action, Command, Saved};

/// More than the plan of a thousand nodes takes.
const LARGEST: u64 = 64 << 20;

/// Writes the file; one that is there is replaced at once, when the new one is whole.
pub fn write<C: Command, A: Action>(path: &Path, saved: &Saved<C, A>) -> Result<(), CommandError> {
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

/// Errors: the file cannot be read.
pub fn read(path: &Path) -> Result<String, CommandError> {
    Ok(files::read_text(path, LARGEST).with_context(|| path.display().to_string())?)
}

/// Errors: the text is no plan that this galactl may carry out.
pub fn parse<C: Command, A: Action>(path: &Path, text: &str) -> Result<Saved<C, A>, Finding> {
    Saved::parse(text).map_err(|why| why.refusal(&path.display().to_string()))
}
