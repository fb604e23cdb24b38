//! A change of a table: what the server makes of it, what it will cost, and the ways.

mod answer;
mod change;
mod definition;
mod forecast;
pub mod pt_osc;
pub mod script;
mod shape;
mod table;
mod way;

pub use answer::{Asked, Reading, Sample, Study, TableSeen, Try};
pub use change::Change;
pub use definition::Definition;
pub use forecast::{Forecast, Sureness, forecast, seconds};
pub use shape::Shape;
pub use table::Table;
pub use way::{Algorithm, Way};
