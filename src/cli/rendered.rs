//! Files that are rendered on this machine: printed, or written below a directory.

use std::path::Path;

use anyhow::Context;

use crate::exit::CommandError;
use crate::ui::Printer;

/// Prints the text below what the file is called, or writes it to this path below `out`.
///
/// Errors: the file cannot be written.
pub fn tell(out: Option<&Path>, path: &Path, called: &str, text: &str) -> Result<(), CommandError> {
    let Some(directory) = out else {
        Printer::data(&format!("# {called}\n{text}"));
        return Ok(());
    };
    let file = directory.join(path);
    let parent = file.parent().unwrap_or(directory);
    std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    Printer::narrate(&file.display().to_string());
    Ok(())
}
