//! The command line: a public interface, with `--json` for scripts, in Chinese and English.
//!
//! Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use shared::model::{
    Timestamp,
    plain::{plain, plain_json},
};

use crate::{
    Config,
    admin::{Answer, Request, channel, round_file},
    limits::{Limits, Rate},
    serve::ServeError,
    store::SqliteStore,
    words::Lang,
};

/// Xunji's sync server (巡迹同步服务).
#[derive(Debug, Parser)]
#[command(name = "xunji-server", version)]
pub struct Cli {
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    /// The language of what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Data {
    /// The server's folder.
    #[arg(long, env = "XUNJI_DATA", default_value = "xunji-data")]
    data: PathBuf,
}

/// Limits that depend on the place: how long laptops are away, how large the disk is.
#[derive(Debug, Args)]
struct Quotas {
    /// The most MiB of text and requests that one device may bring in a day.
    #[arg(long, value_name = "MIB", env = "XUNJI_DEVICE_TEXT", default_value_t = 512)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024 * 1024))]
    device_text: u32,
    /// The most GiB of evidence files that one device may bring in a day.
    #[arg(long, value_name = "GIB", env = "XUNJI_DEVICE_FILES", default_value_t = 16)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    device_files: u32,
    /// How many MiB of the disk files leave free: text goes first.
    #[arg(long, value_name = "MIB", env = "XUNJI_KEEP_FREE", default_value_t = 256)]
    keep_free: u32,
}

