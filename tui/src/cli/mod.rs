//! The command line: everything the screens do, without them, with `--json` for scripts.
//!
//! One shape for every answer (`shown::Shown`) and one for every failure
//! (`failure::Failure`). Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a rule, with
//! the refusal's code. The JSON shapes are described in `docs/CLI.md`.
//!
//! # Invariants
//! - Before a legal step is asked for, it is tried on the laptop's own preview; what would be
//!   refused now is not asked for, unless `--anyway`.
//! - Nothing here reads a document but through [`crate::laptop::FieldNode`].
mod anew;
mod ask;
mod board;
mod bundle;
mod comment;
mod consultation;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod enrol;
mod evidence;
mod failure;
mod field;
mod files;
mod finding;
mod handover;
mod help;
mod history;
mod interview;
mod join;
mod key;
mod measure;
mod names;
mod notice;
mod passphrase;
mod roles;
mod say;
mod search;
mod session;
mod show;
mod shown;
mod status;
mod sync;
mod workpaper;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory, Parser, Subcommand};

pub use roles::SANDBOX;

use failure::Failure;
use say::{Lang, Say};
use session::Session;
use shown::Shown;

use crate::runtime::Ended;

/// Xunji (巡迹): inspection work, offline first.
#[derive(Debug, Parser)]
#[command(name = "xunji", version)]
struct Cli {
    #[command(flatten)]
    global: Global,
    /// What to do; without it, the interface opens.
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
struct Global {
    /// The laptop's folder.
    #[arg(long, global = true, env = "XUNJI_HOME")]
    home: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    /// The language of what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
    /// The space it is about, by title, code or id; needed only where several fit.
    #[arg(long = "in", global = true, value_name = "SPACE")]
    space: Option<String>,
    /// Ask the server although this laptop sees that it would refuse now.
    #[arg(long, global = true)]
    anyway: bool,
    /// Synchronise at once, and print the server's answer.
    #[arg(long, global = true)]
    sync: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make this folder a device of the round.
    Enrol(enrol::Enrol),
    /// What waits for you, and what the server does not have yet.
    Status,
    /// Send what has no verdict and take what is new.
    Sync(sync::Sync),
    /// Check that everything kept here is whole.
    Verify,
    /// Look for what could go wrong on this machine.
    Doctor(doctor::Doctor),
    /// The passphrase, the recovery key, and a vault that does not hold.
    #[command(subcommand)]
    Key(key::Verb),
    /// Hand this laptop over: once all is decided and the device revoked, wipe it.
    Handover,
    /// Talks.
    #[command(subcommand)]
    Interview(interview::Verb),
    /// One-matter files.
    #[command(subcommand)]
    Workpaper(workpaper::Verb),
    /// Findings.
    #[command(subcommand)]
    Finding(finding::Verb),
    /// The evidence index.
    #[command(subcommand)]
    Evidence(evidence::Verb),
    /// Cross-group consultations.
    #[command(subcommand)]
    Consultation(consultation::Verb),
    /// Orders to put a matter right at once.
    #[command(subcommand)]
    Notice(notice::Verb),
    /// What a unit does about a notice, and the check of it.
    #[command(subcommand)]
    Measure(measure::Verb),
    /// Comment on what was put before the office.
    Comment(comment::Comment),
    /// Search everything held here.
    Search(search::Search),
    /// What happened to a record.
    History(history::History),
    /// The office's view of the round.
    Board,
    /// Carry entries and envelopes by hand.
    #[command(subcommand)]
    Bundle(bundle::Verb),
    /// Write a record out.
    Export(show::Export),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Play the main job on this machine, with invented data.
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
}

/// Runs the program: its hidden roles first, then the command line.
pub fn main() -> ExitCode {
    run(&std::env::args_os().collect::<Vec<OsString>>())
}

/// Runs the program with these arguments, the first of which is its name.
pub fn run(args: &[OsString]) -> ExitCode {
    if let Some(code) = roles::play(args) {
        return code;
    }
    // Both TLS stacks use the one provider; a second installation is refused and harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return help::print(&error, args),
    };
    let global = cli.global.clone();
    let say = Say::new(global.lang);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(error).print(&say, global.json),
    };
    let done = runtime.block_on(Box::pin(carry_out(cli)));
    match done {
        Ok(shown) => shown.print(global.json),
        Err(failure) => failure.print(&say, global.json),
    }
}

