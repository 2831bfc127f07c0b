//! A real server process with the example round, and laptops enrolled with it.
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "演练 口令 2026";

/// A folder with a server on it. The server ends with it.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    server: Child,
    /// Where the server listens.
    pub(crate) address: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("passphrase"), PASSPHRASE).expect("a file");
        let data = folder.path().join("server");
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
        let round = examples.join("round-2026R2.toml");
        let apply = ["admin", "apply", &round.to_string_lossy(), "--clock"];
        let (program, clock) = (server(&data), "2026-05-06T09:00:00+08:00");
        answer("apply", { program }.args(apply).arg(clock));
        let (server, address) = serve(&data);
        Self { folder, server, address }
    }

    /// Ends the server as a failing machine does.
    pub(crate) fn stop(&mut self) {
        self.server.kill().expect("it ran");
        self.server.wait().expect("it ends");
    }

    /// Starts the server again; it listens elsewhere.
    pub(crate) fn start(&mut self) {
        (self.server, self.address) = serve(&self.path("server"));
    }

    /// Returns the process of the server.
    pub(crate) fn server_id(&self) -> u32 {
        self.server.id()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Enrols somebody's laptop, which will reach the server at `address`.
    pub(crate) fn enrol(&self, person: &str, address: &str) -> Value {
        let invited = self.admin(&["invite", person]);
        let code = invited["code"].as_str().expect("a code");
        let url = format!("https://{address}");
        self.by(person, &["enrol", "--server", &url, "--code", code])
    }

    /// Has an administrator do something that must succeed.
    pub(crate) fn admin(&self, args: &[&str]) -> Value {
        answer("admin", server(&self.path("server")).arg("admin").args(args))
    }

    /// Returns what a command that must succeed prints.
    pub(crate) fn answer(&self, command: &mut Command) -> Value {
        answer("laptop", command)
    }

    /// Has somebody do something that must succeed.
    pub(crate) fn by(&self, person: &str, args: &[&str]) -> Value {
        answer(person, self.command(person).args(args))
    }

    /// Prepares a command of somebody's.
    pub(crate) fn command(&self, person: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xunji"));
        command.args(["--json", "--home"]).arg(self.path(person));
        command.env("XUNJI_PASSPHRASE_FILE", self.path("passphrase")).env_remove("XUNJI_HOME");
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // It is thrown away with its folder.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Starts a server and returns where it listens.
fn serve(data: &Path) -> (Child, String) {
    let mut child = server(data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let log = child.stderr.take().expect("it was asked for");
    let mut lines = BufReader::new(log).lines();
    let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let line: Value = serde_json::from_str(&line).ok()?;
        Some(line["fields"]["address"].as_str()?.to_owned())
    });
    // The rest is read too, so that the pipe never fills.
    std::thread::spawn(move || lines.for_each(drop));
    (child, address.expect("it listens"))
}

/// The server as the demo carries it: the same program, in a role of its own.
fn server(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xunji"));
    command.args(["__server", "--json"]).env("XUNJI_DATA", data);
    command
}

/// Returns what a command that must succeed prints last, as JSON.
fn answer(who: &str, command: &mut Command) -> Value {
    let output = command.stdin(Stdio::null()).output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{who}: {command:?}\n{told}\n{failed}");
    let last = told.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("null");
    serde_json::from_str(last).expect("JSON")
}

/// Returns what a command that must fail with this exit code says about it.
pub(crate) fn failed(command: &mut Command, code: i32) -> Value {
    let output = command.stdin(Stdio::null()).output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{told}\n{failed}");
    serde_json::from_str(failed.trim()).expect("JSON")
}
