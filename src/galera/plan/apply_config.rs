//! Changing the configuration of a running cluster: one node after the other, the rest in service.

use super::continuing::{grow, keep_in_line, missing};
use super::crossing::{Crossing, crossing, speaks_as_wanted};
use super::{
    Action, Command, NoPlan, Plan, ServerAction, Setting, Step, ending, endpoint, links, preparation,
    rolling, without_restart,
};
use crate::galera::config::{
    Difference, FOREIGN_SECRET, RenderError, differences, lines_of, with_section_of,
};
use crate::galera::facts::{HostFacts, Spoken};
use crate::galera::judge::Basis;
use crate::galera::judge::component::{Member, members, one_component, starting};
use crate::galera::judge::guards;
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::tried;
use crate::galera::judge::wanted::is_ours;
use crate::galera::judge::wanted::{Wanted, wanted_config};
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::refuse;
use crate::galera::plan::roles;
use crate::galera::tls;
use crate::kernel::facts::ConfigFile;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Follows, HostAction, PutFile, Width};

/// The section of an option file that the scripts of state transfers read.
const SST: &str = "[sst]";
const AGREE: &str = "donor and joiner must agree on how they transfer data before the first node restarts";
const HEADING: &str = "# Written by galactl from the inventory: change it there, not here.\n";

/// What the user decides of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConfigChoice {
    /// A node may need the whole data to come back.
    pub allow_sst: bool,
    /// Restart the nodes also for settings that a running server takes.
    pub restart: bool,
}

/// Plans what brings every node of the standing cluster to the inventory's configuration. A node
/// that is not in the cluster joins it first.
///
/// Errors: every reason not to go on, or a template that does not render.
pub fn apply_config(basis: &Basis<'_>, choice: ConfigChoice) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(guards::hosts(basis))?;
    refuse(other_clusters(basis))?;
    refuse(links::refusals(basis))?;
    refuse(tried::new_files(basis))?;
    let standing = members(basis);
    if standing.is_empty() {
        return Err(NoPlan::Refused(guards::no_cluster(basis)));
    }
    refuse(one_component(basis, &standing, starting(basis)?))?;
    let crossing = crossing(basis, &standing)?;
    if let Some(crossing) = crossing.as_ref().filter(|_| standing.len() < basis.inventory.nodes.len()) {
        // Who is missing joins in the first round, and then the second one is like any other change.
        let first = apply_config(&Basis { inventory: &crossing.inventory, ..*basis }, choice);
        return first.map(preliminary);
    }
    let work = Work::of(basis, &standing, choice)?;
    let missing = missing(basis, &standing)?;
    refuse(missing.refusals.into_iter().chain(work.refusals(basis, &standing, choice)).collect())?;
    refuse(tls::steps::refusals(basis, |_| true))?;
    refuse(tls::taking_over::refusals(basis))?;
    let restarts = |node: &NodeName| work.restarting.iter().any(|member| member.node.name == *node);
    refuse(tried::own_files(basis, restarts))?;

    let leaving = work.restarting.iter().map(|member| &member.node.name);
    refuse(endpoint::refusals(basis, leaving, &ending::all(basis)))?;

    let ConfigChoice { allow_sst, restart } = choice;
    let mut plan = begin(basis, Command::ApplyConfig { allow_sst, restart, first_round: false });
    let mut steps = keep_in_line(basis, work.staying.iter().copied())?;
    for member in work.changing() {
        steps.push(try_step(basis, member)?);
    }
    roles::renew(basis, &mut plan, &standing);
    let (agreed, facts) = transfers(basis, &work.restarting)?;
    plan.stage("Agree on state transfers", Width::NodesInParallel, agreed);
    grow(basis, &mut plan, &standing, &missing.joiners, steps)?;
    plan.consequences.extend(work.consequences(&standing));
    if !work.restarting.is_empty() {
        plan.consequences.extend(tls::taking_over::consequence(basis));
        plan.consequences.extend(endpoint::clients(basis));
    }
    // The changed files may name another method, account or password; joiners have it already.
    if !work.restarting.is_empty() && missing.joiners.is_empty() {
        let source = &standing[0];
        let account = preparation::sst_account_step(basis, source.node, source.facts.version());
        plan.stage("Account for SST", Width::Serial, account.into_iter().collect());
    }
    endpoint::let_in(basis, &mut plan, &ending::all(basis));
    endpoint::tls_first(basis, &mut plan, &ending::all(basis));
    let title = "Change without a restart, one node after the other";
    plan.stage(title, Width::Serial, set(basis, &work.running)?);
    let leaving = with_facts(&work.restarting, &facts);
    rounds(basis, &mut plan, crossing.as_ref(), &leaving, &standing, allow_sst)?;
    roles::enlist(basis, &mut plan, &ending::all(basis), &standing);
    ending::verify(basis, &mut plan, standing[0].node);
    roles::watch(basis, &mut plan, &ending::all(basis));
    roles::quiet(basis, &mut plan);
    roles::not_silently(basis, plan)
}

