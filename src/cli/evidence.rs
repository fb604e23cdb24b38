//! The evidence that decides a recovery, shown and saved.

use std::path::Path;

use anyhow::Context as _;

use super::course::PlanFormat;
use crate::exit::CommandError;
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::galera::plan::recovery_order;
use crate::galera::recovery;
use crate::galera::recovery::{Bundle, Evidence, HEADINGS};
use crate::ui::{Printer, table_within};

pub fn table_text(evidence: &Evidence<'_>, width: Option<usize>) -> String {
    table_within(&HEADINGS, &recovery::table(evidence), width)
}

/// Shows the evidence beside a plan's text, and writes it to a file if it is to have one.
pub fn keep(
    inventory: &Inventory,
    observation: &Observation,
    made: &str,
    format: PlanFormat,
    out: Option<&Path>,
) -> Result<(), CommandError> {
    let order = recovery_order(inventory);
    let bundle = Bundle::new(inventory.cluster.clone(), order, observation.clone(), made.to_owned());
    if format == PlanFormat::Text {
        Printer::narrate(&table_text(&bundle.evidence(), Printer::width_of_narration()));
    }
    match out {
        Some(path) => Ok(std::fs::write(path, bundle.text()).with_context(|| path.display().to_string())?),
        None => Ok(()),
    }
}
