//! A folder, a server on it, and the example round.
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use shared::model::{PersonId, SpaceId};
use sync_server::{
    Config, Running, SANDBOX_ARG, SandboxProgram,
    admin::{
        Answer, Request, channel,
        round_file::{self, RoundPlan},
        seed,
    },
};
use tempfile::TempDir;

use crate::device::Device;

pub const SERVER: &str = env!("CARGO_BIN_EXE_xunji-server");

pub fn example() -> RoundPlan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
    round_file::check_path(&folder.join("round-2026R2.toml")).expect("the example is sound")
}

/// A server with the example round applied.
pub struct Place {
    pub folder: TempDir,
    running: Option<Running>,
    pub plan: RoundPlan,
}

pub fn config(folder: &Path) -> Config {
    let mut config = Config::new(folder.to_owned(), "127.0.0.1:0".parse().unwrap()).unwrap();
    config.sandbox =
        SandboxProgram { program: SERVER.into(), args: vec![SANDBOX_ARG.into()], children: 2 };
    config
}

impl Place {
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let plan = example();
        let apply = Request::Apply { plan: Box::new(plan.clone()), clock: None };
        let answer = channel::ask(folder.path(), apply).await.unwrap();
        assert!(matches!(answer, Answer::Changes { .. }), "{answer:?}");
        let running = sync_server::start(config(folder.path())).await.unwrap();
        Self { folder, running: Some(running), plan }
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs")
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.running().address())
    }

    pub async fn ask(&self, request: Request) -> Answer {
        self.running().office().carry_out(request).await
    }

    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.unwrap();
        }
    }

    pub async fn start(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = config(self.folder.path());
        change(&mut config);
        self.running = Some(sync_server::start(config).await.unwrap());
    }

    pub async fn restart(&mut self) {
        self.stop().await;
        self.start(|_| {}).await;
    }

    pub async fn code(&self, person: &str) -> String {
        match self.ask(Request::Invite { person: person.into() }).await {
            Answer::Invited { code, .. } => code,
            other => panic!("{other:?}"),
        }
    }

    /// An enrolled device with an open session.
    pub async fn device(&self, person: &str, fill: u8) -> Device {
        let mut device = Device::new(self.url(), fill);
        let code = self.code(person).await;
        device.enrol(&code).await.expect("the code is good");
        device.log_in().await;
        device
    }

    pub fn person(&self, code: &str) -> PersonId {
        self.plan.person_named(code).unwrap().id
    }

    /// 第三组·甲局.
    pub fn engagement(&self) -> SpaceId {
        seed::engagement_space(self.plan.round.id, "G3-JIA")
    }
}

/// Runs the server's command line on a folder.
pub fn run(args: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(SERVER);
    command.args(args).arg("--json").env("XUNJI_DATA", folder).output().unwrap()
}

/// What a command printed.
pub fn json(output: &Output) -> serde_json::Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{output:?}"))
}

/// A server as a process of its own, which can be killed.
pub struct Process {
    child: std::process::Child,
    pub url: String,
    /// What it has logged, line by line.
    log: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts it, and waits until it says where it listens.
    pub async fn start(folder: &Path) -> Self {
        Self::with(folder, |_| {}).await
    }

    /// As [`Process::start`], with something added to the command.
    pub async fn with(folder: &Path, add: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(SERVER);
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
        add(&mut command);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (said, listening) = tokio::sync::oneshot::channel();
        let kept = Arc::clone(&log);
        // All of it is read, so that the pipe never fills.
        let reader = std::thread::spawn(move || {
            let mut said = Some(said);
            for line in lines.map_while(Result::ok) {
                let fields: Option<serde_json::Value> = serde_json::from_str(&line).ok();
                let address =
                    fields.and_then(|f| Some(f["fields"]["address"].as_str()?.to_owned()));
                kept.lock().unwrap().push(line);
                if let Some(address) = address
                    && let Some(said) = said.take()
                {
                    let _ = said.send(address);
                }
            }
        });
        let address = listening.await.expect("it listens");
        Self { child, url: format!("https://{address}"), log, reader: Some(reader) }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as a service manager does, and returns its exit code.
    #[cfg(unix)]
    pub async fn terminate(&mut self) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            tokio::task::yield_now().await;
        }
    }

    /// All that it logged, once it has ended.
    pub fn whole_log(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.log.lock().unwrap().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
