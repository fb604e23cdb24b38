//! What happens with a plan once it is made: written, shown, agreed to, or refused.

use std::path::PathBuf;

use console::{colors_enabled, colors_enabled_stderr};
use serde::Serialize;

use super::plan_file;
use crate::exit::{CommandError, End, Kind};
use crate::kernel;
use crate::kernel::judge::{Finding, Invocation, codes, shell_word};
use crate::kernel::plan::{Action, Command, Plan, Saved};
use crate::ui::{JsonEvents, Printer, plan_text};

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PlanFormat {
    Text,
    Json,
    /// For a comment on a pull request
    Markdown,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[serde(bound = "C: Command, A: Action")]
enum Planned<'a, C, A> {
    Planned { plan: &'a Saved<C, A> },
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Refused<'a> {
    Refused { refusals: &'a [Finding] },
}

/// Why there is no plan, in the form in which every command ends.
pub enum Unplanned {
    Refused(Vec<Finding>),
    Failed(CommandError),
}

/// What to do with a plan once it is made.
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Course<'a> {
    pub format: PlanFormat,
    pub out: Option<&'a PathBuf>,
    pub detailed_exitcode: bool,
    /// Show it and change nothing.
    pub dry_run: bool,
    /// Do not ask.
    pub yes: bool,
    /// Write rows meanwhile, and prove that none is lost.
    pub ledger: bool,
    /// The cluster's name, for a plan that needs it typed.
    pub confirm: Option<&'a str>,
    /// Where the evidence of a recovery goes.
    pub evidence_out: Option<&'a PathBuf>,
}

impl Course<'_> {
    /// Errors: a question would have to be asked, and nobody is there to answer it.
    pub fn somebody_can_agree(&self) -> Result<(), CommandError> {
        if self.dry_run || self.yes || self.confirm.is_some() || Printer::can_ask() {
            return Ok(());
        }
        Err(CommandError::error("there is no terminal to ask on")
            .hint("read the plan with --dry-run, then carry it out with --yes"))
    }

    /// Writes the plan to its file, if it is to have one, and shows it. A plan that is only shown is
    /// data; before an execution it is narration.
    pub fn show<C: Command, A: Action>(&self, saved: &Saved<C, A>) -> Result<(), CommandError> {
        if let Some(path) = self.out {
            plan_file::write(path, saved)?;
        }
        let plan = &saved.plan;
        match self.format {
            PlanFormat::Json if self.dry_run => Printer::data(&saved.text()),
            PlanFormat::Json => JsonEvents::line(&Planned::Planned { plan: saved }),
            PlanFormat::Markdown => Printer::data(&kernel::plan::markdown(plan)),
            PlanFormat::Text if Printer::is_quiet() && self.carries_out_unasked() => {}
            PlanFormat::Text => Self::show_text(plan, self.dry_run || plan.is_empty()),
        }
        Ok(())
    }

    fn carries_out_unasked(&self) -> bool {
        !self.dry_run && (self.yes || self.confirm.is_some())
    }

    fn show_text<C: Command, A: Action>(plan: &Plan<C, A>, is_data: bool) {
        let lines = kernel::plan::lines(plan);
        if is_data {
            Printer::data(&plan_text(&lines, Printer::width_of_data(), colors_enabled()));
        } else {
            Printer::narrate(&plan_text(&lines, Printer::width_of_narration(), colors_enabled_stderr()));
        }
    }

    /// How the command ends when the plan is not carried out.
    pub fn end<C: Command, A: Action>(&self, plan: &Plan<C, A>) -> End {
        if self.detailed_exitcode && !plan.is_empty() { End::ChangesPending } else { End::Done }
    }

    pub fn no_plan(&self, why: Unplanned, invocation: &Invocation) -> CommandError {
        match why {
            Unplanned::Refused(refusals) => self.refused(&refusals, invocation),
            Unplanned::Failed(error) => error,
        }
    }

    pub fn refused(&self, refusals: &[Finding], invocation: &Invocation) -> CommandError {
        let refusals: Vec<_> = refusals.iter().map(|refusal| refusal.clone().settled(invocation)).collect();
        if self.format == PlanFormat::Json {
            JsonEvents::line(&Refused::Refused { refusals: &refusals });
        }
        let unseen = refusals
            .iter()
            .any(|refusal| matches!(refusal.code, codes::UNREACHABLE | codes::BUSY | codes::STALE));
        let kind = if unseen { Kind::Unreachable } else { Kind::Refused };
        CommandError::new(kind, format!("nothing was changed\n{}", kernel::plan::refusals_text(&refusals)))
    }
}

/// Asks whether the user agrees to a plan. `true`: the question was asked, so time has passed.
///
/// Errors: no, or not in the words that it takes.
pub fn agreed<C: Command, A: Action>(course: &Course<'_>, plan: &Plan<C, A>) -> Result<bool, CommandError> {
    let Some(what) = plan.command.gives_up() else {
        return if course.yes { Ok(false) } else { confirm(plan).map(|()| true) };
    };
    let cluster = plan.cluster.as_str();
    // After a blank, a name that begins with a dash would be taken for an option.
    let between = if cluster.starts_with('-') { '=' } else { ' ' };
    let hint = format!("say so with --confirm{between}{}, after reading what is lost", shell_word(cluster));
    match course.confirm {
        Some(name) if name == cluster => Ok(false),
        Some(name) => {
            let message = format!("the cluster's name is not `{name}`; nothing was changed");
            Err(CommandError::new(Kind::Refused, message))
        }
        None if course.yes || !Printer::can_ask() => {
            let message = format!("this plan {what}, and --yes does not agree to that; nothing was changed");
            Err(CommandError::new(Kind::Refused, message).hint(hint))
        }
        None => typed_name(what, cluster).map(|()| true),
    }
}

fn typed_name(what: &str, cluster: &str) -> Result<(), CommandError> {
    let question = format!("This plan {what}, as said above. Type the name of the cluster to go on:");
    match Printer::ask(&question).as_deref() == Some(cluster.trim()) {
        true => Ok(()),
        false => Err(CommandError::new(Kind::Interrupted, "not agreed; nothing was changed")),
    }
}

/// Asks for one word to agree to a plan; where data is lost, for the words that say so.
fn confirm<C: Command, A: Action>(plan: &Plan<C, A>) -> Result<(), CommandError> {
    let (question, expected) = match !plan.discards.is_empty() {
        false => ("Carry out this plan? [y/N]", vec!["y", "yes"]),
        true => ("Data will be lost, as said above. Type `discard` to go on:", vec!["discard"]),
    };
    let answer = Printer::ask(question).unwrap_or_default().to_lowercase();
    if expected.contains(&answer.as_str()) {
        return Ok(());
    }
    Err(CommandError::new(Kind::Interrupted, "not agreed; nothing was changed"))
}
