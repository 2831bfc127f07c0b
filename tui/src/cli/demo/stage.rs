//! The stage: a folder, a server and the laptops' homes, all of it gone at the end.
use std::{
    cell::{Cell, RefCell},
    fmt,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use super::{SERVER, shown};
use crate::words::{Language, Words, t};

/// How long the server may take to answer after its start.
const START: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);
/// The passphrase of every laptop on the stage; what it guards is invented.
pub(super) const PASSPHRASE: &str = "xunji-2026";

/// Why the play stopped.
#[derive(Debug)]
pub(super) enum Broken {
    /// A check did not hold.
    Check {
        /// What was checked.
        what: String,
        /// What was to be.
        expected: String,
        /// What was.
        got: String,
    },
    /// The system refuses something.
    Io(io::Error),
    /// Somebody stopped it.
    Interrupted,
}

impl Broken {
    /// Says that something that was to come did not.
    pub(super) fn missing(who: &str, what: &str) -> Self {
        Self::Check { what: who.to_owned(), expected: what.to_owned(), got: "-".to_owned() }
    }

    /// Says why, in words.
    pub(super) fn said(&self, words: &Words) -> String {
        let why = match self {
            Self::Check { what, expected, got } => {
                let expected = t!(words, "demo-expected", it = expected.clone());
                let got = t!(words, "demo-got", it = got.clone());
                format!("{what}\n  {expected}\n  {got}")
            }
            Self::Io(e) => t!(words, "fail-io", why = e.to_string()),
            Self::Interrupted => t!(words, "demo-interrupted"),
        };
        format!("✗ {why}")
    }
}

impl From<io::Error> for Broken {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// What a command came to.
#[derive(Debug)]
pub(super) struct Ran {
    /// Its exit code; 255 when it was killed.
    pub(super) code: i32,
    /// What it printed, as JSON.
    pub(super) out: Value,
    /// What it printed to standard error, as JSON where it is.
    pub(super) err: Value,
}

/// The stage.
pub(super) struct Stage {
    root: PathBuf,
    program: PathBuf,
    verbose: bool,
    address: Cell<SocketAddr>,
    server: RefCell<Option<Child>>,
    checks: Cell<usize>,
    keep: bool,
    /// The words of the play.
    pub(super) words: Words,
}

impl Stage {
    /// Makes a folder for it, or takes one that is to stay.
    pub(super) fn new(verbose: bool, language: Language, keep: Option<&Path>) -> io::Result<Self> {
        let root = match keep {
            Some(dir) => empty_folder(dir)?,
            None => fresh_folder()?,
        };
        std::fs::write(root.join("passphrase"), format!("{PASSPHRASE}\n"))?;
        Ok(Self {
            root,
            program: std::env::current_exe()?,
            verbose,
            address: Cell::new(free_address()?),
            server: RefCell::new(None),
            checks: Cell::new(0),
            keep: keep.is_some(),
            words: Words::new(language),
        })
    }

    /// Returns a path on the stage.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Returns how many checks held.
    pub(super) fn checks(&self) -> usize {
        self.checks.get()
    }

    /// Returns where laptops find the server.
    pub(super) fn url(&self) -> String {
        format!("https://{}", self.address.get())
    }

    /// Heads a story.
    pub(super) fn story(&self, title: String) {
        shown::line(&format!("\n{title}"));
    }

    /// Says that a step is done and checked.
    pub(super) fn done(&self, what: String) {
        self.checks.set(self.checks.get() + 1);
        shown::line(&format!("  ✓ {what}"));
    }

    /// Checks that two things are equal.
    pub(super) fn same<T: PartialEq + fmt::Debug>(
        &self,
        what: String,
        got: T,
        expected: T,
    ) -> Result<(), Broken> {
        self.holds(what, got == expected, &format!("{expected:?}"), &format!("{got:?}"))
    }

    /// Checks that something holds.
    pub(super) fn holds(
        &self,
        what: String,
        holds: bool,
        expected: &str,
        got: &dyn fmt::Display,
    ) -> Result<(), Broken> {
        if holds {
            self.done(what);
            return Ok(());
        }
        let (expected, got) = (expected.to_owned(), got.to_string());
        Err(Broken::Check { what, expected, got })
    }

