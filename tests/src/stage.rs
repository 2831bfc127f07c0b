//! A folder, a server on it, laptops beside it: processes that can be killed.
use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use shared::{crypto::Passphrase, doc::Edit};
use tempfile::TempDir;

use crate::roles;

/// How long anything may take before the check is given up as hanging.
pub const PATIENCE: Duration = Duration::from_secs(120);

const ROUND: &str = include_str!("../../docs/examples/round-2026R2.toml");
const RULES: &str = include_str!("../../docs/examples/rule-pack-2026.1.toml");
const CALENDAR: &str = include_str!("../../docs/examples/calendar-2026.toml");
/// What every laptop of a stage is unlocked with.
const PASSPHRASE: &str = "演练 口令 2026";
/// Ports below those that systems give to clients: a client that looks for a server that is
/// down must never meet itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; 255 when it was killed.
    pub code: i32,
    /// The last line it printed, as JSON where it is.
    pub out: Value,
    /// The last line it printed to standard error, as JSON where it is.
    pub err: Value,
}

impl Ran {
    /// Returns the code of the error it ended with; empty if it did not say one.
    pub fn error(&self) -> &str {
        self.err["error"].as_str().unwrap_or_default()
    }
}

/// How a process is started, beside its arguments.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// A program and its arguments that start it, such as a tracer.
    pub under: Vec<OsString>,
    /// More of its environment.
    pub env: Vec<(OsString, OsString)>,
}

/// The stage. Its processes and its folder are gone when it is dropped.
pub struct Stage {
    root: TempDir,
    program: PathBuf,
    address: SocketAddr,
    server: Option<Child>,
}

impl Stage {
    /// Makes a folder for a server and laptops that `program` plays. `nth` tells stages apart
    /// that live at the same time.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(program: &Path, nth: u16) -> Result<Self> {
        let root = tempfile::tempdir()?;
        fs::write(root.path().join("passphrase"), PASSPHRASE)?;
        let address = free_address(nth)?;
        Ok(Self { root, program: program.to_owned(), address, server: None })
    }

    /// Returns a path on the stage.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Returns what every laptop is unlocked with.
    pub fn passphrase(&self) -> Passphrase {
        PASSPHRASE.into()
    }

    /// Returns where the server keeps everything.
    pub fn data(&self) -> PathBuf {
        self.path("server")
    }

    /// Applies the example round, in whose files `change` may put other words, and starts
    /// the server.
    ///
    /// # Errors
    /// What the system or the server says.
    pub fn open(&mut self, change: impl Fn(&str) -> String) -> Result<()> {
        fs::write(self.path("round.toml"), change(ROUND))?;
        fs::write(self.path("rule-pack-2026.1.toml"), change(RULES))?;
        fs::write(self.path("calendar-2026.toml"), change(CALENDAR))?;
        let round = self.path("round.toml");
        self.admin(&["apply", &round.to_string_lossy()])?;
        self.serve(&How::default())?;
        Ok(())
    }

    /// Starts the server and waits until it answers. Returns how long that took.
    ///
    /// # Errors
    /// When it does not start.
    pub fn serve(&mut self, how: &How) -> Result<Duration> {
        let begun = Instant::now();
        let address = self.address.to_string();
        let mut child = self
            .command(how, roles::SERVER)
            .args(["serve", "--json", "--listen", &address, "--data"])
            .arg(self.data())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = child.stderr.take().context("a pipe")?;
        self.server = Some(child);
        let (tell, heard) = channel();
        // It is read to its end, so that the pipe never fills.
        std::thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let mut said = Vec::new();
        loop {
            let Ok(line) = heard.recv_timeout(PATIENCE) else {
                bail!("the server does not start: {}", said.join(" / "));
            };
            let value: Value = serde_json::from_str(&line).unwrap_or_default();
            if value["fields"]["message"] == "listening" {
                return Ok(begun.elapsed());
            }
            said.push(line);
        }
    }

    /// Kills the server as a power cut would, and waits until it is gone.
    ///
    /// # Errors
    /// When none runs.
    pub fn kill_server(&mut self) -> Result<()> {
        let mut child = self.server.take().context("a server runs")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Gives the server's process out, for whoever ends it otherwise.
    ///
    /// # Errors
    /// When none runs.
    pub fn take_server(&mut self) -> Result<Child> {
        self.server.take().context("a server runs")
    }

    /// Has an administrator do something that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub fn admin(&self, args: &[&str]) -> Result<Value> {
        let mut command = self.command(&How::default(), roles::SERVER);
        command.args(["--json", "admin"]).args(args).arg("--data").arg(self.data());
        let ran = finish(command)?;
        ensure!(ran.code == 0, "xunji-server admin {args:?}: {ran:?}");
        Ok(ran.out)
    }

    /// Runs a command of `xunji` on a laptop's home.
    ///
    /// # Errors
    /// What the system says.
    pub fn run(&self, home: &str, args: &[&str], how: &How) -> Result<Ran> {
        let mut command = self.laptop(home, how);
        command.args(args).arg("--json");
        finish(command)
    }

    /// Runs a command of `xunji` that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub fn xunji(&self, home: &str, args: &[&str]) -> Result<Value> {
        let ran = self.run(home, args, &How::default())?;
        ensure!(ran.code == 0, "{home}: xunji {args:?}: {ran:?}");
        Ok(ran.out)
    }

    /// Enrols a person's laptop, whose home has the person's code for a name, and
    /// synchronises it.
    ///
    /// # Errors
    /// When it cannot be done.
    pub fn enrol(&self, person: &str) -> Result<()> {
        let code = self.invite(person)?;
        self.xunji(person, &["enrol", "--server", &self.url(), "--code", &code])?;
        self.xunji(person, &["sync"]).map(drop)
    }

    /// Returns a one-time code for a person.
    ///
    /// # Errors
    /// When the server does not give one.
    pub fn invite(&self, person: &str) -> Result<String> {
        Ok(text(&self.admin(&["invite", person])?["code"]))
    }

    /// Returns where laptops find the server.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Starts `xunji interview join`: edits in, events out.
    ///
    /// # Errors
    /// When it does not start.
    pub fn join(&self, home: &str, record: &str, how: &How) -> Result<Joined> {
        let mut child = self
            .laptop(home, how)
            .args(["interview", "join", record, "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let typed = child.stdin.take().context("a pipe")?;
        let out = child.stdout.take().context("a pipe")?;
        let (tell, events) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            }
        });
        let mut joined = Joined { child, typed: Some(typed), events };
        joined.until("joined")?;
        Ok(joined)
    }

    fn laptop(&self, home: &str, how: &How) -> Command {
        let mut command = self.command(how, roles::LAPTOP);
        command
            .arg("--home")
            .arg(self.path(home))
            .env("XUNJI_PASSPHRASE_FILE", self.path("passphrase"))
            .env_remove("XUNJI_HOME");
        // What a test gives counts last.
        command.envs(how.env.iter().map(|(k, v)| (k, v)));
        command
    }

    fn command(&self, how: &How, role: &str) -> Command {
        let words: Vec<&OsStr> = how
            .under
            .iter()
            .map(OsString::as_os_str)
            .chain([self.program.as_os_str(), OsStr::new(role)])
            .collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.server.is_some() {
            // It is thrown away; nobody is left who could be told.
            let _ = self.kill_server();
        }
    }
}

