//! What is seen at a glance: one set of panels, as a dashboard for Grafana and as a page that needs only Prometheus.

mod cluster;
mod console;
mod grafana;
mod node;
mod panel;
mod proxy;
mod view;

pub use console::console;
pub use grafana::grafana;
pub use panel::{CHOSEN, WINDOW};
pub use view::{LineView, PageView, PanelView, pages};
