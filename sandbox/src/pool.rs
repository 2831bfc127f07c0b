//! The program's side: a few children kept ready.
use std::{
    ffi::OsString,
    path::PathBuf,
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Semaphore,
    time,
};

use crate::{
    SandboxDeath,
    frame::{self, FrameError},
};

/// How long a child may take to end once it has closed its pipe.
const GRACE: Duration = Duration::from_secs(2);

/// What children to keep, and how long each.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// The program to start: usually the running one, `std::env::current_exe()`.
    pub program: PathBuf,
    /// Its arguments: those that make it call [`crate::child::serve`].
    pub args: Vec<OsString>,
    /// How many children may work at once; at least 1.
    pub children: usize,
    /// After how many requests a child is replaced, so that leaks and its processor time stay
    /// bounded; 256.
    pub requests: u32,
    /// After how much time spent on answers a child is replaced, 10 s: a third of the processor
    /// time it has ([`crate::Confinement::cpu_seconds`]), so that no request meets a limit that
    /// those before it used up.
    pub busy: Duration,
    /// The resident memory in bytes above which a child is replaced after its answer; 128 MiB.
    /// Only where the system tells (Linux).
    pub resident: u64,
}

impl PoolConfig {
    /// Keeps up to `children` children of `program`, started with `args`.
    pub fn new(program: PathBuf, args: Vec<OsString>, children: usize) -> Self {
        let (busy, resident) = (Duration::from_secs(10), 128 * 1024 * 1024);
        Self { program, args, children, requests: 256, busy, resident }
    }
}

/// A number of sandbox children, started when needed and restarted when they die.
///
/// Dropping the pool, or calling [`Pool::close`], kills the idle ones; dropping a request kills
/// the child that works on it and no other.
#[derive(Debug)]
pub struct Pool {
    config: PoolConfig,
    slots: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

/// A child and its two pipes; killed when dropped.
#[derive(Debug)]
struct Worker {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
    served: u32,
    busy: Duration,
}

impl Pool {
    /// Makes a pool. No child is started before the first request.
    pub fn new(config: PoolConfig) -> Self {
        let slots = Semaphore::new(config.children.max(1));
        Self { config, slots, idle: Mutex::new(Vec::new()) }
    }

    /// Sends `request` to a child and returns its answer.
    ///
    /// Waits for a free child first; `timeout` counts from the moment the request is sent.
    /// The child may have answered other requests before, so a death says nothing certain
    /// about this one.
    ///
    /// # Errors
    /// The death of the child. The next request gets another one.
    pub async fn run(&self, request: &[u8], timeout: Duration) -> Result<Vec<u8>, SandboxDeath> {
        self.serve(request, timeout, false).await
    }

    /// Like [`Pool::run`], in a fresh child that has answered nothing before and ends after.
    ///
    /// Here a death with [`SandboxDeath::may_be_the_input`] counts against the request.
    ///
    /// # Errors
    /// The death of the child.
    pub async fn run_alone(
        &self,
        request: &[u8],
        timeout: Duration,
    ) -> Result<Vec<u8>, SandboxDeath> {
        self.serve(request, timeout, true).await
    }

    /// Kills the idle children and refuses every later request.
    ///
    /// Requests under way still get their answer; their children end with them.
    pub fn close(&self) {
        self.slots.close();
        self.idle().clear();
    }

    async fn serve(
        &self,
        request: &[u8],
        timeout: Duration,
        alone: bool,
    ) -> Result<Vec<u8>, SandboxDeath> {
        let Some(prefix) = frame::prefix(request.len()) else {
            return Err(SandboxDeath::RequestTooLong { len: request.len() });
        };
        let Ok(_slot) = self.slots.acquire().await else { return Err(SandboxDeath::Closed) };
        let mut worker = match self.take_idle(alone) {
            Some(worker) => worker,
            None => self.spawn().map_err(SandboxDeath::Spawn)?,
        };
        let begun = Instant::now();
        let exchange = frame::exchange(&mut worker.to, &mut worker.from, prefix, request);
        match time::timeout(timeout, exchange).await {
            Ok(Ok(answer)) => {
                worker.served += 1;
                // At least the processor time it took.
                worker.busy += begun.elapsed();
                if !alone {
                    self.give_back(worker);
                }
                Ok(answer)
            }
            Ok(Err(FrameError::TooLong)) => {
                end(&mut worker.child).await;
                Err(SandboxDeath::AnswerTooLong)
            }
            Ok(Err(FrameError::Pipe)) => {
                match time::timeout(GRACE, worker.child.wait()).await {
                    Ok(Ok(status)) => Err(SandboxDeath::from_status(status)),
                    Ok(Err(error)) => Err(SandboxDeath::Lost(error)),
                    // It closed its pipe and goes on: as good as no answer.
                    Err(_) => {
                        end(&mut worker.child).await;
                        Err(SandboxDeath::TimedOut { after: GRACE })
                    }
                }
            }
            Err(_) => {
                end(&mut worker.child).await;
                Err(SandboxDeath::TimedOut { after: timeout })
            }
        }
    }

    /// An idle child that is still alive. With `alone`, room is made for a fresh one instead.
    fn take_idle(&self, alone: bool) -> Option<Worker> {
        let mut idle = self.idle();
        if alone {
            // Slots count the busy ones; this keeps idle and busy together within them.
            idle.pop();
            return None;
        }
        while let Some(mut worker) = idle.pop() {
            // One that the system killed while it slept must not be blamed on this request.
            if matches!(worker.child.try_wait(), Ok(None)) {
                return Some(worker);
            }
        }
        None
    }

    fn give_back(&self, worker: Worker) {
        let worn = worker.served >= self.config.requests
            || worker.busy >= self.config.busy
            || resident(&worker.child).is_some_and(|bytes| bytes > self.config.resident);
        let mut idle = self.idle();
        // Asked under the lock, so that no child slips in after `close` emptied the list.
        if !worn && !self.slots.is_closed() {
            idle.push(worker);
        }
    }

    fn spawn(&self) -> std::io::Result<Worker> {
        let mut command = Command::new(&self.config.program);
        command
            .args(&self.config.args)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        // A Windows program finds its system libraries by this one.
        #[cfg(windows)]
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        // Ctrl-C in the terminal is meant for the program, which then ends its children.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(to), Some(from)) => {
                Ok(Worker { child, to, from, served: 0, busy: Duration::ZERO })
            }
            _ => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        // A list of children is whole after every step, so a panic elsewhere spoils nothing.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Kills a child and waits until it is gone.
async fn end(child: &mut Child) {
    // It may have ended by itself meanwhile; either way it is gone.
    let _ = child.kill().await;
}

/// The memory that a child really holds, in bytes.
#[cfg(target_os = "linux")]
fn resident(child: &Child) -> Option<u64> {
    // Not a file on a disk: the kernel answers at once.
    let statm = std::fs::read_to_string(format!("/proc/{}/statm", child.id()?)).ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    pages.checked_mul(rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
fn resident(_: &Child) -> Option<u64> {
    None
}
