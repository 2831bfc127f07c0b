//! The one task that owns the core, and the handle by which others reach it.
//!
//! # Invariants
//! - One task, one order: every input goes through one channel.
//! - What waits for a commit leaves after that commit, in the order of the tickets.
//! - If a commit fails, the core is dropped and loaded anew from the store, and every
//!   connection is closed: the same path as after a crash.
pub mod clock;
pub(crate) mod outlet;
mod run;
pub(crate) mod trials;

use std::sync::Arc;

use shared::{
    crypto::SigningKey,
    journal::{
        frame::Up,
        server::{Conn, Input, Server, TrialFailure},
    },
    model::{DeviceId, Timestamp},
};
use tokio::sync::{mpsc, oneshot};

pub use clock::Clock;
pub use trials::sandbox_child;

use crate::{limits::Gates, store::Store};
use outlet::{Outlet, Queue};

/// The most messages that may wait for the task.
const INBOX: usize = 1024;

/// Why the app did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// The disk is full: nothing was kept.
    #[error("the disk is full")]
    Full,
    /// The commit failed, and the journal is being loaded anew.
    #[error("the commit failed")]
    Failed,
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopped,
}

type Question = Box<dyn FnOnce(&Server, Timestamp) + Send>;

/// What the task is told.
pub(crate) enum Msg {
    Connect { device: DeviceId, queue: Queue, reply: oneshot::Sender<Conn> },
    Disconnect(Conn),
    Frame { conn: Conn, frame: Up },
    Barrier(Conn),
    Do { input: Input, reply: oneshot::Sender<Result<(), AppError>> },
    Ask(Question),
    TrustClock,
    Ready(oneshot::Sender<bool>),
    Tried { generation: u64, tried: run::Tried },
    Stop(oneshot::Sender<()>),
}

/// Starts and names sandbox children.
#[derive(Debug, Clone)]
pub struct SandboxProgram {
    /// The program to start.
    pub program: std::path::PathBuf,
    /// Arguments that make it call [`sandbox_child`].
    pub args: Vec<std::ffi::OsString>,
    /// How many may work at once.
    pub children: usize,
}

/// Reaches the task that owns the core.
#[derive(Clone)]
pub struct Handle {
    to: mpsc::Sender<Msg>,
    store: Arc<dyn Store>,
    clock: Clock,
}

/// The task itself; it ends when it was told to stop.
pub type Task = tokio::task::JoinHandle<Result<(), crate::store::StoreError>>;

/// Loads the journal and starts the task.
///
/// # Errors
/// What the store says.
pub(crate) async fn start(
    key: SigningKey,
    store: Arc<dyn Store>,
    clock: Clock,
    training: bool,
    sandbox: SandboxProgram,
    gates: Arc<Gates>,
) -> Result<(Handle, Task), crate::store::StoreError> {
    let (to, inbox) = mpsc::channel(INBOX);
    let handle = Handle { to: to.clone(), store: Arc::clone(&store), clock: clock.clone() };
    let run = run::Run::load(key, store, clock, training, sandbox, gates, to).await?;
    let task = tokio::spawn(run.until_stopped(inbox));
    Ok((handle, task))
}

/// One connection; it is told to the core that it is gone when this is dropped.
pub(crate) struct Link {
    conn: Conn,
    to: mpsc::Sender<Msg>,
    pub(crate) outlet: Outlet,
}

impl Drop for Link {
    fn drop(&mut self) {
        let (to, gone) = (self.to.clone(), Msg::Disconnect(self.conn));
        if let Err(mpsc::error::TrySendError::Full(gone)) = to.try_send(gone)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { to.send(gone).await });
        }
    }
}

impl Link {
    /// Says a frame.
    ///
    /// # Errors
    /// [`AppError::Stopped`].
    pub(crate) async fn say(&self, frame: Up) -> Result<(), AppError> {
        let said = self.to.send(Msg::Frame { conn: self.conn, frame }).await;
        said.map_err(|_| AppError::Stopped)
    }

    /// Asks for [`outlet::Next::Barrier`] behind all that was said.
    ///
    /// # Errors
    /// [`AppError::Stopped`].
    pub(crate) async fn barrier(&self) -> Result<(), AppError> {
        self.to.send(Msg::Barrier(self.conn)).await.map_err(|_| AppError::Stopped)
    }
}

impl Handle {
    /// Returns the store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Returns the clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Opens a connection for a device that has proved its key.
    ///
    /// # Errors
    /// [`AppError::Stopped`].
    pub(crate) async fn connect(&self, device: DeviceId) -> Result<Link, AppError> {
        let (queue, outlet) = Outlet::new(device, Arc::clone(&self.store));
        let (reply, answer) = oneshot::channel();
        self.to.send(Msg::Connect { device, queue, reply }).await.map_err(|_| AppError::Stopped)?;
        let conn = answer.await.map_err(|_| AppError::Stopped)?;
        Ok(Link { conn, to: self.to.clone(), outlet })
    }

    /// Hands the core an input and waits until what follows from it is on disk.
    ///
    /// # Errors
    /// Any [`AppError`].
    pub async fn carry_out(&self, input: Input) -> Result<(), AppError> {
        let (reply, answer) = oneshot::channel();
        self.to.send(Msg::Do { input, reply }).await.map_err(|_| AppError::Stopped)?;
        answer.await.map_err(|_| AppError::Stopped)?
    }

    /// Asks the core something.
    ///
    /// # Errors
    /// [`AppError::Stopped`].
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Server, Timestamp) -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |server, now| {
            // Who asked may have gone away meanwhile.
            let _ = reply.send(question(server, now));
        });
        self.to.send(Msg::Ask(question)).await.map_err(|_| AppError::Stopped)?;
        answer.await.map_err(|_| AppError::Stopped)
    }

    /// Lets the clock move freely from now on: the round is a training round.
    ///
    /// # Errors
    /// [`AppError::Stopped`].
    pub async fn trust_clock(&self) -> Result<(), AppError> {
        self.to.send(Msg::TrustClock).await.map_err(|_| AppError::Stopped)
    }

    /// Tells whether commits are taken: not while a full disk is left alone.
    ///
    /// # Errors
    /// [`AppError::Stopped`].
    pub async fn ready(&self) -> Result<bool, AppError> {
        let (reply, answer) = oneshot::channel();
        self.to.send(Msg::Ready(reply)).await.map_err(|_| AppError::Stopped)?;
        answer.await.map_err(|_| AppError::Stopped)
    }

    /// Stops the task once what it is writing is on disk.
    pub async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        if self.to.send(Msg::Stop(reply)).await.is_ok() {
            // Without an answer it has stopped already.
            let _ = answer.await;
        }
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle")
    }
}

/// Failure of a trial, without what the sandbox said.
pub(crate) type Failure = TrialFailure;