/// A laptop on which somebody writes.
pub struct Joined {
    child: Child,
    typed: Option<ChildStdin>,
    events: Receiver<Value>,
}

impl Joined {
    /// Types one edit. What a process that is gone does not read is lost like a key pressed
    /// on a dead laptop.
    pub fn edit(&mut self, edit: &Edit) {
        self.line(&json!({ "do": "edit", "edits": [edit] }));
    }

    /// Types a line.
    pub fn line(&mut self, line: &Value) {
        if let Some(typed) = &mut self.typed {
            let _ = typed.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// Waits for the next event; none when the process has ended.
    ///
    /// # Errors
    /// When nothing comes.
    pub fn hear(&mut self) -> Result<Option<Value>> {
        match self.events.recv_timeout(PATIENCE) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => bail!("a laptop says nothing more"),
        }
    }

    /// Returns an event that is there already.
    pub fn ready(&mut self) -> Option<Value> {
        self.events.try_recv().ok()
    }

    /// Waits for an event of a kind, passing over others.
    ///
    /// # Errors
    /// When it does not come.
    pub fn until(&mut self, kind: &str) -> Result<Value> {
        while let Some(event) = self.hear()? {
            if event["event"] == kind {
                return Ok(event);
            }
        }
        bail!("a laptop ended before it said {kind:?}")
    }

    /// Waits for the next event that is none of these kinds; nothing when the process ended
    /// or says nothing more.
    pub fn next_but(&mut self, kinds: &[&str]) -> Value {
        loop {
            match self.hear() {
                Ok(Some(event)) if kinds.iter().any(|k| event["event"] == *k) => {}
                Ok(Some(event)) => return event,
                _ => return Value::Null,
            }
        }
    }

    /// Returns the process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as a power cut would. Returns what it had said until then.
    ///
    /// # Errors
    /// What the system says.
    pub fn kill(mut self) -> Result<Vec<Value>> {
        self.child.kill()?;
        self.child.wait()?;
        let mut said = Vec::new();
        while let Some(event) = self.hear()? {
            said.push(event);
        }
        Ok(said)
    }

    /// Ends what is typed and waits until everything has its verdict. Returns what it still
    /// said, and its exit code.
    ///
    /// # Errors
    /// When it does not end.
    pub fn leave(mut self) -> Result<(Vec<Value>, i32)> {
        self.typed = None;
        let mut said = Vec::new();
        while let Some(event) = self.hear()? {
            said.push(event);
        }
        Ok((said, self.child.wait()?.code().unwrap_or(255)))
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // Gone already, or nobody is left who could be told.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a text of an answer; empty if it is none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn finish(mut command: Command) -> Result<Ran> {
    let output = command.stdin(Stdio::null()).output()?;
    let read = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let last = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|_| Value::String(text.trim().to_owned()))
    };
    let code = output.status.code().unwrap_or(255);
    Ok(Ran { code, out: read(&output.stdout), err: read(&output.stderr) })
}

/// Returns an address that is free now; `nth` tells apart those that one process asks for.
///
/// # Errors
/// When no port is free.
pub fn free_address(nth: u16) -> Result<SocketAddr> {
    // Processes that look at the same moment begin at different places.
    let spread = (std::process::id() as u16).wrapping_mul(37).wrapping_add(nth.wrapping_mul(251));
    let width = PORTS.end - PORTS.start;
    (0..width)
        .map(|n| PORTS.start + (spread % width + n) % width)
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .find(|address| TcpListener::bind(address).is_ok())
        .context("no port is free")
}
