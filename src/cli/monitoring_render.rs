//! `galactl monitoring render`

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::args::SourceArgs;
use super::inputs::Inputs;
use super::rendered;
use crate::exit::CommandError;
use crate::galera::monitoring::{Asking, Book, files};
use crate::kernel::plan::Input;

/// Render rules, targets, scrape configuration, Alertmanager's routes, dashboards and a timer, without touching a host
///
/// The rules and the targets are those of the inventory: render them anew when it changes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl monitoring render shop.yaml                    print them
  galactl monitoring render shop.yaml --out prometheus   as files
  galactl monitoring render shop.yaml --book https://docs.example/galactl")]
pub struct Args {
    /// Write files into this directory, instead of printing
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where you have published galactl's book; the alerts link to its pages
    #[arg(long, value_name = "URL", value_parser = address)]
    book: Option<String>,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let inputs = args.source.read()?;
    let book = args.book.clone().map_or(Book::Files, Book::Published);
    for file in files(&inputs.inventory, &book, asking(&inputs)?.as_ref()) {
        rendered::tell(args.out.as_deref(), Path::new(&file.name), &file.name, &file.text)?;
    }
    Ok(())
}

/// What a timer can ask; `None`: the inventory is no file.
///
/// Errors: this program has no path any more, or the current directory is gone.
fn asking(inputs: &Inputs) -> Result<Option<Asking>, CommandError> {
    let absolute = |input: &Input| std::path::absolute(&input.path).with_context(|| input.path.clone());
    if inputs.inventory_input.path == "-" {
        return Ok(None);
    }
    Ok(Some(Asking {
        program: std::env::current_exe().context("galactl's own path")?,
        inventory: absolute(&inputs.inventory_input)?,
        templates: inputs.template_input.as_ref().map(absolute).transpose()?,
    }))
}

/// An address of the web. Annotations of alerts are templates: what could begin one is refused, and so is what ends a
/// link in a message.
fn address(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !"{}<>\"`\\".contains(c);
    match rest {
        Some(rest) if !rest.is_empty() && rest.chars().all(plain) => Ok(text.to_owned()),
        _ => Err("the book's address is one of the web, such as https://docs.example/galactl".into()),
    }
}