impl Quotas {
    fn limits(&self) -> Limits {
        Limits {
            journal: Rate::a_day(self.device_text * 1024),
            files: Rate::a_day(self.device_files * 1024 * 1024),
            reserve: u64::from(self.keep_free) * 1024 * 1024,
            ..Limits::default()
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve {
        #[command(flatten)]
        data: Data,
        /// Where to listen.
        #[arg(long, env = "XUNJI_LISTEN", default_value = "0.0.0.0:8443")]
        listen: SocketAddr,
        /// What laptops call this server, such as https://192.168.8.2:8443.
        #[arg(long, env = "XUNJI_URL")]
        url: Option<String>,
        /// The most pages of 4 KiB that the journal's file may have.
        #[arg(long, env = "XUNJI_MAX_PAGES")]
        max_pages: Option<u32>,
        #[command(flatten)]
        quotas: Quotas,
    },
    /// What an administrator does.
    #[command(subcommand)]
    Admin(Admin),
    /// Copy everything but evidence files into a new file. It holds the server's keys.
    Backup {
        #[command(flatten)]
        data: Data,
        /// The new file.
        file: PathBuf,
    },
    /// Ask the running server whether it is well.
    Healthcheck {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Check a round file and show what it would change.
    Check {
        #[command(flatten)]
        data: Data,
        /// The round file, TOML or workbook.
        file: PathBuf,
    },
    /// Make the round as its file says.
    Apply {
        #[command(flatten)]
        data: Data,
        /// The round file, TOML or workbook.
        file: PathBuf,
        /// Set the clock of a training round: 2026-05-06T09:00:00+08:00.
        #[arg(long, value_parser = moment)]
        clock: Option<Timestamp>,
    },
    /// Write a round file to fill in, with the rule pack and the calendar beside it.
    Template {
        /// The new file: .xlsx for a workbook, .toml for a text.
        file: PathBuf,
    },
    /// Make a one-time code by which a person enrols a laptop.
    Invite {
        #[command(flatten)]
        data: Data,
        /// The person's code in the round file.
        person: String,
    },
    /// Enrol a laptop that has no network, by its request file.
    Enrol {
        #[command(flatten)]
        data: Data,
        /// The request file.
        file: PathBuf,
        /// Whose laptop it is; what the file says if not given.
        #[arg(long)]
        person: Option<String>,
        /// Where to write the acceptance; beside the request if not given.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Revoke a device.
    Revoke {
        #[command(flatten)]
        data: Data,
        /// Its id, or the first digits of it.
        device: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// The clock.
    #[command(subcommand)]
    Clock(Clock),
    /// End recovery without waiting for the silent devices.
    EndRecovery {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Subcommand)]
enum Clock {
    /// Move the clock of a training round.
    Set {
        #[command(flatten)]
        data: Data,
        /// To this moment: 2026-05-06T09:00:00+08:00.
        #[arg(value_parser = moment)]
        to: Timestamp,
    },
    /// Go on after the clock jumped.
    Confirm {
        #[command(flatten)]
        data: Data,
    },
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let at: jiff::Timestamp = text.parse().map_err(|e: jiff::Error| e.to_string())?;
    Ok(Timestamp(at.as_millisecond()))
}

const FAILED: u8 = 1;
const REFUSED: u8 = 3;

/// Reads the arguments of this process and does what they say.
pub fn run() -> ExitCode {
    run_as(Cli::parse())
}

/// Does what these arguments say.
pub fn run_as(cli: Cli) -> ExitCode {
    let (lang, json) = (cli.lang, cli.json);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string(), json),
    };
    match runtime.block_on(carry_out(cli)) {
        Ok(code) => code,
        Err(error) => {
            let why = error.downcast_ref::<ServeError>().map(|known| lang.failure(known));
            failed(&why.unwrap_or_else(|| format!("{error:#}")), json)
        }
    }
}

async fn carry_out(cli: Cli) -> anyhow::Result<ExitCode> {
    let (lang, json) = (cli.lang, cli.json);
    crate::serve::bear_the_bound_on_files()?;
    let (data, request, out) = match cli.command {
        Command::Serve { data, listen, url, max_pages, quotas } => {
            log(json);
            let mut config = Config::new(data.data, listen)?;
            config.url = url;
            config.store.max_pages = max_pages;
            config.limits = quotas.limits();
            crate::serve(config).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Healthcheck { data } => {
            let asked = channel::ask_running(&data.data, Request::Health).await;
            let answer = asked
                .map_err(|source| ServeError::NoAnswer { folder: data.data.clone(), source })?;
            return Ok(show(&answer, lang, json));
        }
        Command::Backup { data, file } => {
            let file = std::path::absolute(file)?;
            (data, Request::Backup { file }, None)
        }
        Command::Admin(admin) => match request_of(admin, lang, json)? {
            Ok(asked) => asked,
            Err(code) => return Ok(code),
        },
    };
    if let Request::Apply { plan, .. } = &request
        && !json
    {
        // What will be signed is shown before it is.
        if !SqliteStore::is_in(&data.data) {
            print(&lang.new_folder(&data.data));
        }
        let compare = Request::Compare { plan: plan.clone() };
        show(&channel::ask(&data.data, compare).await?, lang, json);
        let answer = channel::ask(&data.data, request).await?;
        if let Answer::Changes { changes, .. } = &answer {
            print(&lang.applied(changes.len()));
            return Ok(ExitCode::SUCCESS);
        }
        return Ok(show(&answer, lang, json));
    }
    let answer = channel::ask(&data.data, request).await?;
    if let (Answer::Enrolled { grant, .. }, Some(out)) = (&answer, &out) {
        std::fs::write(out, serde_json::to_vec_pretty(grant)?)?;
    }
    Ok(show(&answer, lang, json))
}

type Asked = (Data, Request, Option<PathBuf>);

fn request_of(admin: Admin, lang: Lang, json: bool) -> anyhow::Result<Result<Asked, ExitCode>> {
    let asked = match admin {
        Admin::Check { data, file } => match plan(&file, lang, json) {
            Ok(plan) => (data, Request::Compare { plan }, None),
            Err(code) => return Ok(Err(code)),
        },
        Admin::Apply { data, file, clock } => match plan(&file, lang, json) {
            Ok(plan) => (data, Request::Apply { plan, clock }, None),
            Err(code) => return Ok(Err(code)),
        },
        Admin::Template { file } => {
            for made in round_file::write_template(&file)? {
                print(&made.display().to_string());
            }
            return Ok(Err(ExitCode::SUCCESS));
        }
        Admin::Invite { data, person } => (data, Request::Invite { person }, None),
        Admin::Enrol { data, file, person, out } => {
            let request = serde_json::from_slice(&std::fs::read(&file)?)?;
            let out = out.unwrap_or_else(|| file.with_extension("accept.json"));
            (data, Request::Enrol { request, person }, Some(out))
        }
        Admin::Revoke { data, device, reason } => (data, Request::Revoke { device, reason }, None),
        Admin::Clock(Clock::Set { data, to }) => (data, Request::SetClock { to }, None),
        Admin::Clock(Clock::Confirm { data }) => (data, Request::ConfirmClock, None),
        Admin::EndRecovery { data } => (data, Request::EndRecovery, None),
    };
    Ok(Ok(asked))
}

/// Reads a round file, or prints every problem with it.
fn plan(file: &Path, lang: Lang, json: bool) -> Result<Box<round_file::RoundPlan>, ExitCode> {
    round_file::check_path(file).map(Box::new).map_err(|problems| {
        let shown: Vec<_> = problems.iter().map(round_file::Problem::shown).collect();
        if json {
            print(&serde_json::json!({ "answer": "problems", "problems": shown }).to_string());
        } else {
            for problem in &problems {
                print(&match lang {
                    Lang::Zh => problem.line_zh(),
                    Lang::En => problem.line_en(),
                });
            }
        }
        ExitCode::from(FAILED)
    })
}

fn log(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("XUNJI_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // A log that cannot be written, on a full disk, must not end what writes it.
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    // A log that was set up before is as good.
    let _ = if json { log.json().try_init() } else { log.try_init() };
}

fn show(answer: &Answer, lang: Lang, json: bool) -> ExitCode {
    if json {
        match serde_json::to_string(answer) {
            Ok(text) => print(&plain_json(&text)),
            Err(error) => return failed(&error.to_string(), json),
        }
    } else {
        for line in lang.answer(answer) {
            // What laptops call themselves is their holders' text.
            print(&plain(&line));
        }
    }
    match answer {
        Answer::Refused { .. } => ExitCode::from(REFUSED),
        _ => ExitCode::SUCCESS,
    }
}

fn failed(why: &str, json: bool) -> ExitCode {
    let text = match json {
        true => serde_json::json!({ "answer": "failed", "why": why }).to_string(),
        false => plain(why).into_owned(),
    };
    // Nothing is left to do if the terminal is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(FAILED)
}

fn print(line: &str) {
    // Nothing is left to do if the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}
