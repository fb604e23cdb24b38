//! How a load test is shown: its progress, its report as text, and as one HTML file.

mod bar;
mod html;
mod plot;
mod text;

pub use bar::Bar;
pub use html::html;
pub use text::text;
