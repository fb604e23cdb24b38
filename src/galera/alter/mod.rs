//! A change of a table: what the server makes of it, what it will cost, and the ways.

mod answer;
mod change;
mod definition;
mod forecast;
mod moved;
mod not_passed_on;
pub mod pt_osc;
mod reading;
mod rsu;
mod sample;
pub mod script;
pub mod server_error;
mod shape;
mod table;
mod values;
mod way;
mod words;

pub use answer::{Asked, Sample, Study, TableSeen, Tmpdir, Try};
pub use change::Change;
pub use definition::{Definition, differs_among_nodes, engine, has_primary_key, lost_in_copy};
pub use forecast::{Forecast, LONGEST_STALL, NO_WAIT, Sureness, forecast, seconds, wants_a_larger_sample};
pub use moved::moved_names;
pub use reading::Reading;
pub use rsu::{done as rsu_done, lines_that_differ, rest as rsu_rest};
pub use sample::Sampling;
pub use shape::Shape;
pub use table::Table;
pub use values::{fills_nulls, takes_local_time};
pub use way::{Algorithm, Way};