/// The restarts: one round, or two where TLS is switched.
fn rounds(
    basis: &Basis<'_>,
    plan: &mut Plan,
    crossing: Option<&Crossing>,
    leaving: &[Member<'_>],
    standing: &[Member<'_>],
    allow_sst: bool,
) -> Result<(), RenderError> {
    if let Some(crossing) = crossing {
        plan.consequences.push(crossing.consequence());
        let steps = first_round(basis, crossing, leaving, standing, allow_sst)?;
        plan.stage("Take clear text and TLS, one node after the other", Width::Serial, steps);
    }
    let between = leaving.iter().map(|it| match crossing {
        Some(crossing) => crossing.afterwards(basis, it),
        None => Ok(it.facts.clone()),
    });
    let between = between.collect::<Result<Vec<_>, _>>()?;
    let changing = with_facts(&leaving.iter().collect::<Vec<_>>(), &between);
    let mut steps = change(basis, &changing.iter().collect::<Vec<_>>(), standing, allow_sst)?;
    if crossing.is_some() || standing.iter().any(|it| it.live.spoken == Some(Spoken::Both)) {
        switching(&mut steps);
    }
    plan.stage("Change, one node after the other", Width::Serial, steps);
    Ok(())
}

/// The same command has to run again.
fn preliminary(mut plan: Plan) -> Plan {
    plan.stages.iter_mut().for_each(|stage| switching(&mut stage.steps));
    if let Command::ApplyConfig { first_round, .. } = &mut plan.command {
        *first_round = true;
    }
    plan.consequences.push(
        "TLS between the nodes is switched in two rounds, and not all nodes are in the cluster: this is the first one. After it they take clear text and TLS, and the same command does the rest".into(),
    );
    plan
}

/// The members with other facts, as an earlier stage leaves them.
fn with_facts<'a>(members: &[&Member<'a>], facts: &'a [HostFacts]) -> Vec<Member<'a>> {
    let with = |(it, facts): (&&Member<'a>, &'a HostFacts)| Member { node: it.node, facts, live: it.live };
    members.iter().zip(facts).map(with).collect()
}

/// The scripts of state transfers read their section when they run, and both sides must have it alike: a node that
/// comes back by IST asks its donor through them, too. So all have the new one before the first restart. The facts are
/// those of the members then.
fn transfers(
    basis: &Basis<'_>,
    restarting: &[&Member<'_>],
) -> Result<(Vec<Step>, Vec<HostFacts>), RenderError> {
    let (mut steps, mut all) = (Vec::new(), Vec::new());
    for Member { node, facts, .. } in restarting {
        let mut facts = (*facts).clone();
        let wanted = wanted_config(basis, node, &facts)?.text;
        // A file with a secret of somebody else cannot be written again.
        let ours = |it: &ConfigFile| !it.text.contains(FOREIGN_SECRET);
        let differs = |it: &ConfigFile| lines_of(&it.text, SST) != lines_of(&wanted, SST);
        // Somebody else's file is not written to: galactl's own begins with this section, and the rest follows with the
        // node's restart.
        if facts.config.is_none() && !wanted_of_sst(&wanted, &facts).is_empty() {
            let text = with_section_of(HEADING, &wanted, SST);
            let file = Wanted { text: text.clone() }.put(basis.inventory, node, None);
            let file = PutFile { stage: Some("sst".into()), follows: Follows::Nothing, ..file };
            steps.push(Step::new(*node, HostAction::PutFile(file), AGREE));
            facts.config = Some(Wanted { text }.in_its_place());
        } else if let Some(there) = facts.config.as_mut().filter(|it| ours(it) && differs(it)) {
            let text = with_section_of(&there.text, &wanted, SST);
            let file = Wanted { text: text.clone() }.put(basis.inventory, node, Some(there));
            let file = PutFile { stage: Some("sst".into()), follows: Follows::Nothing, ..file };
            steps.push(Step::new(*node, HostAction::PutFile(file), AGREE));
            there.text = text;
        }
        all.push(facts);
    }
    Ok((steps, all))
}

/// The options of the section that are not in effect, from whatever file.
fn wanted_of_sst(wanted: &str, facts: &HostFacts) -> Vec<Difference> {
    differences(&with_section_of("", wanted, SST), &facts.in_effect(), &facts.sst_options)
}

/// The nodes, and the arbitrators that run, come back taking both.
fn first_round(
    basis: &Basis<'_>,
    crossing: &Crossing,
    leaving: &[Member<'_>],
    standing: &[Member<'_>],
    allow_sst: bool,
) -> Result<Vec<Step>, RenderError> {
    let between = Basis { inventory: &crossing.inventory, ..*basis };
    let mut steps = roles::take_both(&between, standing);
    let concerned: Vec<_> = leaving.iter().filter_map(|it| crossing.member(it)).collect();
    let concerned: Vec<_> = concerned.iter().collect();
    steps
        .extend(change(&between, &concerned, standing, allow_sst)?.into_iter().map(|it| it.in_round("both")));
    switching(&mut steps);
    Ok(steps)
}

/// These joins happen while nodes take clear text and TLS.
fn switching(steps: &mut [Step]) {
    for step in steps {
        if let Action::Server(ServerAction::Join { switching, .. }) = &mut step.action {
            *switching = true;
        }
    }
}

/// The members by what their change takes.
struct Work<'m, 'a> {
    restarting: Vec<&'m Member<'a>>,
    running: Vec<(&'m Member<'a>, Vec<Setting>)>,
    staying: Vec<&'m Member<'a>>,
}

impl<'m, 'a> Work<'m, 'a> {
    fn of(basis: &Basis<'_>, standing: &'m [Member<'a>], choice: ConfigChoice) -> Result<Self, RenderError> {
        let (mut restarting, mut running, mut staying) = (Vec::new(), Vec::new(), Vec::new());
        for member in standing {
            if is_ours(basis, member.node, member.facts)? && speaks_as_wanted(basis, member)? {
                staying.push(member);
                continue;
            }
            match without_restart::settings(basis, member)?.filter(|_| !choice.restart) {
                Some(settings) => running.push((member, settings)),
                None => restarting.push(member),
            }
        }
        Ok(Self { restarting: rolling::order(basis, restarting), running, staying })
    }

    fn changing(&self) -> impl Iterator<Item = &'m Member<'a>> {
        self.running.iter().map(|(member, _)| *member).chain(self.restarting.iter().copied())
    }

    fn refusals(&self, basis: &Basis<'_>, standing: &[Member<'_>], choice: ConfigChoice) -> Vec<Finding> {
        let mut refusals = Vec::new();
        if self.changing().next().is_some() {
            refusals.extend(standing.iter().filter_map(rolling::not_synced));
        }
        if !self.restarting.is_empty() {
            let restarting = self.restarting.iter();
            refusals.extend(restarting.filter_map(|it| guards::disk_for_cache((it.node, it.facts))));
            let overruled =
                |it: &&Member<'_>| Some(tls::judge::overruled(basis.inventory, it.facts)?.on(&it.node.name));
            refusals.extend(self.restarting.iter().filter_map(overruled));
            refusals.extend(rolling::alone(basis));
            if !choice.allow_sst {
                refusals.extend(rolling::full_transfers(&self.restarting, standing));
            }
        }
        refusals
    }

    fn consequences(&self, standing: &[Member<'_>]) -> Vec<String> {
        let mut said: Vec<String> = self.running.iter().filter_map(|(it, set)| old_values(it, set)).collect();
        if !self.restarting.is_empty() {
            let names: Vec<_> = self.restarting.iter().map(|member| member.node.name.to_string()).collect();
            said.push(format!(
                "each changed node restarts, one after the other: {}; clients of that node must reconnect",
                names.join(", ")
            ));
            said.extend(rolling::forecasts(&self.restarting, standing));
        }
        said
    }
}

/// What connections that are open go on with.
fn old_values(member: &Member<'_>, settings: &[Setting]) -> Option<String> {
    let names: Vec<&str> = without_restart::per_session(member, settings).map(String::as_str).collect();
    let node = &member.node.name;
    (!names.is_empty())
        .then(|| format!("{node}: connections that are open keep their value of {}", names.join(", ")))
}

/// First the server, then the file.
fn set(basis: &Basis<'_>, running: &[(&Member<'_>, Vec<Setting>)]) -> Result<Vec<Step>, RenderError> {
    let mut steps = Vec::new();
    for (member, settings) in running {
        steps.push(without_restart::step(member, settings.clone()));
        steps.extend(preparation::config_step(basis, member.node, member.facts)?);
    }
    Ok(steps)
}

/// Members that clients write to leave last.
fn change(
    basis: &Basis<'_>,
    changing: &[&Member<'_>],
    standing: &[Member<'_>],
    allow_sst: bool,
) -> Result<Vec<Step>, RenderError> {
    let mut steps = Vec::new();
    for (place, member) in changing.iter().enumerate() {
        steps.extend(preparation::disarm_step(member.node, member.facts));
        let later = changing[place + 1..].iter().map(|member| &member.node.name);
        steps.extend(endpoint::drain(basis, &member.node.name, &ending::all(basis), later));
        let why = "its configuration is read only at its start";
        steps.push(rolling::leave(basis, member.node, why, !allow_sst));
        steps.extend(preparation::config_step(basis, member.node, member.facts)?);
        steps.extend(rolling::come_back(basis, member, standing));
    }
    Ok(steps)
}

/// A configuration that a server refuses must be found out before a node has left for it.
fn try_step(basis: &Basis<'_>, member: &Member<'_>) -> Result<Step, RenderError> {
    let Member { node, facts, .. } = member;
    let file = wanted_config(basis, node, facts)?.put(basis.inventory, node, facts.config.as_ref());
    Ok(Step::new(
        *node,
        HostAction::TryFile(file),
        "no node leaves the cluster for a file that its server refuses",
    ))
}
