//! Ports of a world's hosts, all open or some of them closed.

use galactl::galera::facts::{NodePort, PortMatrix, PortState, Reach, Way};
use galactl::galera::model::Service;

use super::cluster::name;
use super::world::World;

impl World {
    /// What a probe finds where nothing is in the way.
    pub fn open_ports(&self) -> PortMatrix {
        let seen: Vec<_> = self.observation.seen().map(|(node, _)| node.clone()).collect();
        let mut matrix = PortMatrix::default();
        for (node, service) in seen.iter().flat_map(|node| Service::ALL.map(|service| (node, service))) {
            let (node, port) = (node.clone(), service.usual_port());
            for from in seen.iter().filter(|from| **from != node) {
                let (from, to) = (from.clone(), node.clone());
                matrix.ways.push(Way { from, to, service, port, reach: Reach::Open });
            }
            matrix.of_nodes.push(NodePort { node, service, port, state: PortState::Listening });
        }
        matrix.sorted()
    }
}

/// Words that change a probe's result; nodes are counted from 0.
pub trait Ports {
    fn close(&mut self, from: usize, to: usize, services: &[Service], reach: &Reach);
    fn take(&mut self, node: usize, service: Service, program: &str);
    fn not_tried(&mut self, node: usize, why: &str);
}

impl Ports for PortMatrix {
    fn close(&mut self, from: usize, to: usize, services: &[Service], reach: &Reach) {
        for way in &mut self.ways {
            if way.from == name(from) && way.to == name(to) && services.contains(&way.service) {
                way.reach = reach.clone();
            }
        }
    }

    fn take(&mut self, node: usize, service: Service, program: &str) {
        self.ways.retain(|way| way.to != name(node) || way.service != service);
        for port in self.of_nodes.iter_mut().filter(|port| port.node == name(node) && port.service == service)
        {
            port.state = PortState::InUse(program.into());
        }
    }

    fn not_tried(&mut self, node: usize, why: &str) {
        self.ways.retain(|way| way.to != name(node));
        for port in self.of_nodes.iter_mut().filter(|port| port.node == name(node)) {
            port.state = PortState::NotTried(why.into());
        }
    }
}
