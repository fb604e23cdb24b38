//! A status with its short past → the lines of a terminal of any size. Pure.

mod columns;
mod frame;
mod history;
mod line;

pub use columns::{Column, Row, Table};
pub use frame::{Frame, View, frame};
pub use history::Histories;
pub use line::{Line, Tone};
