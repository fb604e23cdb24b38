//! What the programs of monitoring do in a simulated world.

use galactl::galera::monitoring::action::MonitoringAction;
use galactl::galera::monitoring::program::{Service, places};
use galactl::galera::plan::{Action, Step};
use galactl::kernel::facts::{ProgramFacts, Seen};
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::HostAction;

use super::endpoint::{bare_proxy, file};
use super::world::World;

/// The program that is this role in plans.
pub fn service(role: &str) -> Option<Service> {
    Service::ALL.into_iter().find(|service| service.role() == role)
}

impl World {
    /// Hosts without any of the programs that the inventory wants.
    pub fn unwatched(&mut self) {
        self.observation.has_webhook = true;
        for place in places(&self.inventory) {
            let of_role = self.observation.services.entry(place.service.role().to_owned()).or_default();
            of_role.insert(place.member.clone(), Seen::Facts(Box::new(bare_proxy().program)));
        }
    }

    pub fn service_mut(&mut self, service: Service, member: &NodeName) -> &mut ProgramFacts {
        match self.observation.services.get_mut(service.role()).and_then(|it| it.get_mut(member)) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("{} of {member} is not seen", service.role()),
        }
    }

    pub fn act_on_service(&mut self, service: Service, step: &Step) {
        let account = self.has_exporter;
        let anothers = self.inventory.monitoring.as_ref().is_some_and(|it| it.alertmanager.is_some());
        let facts = self.service_mut(service, &step.node);
        match &step.action {
            Action::Host(HostAction::InstallPackages { .. }) => {
                assert_eq!(facts.package, None, "{}", step.id);
                facts.package = Some("0.14.0-3".into());
                facts.unit.file = "enabled".into();
            }
            Action::Host(HostAction::PutFile(put)) => {
                assert!(facts.package.is_some(), "{}", step.id);
                facts.files.extend(file(put).map(|file| (put.artefact.clone(), file)));
            }
            Action::Monitoring(MonitoringAction::Run { .. }) => {
                assert_eq!(facts.files.len(), service.files().len(), "{}: not all files are there", step.id);
                assert!(account || service != Service::MysqldExporter, "{}: it cannot log in", step.id);
                (facts.unit.active, facts.unit.file) = ("active".into(), "enabled".into());
                facts.stale = false;
                if service == Service::MysqldExporter {
                    self.observation.logs_in.insert(step.node.clone());
                }
            }
            Action::Monitoring(MonitoringAction::Retire { .. }) => {
                (facts.unit.active, facts.unit.file) = ("inactive".into(), "disabled".into());
            }
            Action::Monitoring(MonitoringAction::Verify { .. }) => {
                assert!(facts.unit.works(), "{}: there is no Prometheus", step.id);
            }
            Action::Monitoring(MonitoringAction::Silence { .. }) => {
                // That of somebody else is asked by the host of Prometheus.
                let asks = if anothers { Service::Prometheus } else { Service::Alertmanager };
                assert!(service == asks && facts.unit.works(), "{}: there is no Alertmanager", step.id);
            }
            Action::Monitoring(MonitoringAction::CreateAccount) => self.has_exporter = true,
            other => panic!("{}: {other:?}", step.id),
        }
    }
}
