//! A change of a table: what the server makes of it, what it will cost, and which way it takes.

mod answer;
mod change;
mod definition;
mod forecast;
mod judge;
pub mod script;
mod table;
mod way;

pub use answer::{Asked, Reading, Sample, Study, TableSeen, Try};
pub use change::Change;
pub use definition::Definition;
pub use forecast::{Forecast, Sureness, forecast, seconds};
pub use judge::{algorithm, same_definition, unfit};
pub use table::Table;
pub use way::{Algorithm, Way};
