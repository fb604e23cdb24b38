//! `galactl monitoring`

use super::monitoring_render;
use crate::exit::CommandError;

/// What a Prometheus of your own needs in order to watch the cluster
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl monitoring render shop.yaml --out prometheus   files for Prometheus and Alertmanager")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Render(monitoring_render::Args),
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    match &args.what {
        What::Render(args) => monitoring_render::run(args),
    }
}