    /// Starts the server and waits until it answers.
    pub(super) async fn serve(&self) -> Result<(), Broken> {
        let log =
            std::fs::File::options().create(true).append(true).open(self.path("server.log"))?;
        let address = self.address.get().to_string();
        let data = self.path("server");
        let child = Command::new(&self.program)
            .args([SERVER, "serve", "--listen", &address, "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.server.replace(Some(child));
        let begun = Instant::now();
        loop {
            let args = [SERVER, "--json", "healthcheck", "--data"].map(str::to_owned);
            let ran = self.run(args.iter().map(String::as_str), Some(&data), None, None).await?;
            if ran.code == 0 {
                return Ok(());
            }
            if begun.elapsed() > START {
                let log = std::fs::read_to_string(self.path("server.log")).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(5).collect();
                let got = format!("{} {}", ran.err, tail.join(" / "));
                let (what, expected) = (args.join(" "), "0".to_owned());
                return Err(Broken::Check { what, expected, got });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Kills the server as a power cut would.
    pub(super) async fn kill_server(&self) -> Result<(), Broken> {
        let child = self.server.take();
        if let Some(mut child) = child {
            child.kill().await?;
        }
        Ok(())
    }

    /// Has an administrator do something.
    pub(super) async fn admin(&self, args: &[&str]) -> Result<Value, Broken> {
        let data = self.path("server");
        let all = [SERVER, "--json", "admin"].into_iter().chain(args.iter().copied());
        let ran = self.run(all.chain(["--data"]), Some(&data), None, None).await?;
        self.must(&args.join(" "), ran)
    }

    /// Moves the training clock.
    pub(super) async fn clock(&self, to: &str) -> Result<(), Broken> {
        self.admin(&["clock", "set", to]).await.map(drop)
    }

    /// Has a person do something, with what is typed into it.
    pub(super) async fn by_with(
        &self,
        person: &str,
        args: &[&str],
        input: Option<&str>,
    ) -> Result<Ran, Broken> {
        let home = self.path(person);
        let all = args.iter().copied().chain(["--json", "--home"]);
        self.run(all, Some(&home), input, Some(person)).await
    }

    /// Has a person do something that must succeed.
    pub(super) async fn by(&self, person: &str, args: &[&str]) -> Result<Value, Broken> {
        let ran = self.by_with(person, args, None).await?;
        self.must(&format!("{person}: xunji {}", args.join(" ")), ran)
    }

    /// Has a person do something that a rule must refuse with this code.
    pub(super) async fn refused(
        &self,
        person: &str,
        args: &[&str],
        code: &str,
        what: String,
    ) -> Result<(), Broken> {
        let ran = self.by_with(person, args, None).await?;
        let got = format!("{} {}", ran.code, ran.err["error"].as_str().unwrap_or("-"));
        self.same(what, got, format!("3 {code}"))
    }

    /// Returns what a command printed, which must have succeeded.
    pub(super) fn must(&self, what: &str, ran: Ran) -> Result<Value, Broken> {
        if ran.code == 0 {
            return Ok(ran.out);
        }
        let got = format!("{} {} {}", ran.code, ran.out, ran.err);
        Err(Broken::Check { what: what.to_owned(), expected: "0".into(), got })
    }

    async fn run<'a>(
        &self,
        args: impl IntoIterator<Item = &'a str>,
        last: Option<&Path>,
        input: Option<&str>,
        person: Option<&str>,
    ) -> Result<Ran, Broken> {
        let args: Vec<&str> = args.into_iter().collect();
        if let (true, Some(person)) = (self.verbose, person) {
            let typed = args.iter().take_while(|a| **a != "--json");
            shown::line(&format!(
                "    {person} $ xunji {}",
                typed.copied().collect::<Vec<_>>().join(" ")
            ));
        }
        let mut child = Command::new(&self.program)
            .args(&args)
            .args(last)
            .env("XUNJI_PASSPHRASE_FILE", self.path("passphrase"))
            .env_remove("XUNJI_HOME")
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
            stdin.write_all(text.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        let read = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            let last = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or_default();
            serde_json::from_str(last).unwrap_or_else(|_| Value::String(text.trim().to_owned()))
        };
        Ok(Ran {
            code: output.status.code().unwrap_or(255),
            out: read(&output.stdout),
            err: read(&output.stderr),
        })
    }

    /// Starts a command of a person that goes on, with pipes to and from it.
    pub(super) fn start(&self, person: &str, args: &[&str]) -> Result<Child, Broken> {
        Ok(Command::new(&self.program)
            .args(args)
            .arg("--home")
            .arg(self.path(person))
            .env("XUNJI_PASSPHRASE_FILE", self.path("passphrase"))
            .env_remove("XUNJI_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?)
    }

    /// Kills what runs and takes the folder away.
    pub(super) async fn close(&self) {
        // It is being thrown away; what cannot be killed or removed is said by the system.
        let _ = self.kill_server().await;
        if self.keep {
            return;
        }
        if let Err(e) = std::fs::remove_dir_all(&self.root) {
            let _ = writeln!(io::stderr(), "{}: {e}", self.root.display());
        }
    }
}

/// Takes a folder that is not there yet, or has nothing in it.
fn empty_folder(dir: &Path) -> io::Result<PathBuf> {
    std::fs::create_dir_all(dir)?;
    if std::fs::read_dir(dir)?.next().is_some() {
        let why = format!("{}: not empty", dir.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
    }
    private(dir)?;
    dir.canonicalize()
}

/// Makes a folder that nobody else can enter.
fn fresh_folder() -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = format!("xunji-demo-{}", data_encoding::HEXLOWER.encode(&random));
    let root = std::env::temp_dir().join(name);
    std::fs::create_dir(&root)?;
    private(&root)?;
    Ok(root)
}

fn private(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Finds a port that is free now.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
