//! A plan as a file: bound to its inventory and template, and to itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, Command, Plan};
use crate::kernel::judge::{Finding, codes};
use crate::kernel::model::sha256;

/// The version of the file's form.
const FORMAT: u32 = 4;
const GALACTL: &str = env!("CARGO_PKG_VERSION");

/// A galactl plan: what a reviewer reads and `galactl apply` carries out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound = "C: Command, A: Action")]
pub struct Saved<C, A> {
    /// The version of this form. Always 4.
    #[schemars(range(min = 4, max = 4))]
    pub format: u32,
    /// The engine whose cluster it is for, as the inventory has it.
    pub engine: String,
    /// The version of galactl that made it; no other one applies it.
    pub galactl: String,
    /// Random, so that no two plans are the same one.
    pub id: String,
    /// When, and by whom.
    pub made: String,
    pub inventory: Input,
    /// The template of the option file; `null`: galactl's own.
    pub template: Option<Input>,
    pub plan: Plan<C, A>,
    /// SHA-256 of this object without white space, its `digest` empty.
    pub digest: String,
}

/// A file that the plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// As it was typed.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Why a file is not a plan that may be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    #[error("it is not a whole plan: {0}")]
    Broken(String),
    #[error("its format is {0}, and this galactl reads format {FORMAT}")]
    Format(u64),
    #[error("galactl {0} made it, and this is galactl {GALACTL}")]
    Version(String),
    #[error("it is for engine `{0}`, and the inventory is for `{1}`")]
    Engine(String, &'static str),
    #[error("it was changed after galactl had written it: its digest does not match")]
    Digest,
    #[error("it was made offline, and rests on assumptions about the hosts")]
    Offline,
}

/// The engine that a plan file says it is for. Nothing else of it is believed before [`Saved::parse`] has proved it whole.
pub fn engine_of(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value["engine"].as_str().map(str::to_owned)
}

impl NotUsable {
    /// The refusal to carry it out; `file` is its name.
    pub fn refusal(&self, file: &str) -> Finding {
        let next = "make a new plan with --out, and have it reviewed";
        Finding::new(codes::PLAN_FILE, format!("{file}: {self}"), next)
    }
}

impl<C: Command, A: Action> Saved<C, A> {
    /// Closes a plan into its file form.
    pub fn new(
        plan: Plan<C, A>,
        id: String,
        made: String,
        inventory: Input,
        template: Option<Input>,
    ) -> Self {
        let galactl = GALACTL.to_owned();
        let (engine, digest) = (C::ENGINE.to_owned(), String::new());
        let mut saved = Self { format: FORMAT, engine, galactl, id, made, inventory, template, plan, digest };
        saved.digest = saved.digest_now();
        saved
    }

    /// Reads a file's text.
    ///
    /// Errors: broken off, of another format or version, changed, or made offline. What it says is
    /// not looked at before it is proved whole.
    pub fn parse(text: &str) -> Result<Self, NotUsable> {
        let broken = |error: serde_json::Error| NotUsable::Broken(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(broken)?;
        let format =
            value["format"].as_u64().ok_or_else(|| NotUsable::Broken("it has no `format`".into()))?;
        if format != u64::from(FORMAT) {
            return Err(NotUsable::Format(format));
        }
        let version = value["galactl"].as_str().unwrap_or_default();
        if version != GALACTL {
            return Err(NotUsable::Version(version.to_owned()));
        }
        let engine = value["engine"].as_str().unwrap_or_default();
        if engine != C::ENGINE {
            return Err(NotUsable::Engine(engine.to_owned(), C::ENGINE));
        }
        let saved: Self = serde_json::from_str(text).map_err(broken)?;
        // A field that no type knows is in no digest, and a reviewer would read it all the same.
        let whole = serde_json::to_value(&saved).is_ok_and(|known| known == value);
        match whole && saved.digest == saved.digest_now() {
            false => Err(NotUsable::Digest),
            true if saved.plan.offline => Err(NotUsable::Offline),
            true => Ok(saved),
        }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        // Maps with text as keys, lists, text, numbers: nothing here fails to become JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    fn digest_now(&self) -> String {
        let open = Self { digest: String::new(), ..self.clone() };
        sha256(serde_json::to_string(&open).unwrap_or_default())
    }
}