async fn carry_out(cli: Cli) -> Result<Shown, Failure> {
    let global = cli.global;
    let Some(command) = cli.command else {
        return interface(&global).await;
    };
    match command {
        Command::Enrol(enrol) => enrol.run(&global).await,
        Command::Doctor(doctor) => doctor.run(&global).await,
        Command::Key(verb) => Box::pin(verb.run(&global)).await,
        Command::Handover => handover::handover(Session::open(&global).await?).await,
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "xunji", &mut text);
            Ok(Shown::text(&String::from_utf8_lossy(&text)))
        }
        #[cfg(feature = "demo")]
        Command::Demo(demo) => demo.run(&global).await,
        command => {
            let mut session = Session::open(&global).await?;
            let done = unlocked(&mut session, command).await;
            let closed = session.close().await;
            let shown = done?;
            closed.map(|()| shown)
        }
    }
}

/// Opens the interface in this terminal until its user leaves.
async fn interface(global: &Global) -> Result<Shown, Failure> {
    let home = global.home.as_deref().ok_or(Failure::NoHome)?;
    let language = global.lang.language();
    let program = std::env::current_exe()?;
    let trials = sandbox::PoolConfig::new(program, vec![roles::SANDBOX.into()], 1);
    if crate::runtime::run(home, language, &trials).await? == Ended::Locked {
        anew::anew()?;
    }
    Ok(Shown::default())
}

async fn unlocked(s: &mut Session, command: Command) -> Result<Shown, Failure> {
    match command {
        Command::Status => status::status(s).await,
        Command::Sync(sync) => sync.run(s).await,
        Command::Verify => status::verify(s).await,
        Command::Interview(verb) => Box::pin(verb.run(s)).await,
        Command::Workpaper(verb) => Box::pin(verb.run(s)).await,
        Command::Finding(verb) => Box::pin(verb.run(s)).await,
        Command::Evidence(verb) => Box::pin(verb.run(s)).await,
        Command::Consultation(verb) => Box::pin(verb.run(s)).await,
        Command::Notice(verb) => Box::pin(verb.run(s)).await,
        Command::Measure(verb) => Box::pin(verb.run(s)).await,
        Command::Comment(comment) => Box::pin(comment.run(s)).await,
        Command::Search(search) => Box::pin(search.run(s)).await,
        Command::History(history) => Box::pin(history.run(s)).await,
        Command::Board => Box::pin(board::board(s)).await,
        Command::Bundle(verb) => Box::pin(verb.run(s)).await,
        Command::Export(export) => Box::pin(export.run(s)).await,
        // Done without unlocking anything.
        _ => Ok(Shown::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    /// Every command that can be given, by its words after the program's name.
    fn paths(command: &clap::Command, above: &str) -> Vec<String> {
        let mut all = Vec::new();
        for sub in command.get_subcommands().filter(|s| s.get_name() != "help") {
            let path = format!("{above}{}", sub.get_name());
            match sub.has_subcommands() {
                true => all.extend(paths(sub, &format!("{path} "))),
                false => all.push(path),
            }
        }
        all
    }

    #[test]
    fn the_description_lists_every_command() {
        let described = include_str!("../../../docs/CLI.md");
        let listed = |path: &String| {
            ["`", " "].iter().any(|end| described.contains(&format!("| `{path}{end}")))
        };
        let all = paths(&Cli::command(), "");
        assert!(all.len() > 60, "{all:?}");
        let missing: Vec<&String> = all.iter().filter(|path| !listed(path)).collect();
        assert!(missing.is_empty(), "docs/CLI.md lacks {missing:?}");
        let rows = described.lines().filter_map(|line| line.strip_prefix("| `xunji"));
        assert_eq!(rows.count(), 0, "commands are listed without the program's name");
    }
}
