//! `xunji demo`: a server, the laptops of two groups, of the office and of a unit, on one
//! machine, in a training round with invented data.
//!
//! The script plays the main job by the public command line only: every step is a process of
//! this same program with a home of its own. A check that does not hold ends it with a
//! non-zero exit. This is the only place that knows the server's library.
mod files;
mod live;
mod scene;
mod stage;
mod us1;
mod us2;
mod us3;
mod us4;
mod us5;
mod us6;
mod us7;

use std::{ffi::OsString, io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{Args, Parser};
use serde_json::json;

use super::{
    Global,
    failure::Failure,
    shown::{self, Shown},
};
use crate::words::t;
use stage::{Broken, Stage};

/// The argument by which the demo starts its server: the whole command line of the server
/// follows.
const SERVER: &str = "__server";

/// Plays a hidden role of the server.
pub(super) fn role(role: &str, args: &[OsString]) -> Option<ExitCode> {
    if role == sync_server::SANDBOX_ARG {
        sync_server::sandbox_child();
    }
    (role == SERVER).then(|| {
        let rest = args.iter().skip(2).cloned();
        let args = [OsString::from("xunji-server")].into_iter().chain(rest);
        sync_server::cli::run_as(sync_server::cli::Cli::parse_from(args))
    })
}

/// Plays the main job on this machine, with invented data.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Play it all without a terminal, checking every step.
    #[arg(long)]
    script: bool,
    /// Print every command that is run.
    #[arg(long, short)]
    verbose: bool,
    /// Only these stories: US-1, US-2 and so on. What they build on is played with them.
    #[arg(long, value_name = "STORY", requires = "script")]
    only: Vec<String>,
    /// Use this folder, which must be empty, and leave it there.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self, global: &Global) -> Result<Shown, Failure> {
        let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        if !self.script && !terminal {
            return Err(Failure::NoTerminal);
        }
        let stage = Stage::new(self.verbose, global.lang.language(), self.keep.as_deref())?;
        if !self.script {
            let seen = live::live(&self, global, &stage).await;
            stage.close().await;
            return seen.map(|()| Shown::default());
        }
        let played = tokio::select! {
            played = Box::pin(self.play(&stage)) => played,
            _ = tokio::signal::ctrl_c() => Err(Broken::Interrupted),
        };
        // Whatever happened, no child is left behind and no folder.
        stage.close().await;
        let checks = stage.checks();
        played.map_err(|broken| Failure::Play(broken.said(&stage.words)))?;
        let line = t!(stage.words, "demo-passed", n = checks);
        Ok(Shown::line(json!({ "checks": checks }), line))
    }

    async fn play(&self, stage: &Stage) -> Result<(), Broken> {
        let wanted = |story: &str| {
            self.only.is_empty() || self.only.iter().any(|o| o.eq_ignore_ascii_case(story))
        };
        Box::pin(scene::open(stage)).await?;
        if wanted("US-1") {
            Box::pin(us1::play(stage)).await?;
        }
        let paper = match ["US-2", "US-4", "US-5"].into_iter().any(&wanted) {
            true => Some(Box::pin(us2::play(stage)).await?),
            false => None,
        };
        // 周某's laptop must not meet the server between these two.
        if let Some(paper) = paper.filter(|_| wanted("US-4")) {
            Box::pin(us4::play(stage, &paper)).await?;
        }
        if wanted("US-2") {
            Box::pin(files::play(stage)).await?;
        }
        if wanted("US-3") {
            Box::pin(us3::play(stage)).await?;
        }
        if wanted("US-5") {
            Box::pin(us5::play(stage)).await?;
        }
        if wanted("US-7") {
            Box::pin(us7::play(stage)).await?;
        }
        if wanted("US-6") {
            Box::pin(us6::play(stage)).await?;
        }
        if wanted("US-7") {
            Box::pin(us7::exit(stage)).await?;
        }
        Ok(())
    }
}
