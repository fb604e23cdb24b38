//! `galactl monitoring render`

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::load::Source;
use super::{rendered, which};
use crate::exit::CommandError;
use crate::galera::monitoring::{Asking, Book, files};

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
    /// The inventory; `-` reads standard input. Default: GALACTL_INVENTORY, or galactl.yaml here
    inventory: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let path = which::inventory(args.inventory.as_deref())?;
    let inventory = Source::read(&path)?.inventory()?;
    let book = args.book.clone().map_or(Book::Files, Book::Published);
    for file in files(&inventory, &book, asking(&path)?.as_ref()) {
        rendered::tell(args.out.as_deref(), Path::new(&file.name), &file.name, &file.text)?;
    }
    Ok(())
}

/// What a timer can ask; `None`: the inventory is no file.
///
/// Errors: this program has no path any more.
fn asking(inventory: &Path) -> Result<Option<Asking>, CommandError> {
    if inventory == Path::new("-") {
        return Ok(None);
    }
    let program = std::env::current_exe().context("galactl's own path")?;
    let inventory = std::path::absolute(inventory).with_context(|| inventory.display().to_string())?;
    Ok(Some(Asking { program, inventory }))
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
