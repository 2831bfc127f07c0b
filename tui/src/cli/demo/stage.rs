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

/// How long the server may take to answer after its start.
const START: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

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

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check { what, expected, got } => {
                write!(f, "{what}\n  应为：{expected}\n  实为：{got}")
            }
            Self::Io(e) => write!(f, "系统错误：{e}"),
            Self::Interrupted => f.write_str("已中断"),
        }
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
}

impl Stage {
    /// Makes a folder for it.
    pub(super) fn new(verbose: bool) -> io::Result<Self> {
        let root = fresh_folder()?;
        std::fs::write(root.join("passphrase"), "演练 口令 2026\n")?;
        Ok(Self {
            root,
            program: std::env::current_exe()?,
            verbose,
            address: Cell::new(free_address()?),
            server: RefCell::new(None),
            checks: Cell::new(0),
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
    pub(super) fn story(&self, title: &str) {
        shown::line(&format!("\n{title}"));
    }

    /// Says that a step is done and checked.
    pub(super) fn done(&self, what: &str) {
        self.checks.set(self.checks.get() + 1);
        shown::line(&format!("  ✓ {what}"));
    }

    /// Checks that two things are equal.
    pub(super) fn same<T: PartialEq + fmt::Debug>(
        &self,
        what: &str,
        got: T,
        expected: T,
    ) -> Result<(), Broken> {
        self.holds(what, got == expected, &format!("{expected:?}"), &format!("{got:?}"))
    }

    /// Checks that something holds.
    pub(super) fn holds(
        &self,
        what: &str,
        holds: bool,
        expected: &str,
        got: &dyn fmt::Display,
    ) -> Result<(), Broken> {
        if holds {
            self.done(what);
            return Ok(());
        }
        let (expected, got) = (expected.to_owned(), got.to_string());
        Err(Broken::Check { what: what.to_owned(), expected, got })
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
                return Err(Broken::Check {
                    what: "服务器启动".into(),
                    expected: "应答".into(),
                    got,
                });
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
        what: &str,
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
        if let Err(e) = std::fs::remove_dir_all(&self.root) {
            let _ = writeln!(io::stderr(), "{}: {e}", self.root.display());
        }
    }
}

/// Makes a folder that nobody else can enter.
fn fresh_folder() -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = format!("xunji-demo-{}", data_encoding::HEXLOWER.encode(&random));
    let root = std::env::temp_dir().join(name);
    std::fs::create_dir(&root)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(root)
}

/// Finds a port that is free now.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
