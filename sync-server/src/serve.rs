//! A whole server: started, running, stopped.
use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use shared::model::Digest;

use crate::{
    SANDBOX_ARG,
    admin::{Office, channel},
    app::{self, Clock, Handle, SandboxProgram},
    http::{self, Front},
    identity::{Identity, IdentityError},
    limits::{Gates, Limits},
    store::{SqliteOptions, SqliteStore, Store, StoreError},
};

/// How long open requests may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server cannot say who it is.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No round was ever applied to the folder, so there is nothing to serve.
    #[error("no round was applied to {}: xunji-server admin apply ROUND_FILE --data {}", .0.display(), .0.display())]
    NoRound(PathBuf),
    /// A server runs on the folder and does not answer its administrator.
    #[error("the server that runs on {} does not answer: {source}", .folder.display())]
    NoAnswer {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system refuses something else.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A task ended that must not end.
    #[error("a task of the server ended")]
    TaskEnded,
}

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of everything it keeps.
    pub data: PathBuf,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What laptops call it, such as `https://192.168.8.2:8443`; made from the address if
    /// none is given.
    pub url: Option<String>,
    /// How sandbox children are started.
    pub sandbox: SandboxProgram,
    /// How the store is opened.
    pub store: SqliteOptions,
    /// How much each device and each address may ask for.
    pub limits: Limits,
}

impl Config {
    /// A server on this folder and address, whose sandbox children are this same program.
    ///
    /// # Errors
    /// When the program cannot find itself.
    pub fn new(data: PathBuf, listen: SocketAddr) -> std::io::Result<Self> {
        let sandbox = SandboxProgram {
            program: std::env::current_exe()?,
            args: vec![SANDBOX_ARG.into()],
            children: std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)),
        };
        Ok(Self {
            data,
            listen,
            url: None,
            sandbox,
            store: SqliteOptions::default(),
            limits: Limits::default(),
        })
    }
}

/// The parts of a server that an administrator's offline command needs, too.
pub(crate) struct Kernel {
    pub(crate) app: Handle,
    pub(crate) task: app::Task,
    pub(crate) office: Arc<Office>,
    store: Arc<SqliteStore>,
    gates: Arc<Gates>,
    /// Whether a round was applied.
    round: bool,
}

impl Kernel {
    /// Opens the folder and loads the journal.
    pub(crate) async fn start(config: &Config) -> Result<Self, ServeError> {
        let store = Arc::new(SqliteStore::open(&config.data, &config.store).await?);
        let identity = Arc::new(Identity::take_up(store.as_ref()).await?);
        let round = crate::admin::stored_round(store.as_ref()).await?;
        let training = round.as_ref().is_some_and(|plan| plan.round.training);
        let offset = match training {
            true => crate::admin::stored_offset(store.as_ref()).await?,
            false => 0,
        };
        let key = shared::crypto::SigningKey::from_secret(&identity.key().to_secret());
        let gates = Gates::new(config.limits.clone());
        let shared_store: Arc<dyn Store> = Arc::clone(&store) as _;
        let (app, task) = app::start(
            key,
            shared_store,
            Clock::with_offset(offset),
            training,
            config.sandbox.clone(),
            Arc::clone(&gates),
        )
        .await?;
        let training = Arc::new(AtomicBool::new(training));
        let office = Arc::new(Office::new(app.clone(), identity, training));
        Ok(Self { app, task, office, store, gates, round: round.is_some() })
    }

    /// Stops the task, waits for its last commit and closes the store.
    pub(crate) async fn stop(self) -> Result<(), ServeError> {
        self.app.stop().await;
        let ended = self.task.await.map_err(|_| ServeError::TaskEnded)?;
        self.store.close().await;
        Ok(ended?)
    }
}

/// A server that runs.
pub struct Running {
    kernel: Kernel,
    address: SocketAddr,
    handle: axum_server::Handle<SocketAddr>,
    door: tokio::task::JoinHandle<Result<(), ServeError>>,
    admin: tokio::task::JoinHandle<()>,
    _admin_file: channel::AdminFile,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({})", self.address)
    }
}

/// Starts a server: when this returns, it answers.
///
/// # Errors
/// Any [`ServeError`]; [`StoreError::InUse`] when another one runs on the folder,
/// [`StoreError::NoData`] or [`ServeError::NoRound`] when no round was applied to it.
pub async fn start(config: Config) -> Result<Running, ServeError> {
    let kernel = Kernel::start(&config).await?;
    if !kernel.round {
        kernel.stop().await?;
        return Err(ServeError::NoRound(config.data));
    }
    let listen = |source| ServeError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).map_err(listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let url = config.url.unwrap_or_else(|| format!("https://{address}"));
    kernel.office.set_url(&url).await?;

    let identity = Arc::clone(kernel.office.identity());
    let training = Arc::clone(kernel.office.training());
    let gates = Arc::clone(&kernel.gates);
    let front = Front::new(kernel.app.clone(), identity, training, gates, &config.data);
    let handle = axum_server::Handle::new();
    let door = tokio::spawn(http::serve(listener, front, handle.clone()));
    let (admin_file, admin) = channel::open(&config.data, Arc::clone(&kernel.office)).await?;
    tracing::info!(%address, pin = %kernel.office.pin(), "listening");
    Ok(Running { kernel, address, handle, door, admin, _admin_file: admin_file })
}

impl Running {
    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the fingerprint of its certificate.
    pub fn certificate(&self) -> Digest {
        self.kernel.office.identity().fingerprint()
    }

    /// Returns what an administrator can have done, in this process.
    pub fn office(&self) -> &Arc<Office> {
        &self.kernel.office
    }

    /// Waits until one of the server's tasks ends, which by itself none does.
    pub async fn failed(&mut self) {
        tokio::select! {
            _ = &mut self.kernel.task => {}
            _ = &mut self.door => {}
        }
    }

    /// Stops it: open requests get a few seconds, what was committed is on disk.
    ///
    /// # Errors
    /// What went wrong while it ran.
    pub async fn stop(self) -> Result<(), ServeError> {
        self.admin.abort();
        self.handle.graceful_shutdown(Some(GRACE));
        let kernel = self.kernel.stop().await;
        let door = self.door.await.map_err(|_| ServeError::TaskEnded)?;
        kernel.and(door)
    }
}

/// Runs a server until it is told to stop by a signal.
///
/// # Errors
/// Any [`ServeError`].
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let mut running = start(config).await?;
    let ended = tokio::select! {
        signal = signalled() => { signal?; false }
        () = running.failed() => true,
    };
    if ended {
        return Err(ServeError::TaskEnded);
    }
    tracing::info!("stopping");
    running.stop().await
}

/// Lets a write beyond the bound on the length of files fail as one on a full disk does,
/// instead of ending the process.
///
/// # Errors
/// What the system says.
pub(crate) fn bear_the_bound_on_files() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // The handler stays when what listens to it goes; nobody has to hear of it.
        let _ = signal(SignalKind::from_raw(libc::SIGXFSZ))?;
    }
    Ok(())
}

/// Waits for the signal to stop.
async fn signalled() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Whether the round is a training round, as all parts see it.
pub(crate) fn is_training(flag: &AtomicBool) -> bool {
    flag.load(Ordering::Relaxed)
}
