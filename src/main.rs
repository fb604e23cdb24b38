//! The `galactl` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    galactl::cli::run(std::env::args_os())
}
