//! A server with a training round, and laptops' homes.
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

use acceptance::{roles, stage::free_address};
use portable_pty::CommandBuilder;
use serde_json::Value;
use tempfile::TempDir;

use super::Screen;
use crate::tidy::root;

/// Plays both programs in hidden roles, so that no older build of them is ever met.
const PROGRAM: &str = env!("CARGO_BIN_EXE_acceptance");
const SERVER: &str = roles::SERVER;
const LAPTOP: &str = roles::LAPTOP;
/// How many stages this process has opened.
static STAGES: AtomicU16 = AtomicU16::new(0);
/// What opens every home.
const PASSPHRASE: &str = "演练 口令 2026";
/// When the round's clock begins.
const BEGIN: &str = "2026-05-06T09:00:00+08:00";
/// The files of the round; the first names the others.
const ROUND: [&str; 3] = ["round-2026R2.toml", "rule-pack-2026.1.toml", "calendar-2026.toml"];

/// A folder with a server and homes in it; all of it is gone at the end.
pub(crate) struct Stage {
    folder: TempDir,
    server: Option<Child>,
    address: String,
}

impl Stage {
    /// Starts a server with the example round, and enrols these people, each with a home of
    /// their own that has been in contact once.
    pub(crate) fn open(people: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("passphrase"), PASSPHRASE).expect("a file");
        let nth = STAGES.fetch_add(1, Ordering::Relaxed);
        let address = free_address(nth).expect("a free port").to_string();
        let mut stage = Self { folder, server: None, address };
        let [round, ..] = ROUND.map(|name| root().join("docs/examples").join(name));
        stage.admin(&["apply", &round.to_string_lossy(), "--clock", BEGIN]);
        stage.start_server();
        let invited: Vec<Value> = people.iter().map(|p| stage.admin(&["invite", p])).collect();
        std::thread::scope(|scope| {
            for (person, invitation) in people.iter().zip(&invited) {
                let stage = &stage;
                scope.spawn(move || stage.enrol(person, invitation));
            }
        });
        stage
    }

    fn enrol(&self, person: &str, invitation: &Value) {
        let word = |key: &str| invitation[key].as_str().unwrap_or_default();
        let url = self.url();
        let server = ["enrol", "--server", &url, "--code", word("code"), "--pin", word("pin")];
        self.by(person, &server);
        self.by(person, &["sync"]);
    }

    /// Returns where laptops find the server.
    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Returns a path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the server, where it was before.
    pub(crate) fn start_server(&mut self) {
        let mut child = Command::new(PROGRAM)
            .args([SERVER, "serve", "--json", "--listen", &self.address, "--data"])
            .arg(self.path("server"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut log = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let mut told = Vec::new();
        let address = log.by_ref().map_while(Result::ok).find_map(|line| {
            let said: Option<Value> = serde_json::from_str(&line).ok();
            told.push(line);
            Some(said?["fields"]["address"].as_str()?.to_owned())
        });
        // The rest is read too, so that the pipe never fills.
        std::thread::spawn(move || log.for_each(drop));
        self.server = Some(child);
        self.address = address.unwrap_or_else(|| panic!("it does not listen:\n{told:?}"));
    }

    /// Takes the server away, as a power cut would.
    pub(crate) fn stop_server(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("it can be killed");
            server.wait().expect("it can be waited for");
        }
    }

    /// Has an administrator do something.
    pub(crate) fn admin(&self, args: &[&str]) -> Value {
        let mut all = vec![SERVER, "--json", "admin"];
        all.extend(args);
        let data = self.path("server");
        run(&data, Command::new(PROGRAM).args(all).arg("--data").arg(&data))
    }

    /// Has a person do something by command line, which must succeed.
    pub(crate) fn by(&self, person: &str, args: &[&str]) -> Value {
        let home = self.path(person);
        let mut command = Command::new(PROGRAM);
        command.arg(LAPTOP).args(args).args(["--json", "--home"]).arg(&home);
        command.env("XUNJI_PASSPHRASE_FILE", self.path("passphrase")).env_remove("XUNJI_HOME");
        run(&home, &mut command)
    }

    /// Opens a person's screens on a terminal of 100 columns and 30 rows, and unlocks them.
    pub(crate) fn laptop(&self, person: &str) -> Screen {
        let mut screen = self.locked(person, (100, 30));
        screen.type_text(PASSPHRASE).press("Enter").wait_for("今日");
        screen
    }

    /// Opens a person's screens at the unlock screen.
    pub(crate) fn locked(&self, person: &str, size: (u16, u16)) -> Screen {
        let mut command = CommandBuilder::new(PROGRAM);
        command.arg(LAPTOP);
        command.arg("--home");
        command.arg(self.path(person));
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env_remove("XUNJI_PASSPHRASE_FILE");
        command.env_remove("XUNJI_HOME");
        let mut screen = Screen::start(person, command, size);
        screen.wait_for("解锁");
        screen
    }

    /// Returns what opens every home.
    pub(crate) const fn passphrase(&self) -> &'static str {
        PASSPHRASE
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop_server();
    }
}

/// Runs a command that must succeed, and returns what it printed.
fn run(whose: &Path, command: &mut Command) -> Value {
    let output = command.stdin(Stdio::null()).output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {command:?}\n{text}\n{error}", whose.display());
    let last = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or_default();
    serde_json::from_str(last).unwrap_or(Value::Null)
}
