//! The loop: inputs in, effects out, many commits in one.
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sandbox::{Pool, PoolConfig};
use shared::{
    crypto::SigningKey,
    doc::TrialReport,
    journal::{
        envelope::Envelope,
        frame::{Down, Reject, Up},
        labels,
        server::{Alarm, Conn, Effect, Input, Server, Ticket, Trial, Write},
    },
    model::{DeviceId, Digest, DocId, SpaceId},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::MissedTickBehavior,
};

use super::{
    AppError, Clock, Failure, Msg, SandboxProgram,
    outlet::{Job, Queue},
    trials,
};
use crate::{
    limits::Gates,
    store::{Store, StoreError},
};

/// How many messages are handled before a commit is begun.
const ROUND: usize = 256;
/// After the disk was found full, this long nothing is tried.
const REST: Duration = Duration::from_secs(5);
/// How often the core is told that time has passed.
const TICK: Duration = Duration::from_secs(1);

/// What came of a trial.
#[derive(Debug)]
pub(crate) struct Tried {
    ticket: Ticket,
    space: SpaceId,
    doc: DocId,
    outcome: Result<TrialReport, Failure>,
}

/// One commit that the core asked for.
struct Asked {
    ticket: Ticket,
    writes: Vec<Write>,
    /// On which connection these envelopes came.
    pushed: Option<(Conn, Vec<Digest>)>,
}

/// A batch on its way to the disk.
type Commit = BoxFuture<'static, (Vec<Asked>, Result<(), StoreError>)>;

/// Someone who waits for a ticket's commit.
type Waiter = (Ticket, oneshot::Sender<Result<(), AppError>>);

pub(super) struct Run {
    key: SigningKey,
    store: Arc<dyn Store>,
    clock: Clock,
    training: bool,
    pool: Arc<Pool>,
    gates: Arc<Gates>,
    me: mpsc::Sender<Msg>,
    core: Server,
    rng: ChaCha20Rng,
    /// Counts loads: what was begun before the last one is not answered.
    generation: u64,
    conns: BTreeMap<Conn, (DeviceId, Queue)>,
    next_conn: u64,
    queue: Vec<Asked>,
    waiters: Vec<Waiter>,
    reload: bool,
    resting: Option<Instant>,
    stop: Option<oneshot::Sender<()>>,
}

impl Run {
    pub(super) async fn load(
        key: SigningKey,
        store: Arc<dyn Store>,
        clock: Clock,
        training: bool,
        sandbox: SandboxProgram,
        gates: Arc<Gates>,
        me: mpsc::Sender<Msg>,
    ) -> Result<Self, StoreError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|e| StoreError::Io {
            path: "the system's random source".into(),
            source: std::io::Error::other(e),
        })?;
        let pool = PoolConfig::new(sandbox.program, sandbox.args, sandbox.children);
        let core = core(&key, store.as_ref(), training).await?;
        Ok(Self {
            key,
            store,
            clock,
            training,
            pool: Arc::new(Pool::new(pool)),
            gates,
            me,
            core,
            rng: ChaCha20Rng::from_seed(seed),
            generation: 0,
            conns: BTreeMap::new(),
            next_conn: 0,
            queue: Vec::new(),
            waiters: Vec::new(),
            reload: false,
            resting: None,
            stop: None,
        })
    }

    pub(super) async fn until_stopped(
        mut self,
        mut inbox: mpsc::Receiver<Msg>,
    ) -> Result<(), StoreError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut under_way: Option<Commit> = None;
        loop {
            if under_way.is_none() && !self.queue.is_empty() {
                under_way = Some(self.begin());
            }
            if under_way.is_none() && self.stop.is_some() {
                break;
            }
            tokio::select! {
                biased;
                (batch, result) = finish(&mut under_way) => {
                    under_way = None;
                    self.committed(batch, result).await?;
                }
                msg = inbox.recv() => {
                    let Some(msg) = msg else { break };
                    self.hear(msg);
                    for _ in 1..ROUND {
                        let Ok(msg) = inbox.try_recv() else { break };
                        self.hear(msg);
                    }
                }
                _ = tick.tick() => self.tick(),
            }
            if self.reload {
                // Whatever is on its way is settled first: the disk is the truth.
                if let Some(commit) = under_way.take() {
                    let _ = commit.await;
                }
                self.load_anew().await?;
            }
        }
        self.pool.close();
        self.conns.clear();
        if let Some(reply) = self.stop.take() {
            // Nobody has to wait for it.
            let _ = reply.send(());
        }
        Ok(())
    }

    fn hear(&mut self, msg: Msg) {
        match msg {
            Msg::Connect { device, queue, reply } => {
                self.next_conn += 1;
                let conn = Conn(self.next_conn);
                self.conns.insert(conn, (device, queue));
                if reply.send(conn).is_ok() {
                    self.handle(Input::Connected { conn, device }, None);
                } else {
                    self.conns.remove(&conn);
                }
            }
            Msg::Disconnect(conn) => {
                self.conns.remove(&conn);
                self.handle(Input::Disconnected(conn), None);
            }
            Msg::Frame { conn, frame } => {
                // A reload cut the connection; what still arrives on it is not answered.
                if let Some((device, _)) = self.conns.get(&conn) {
                    self.frame(conn, *device, frame);
                }
            }
            // What was said before the journal is loaded anew may not have been heard.
            Msg::Barrier(_) if self.core.reloading() => {}
            Msg::Barrier(conn) => self.put(conn, Job::Barrier),
            Msg::Do { input, reply } => match self.handle(input, None) {
                Some(ticket) => self.waiters.push((ticket, reply)),
                None => drop(reply.send(Ok(()))),
            },
            Msg::Ask(question) => question(&self.core, self.core.time(self.clock.now())),
            Msg::TrustClock => {
                self.training = true;
                self.core.trust_clock();
            }
            Msg::Ready(reply) => {
                // Who asked may have gone away meanwhile.
                let _ = reply.send(!self.is_resting());
            }
            Msg::Tried { generation, tried } => {
                if generation == self.generation {
                    self.tried(tried);
                }
            }
            Msg::Stop(reply) => self.stop = Some(reply),
        }
    }

    fn frame(&mut self, conn: Conn, device: DeviceId, frame: Up) {
        match frame {
            Up::Push { envelopes } if self.is_resting() => {
                for envelope in envelopes {
                    self.reject(conn, envelope.hash(), Reject::Full);
                }
            }
            Up::Push { mut envelopes } => {
                // Nothing behind one that is not taken is taken either: it would be a gap.
                let over = envelopes.split_off(self.within(device, &envelopes));
                for envelope in over {
                    self.reject(conn, envelope.hash(), Reject::Quota);
                }
                let frame = Up::Push { envelopes };
                self.handle(Input::Frame { conn, frame }, Some(conn));
            }
            Up::Presence(_) if !self.gates.presence(device) => {}
            frame => {
                self.handle(Input::Frame { conn, frame }, Some(conn));
            }
        }
    }

    /// Returns how many of these, from the first on, may be taken from this device now.
    ///
    /// Bytes count against who brings them, since that is proved; what waits for a verdict
    /// counts against who wrote it. What is stored costs nothing: its receipt may have been
    /// lost.
    fn within(&self, device: DeviceId, envelopes: &[Envelope]) -> usize {
        let mut waiting: BTreeMap<DeviceId, usize> = BTreeMap::new();
        let over = envelopes.iter().position(|envelope| {
            let header = envelope.header();
            if self.core.space(header.space).is_some_and(|s| s.holds(&envelope.hash())) {
                return false;
            }
            let by = header.device;
            let undecided = waiting.entry(by).or_insert_with(|| self.core.undecided_by(by));
            *undecided += 1;
            *undecided > self.gates.limits.undecided || !self.gates.envelope(device, envelope.len())
        });
        if over.is_some() {
            tracing::warn!(%device, "more than its quota");
        }
        over.unwrap_or(envelopes.len())
    }

    fn is_resting(&mut self) -> bool {
        self.resting = self.resting.filter(|until| Instant::now() < *until);
        self.resting.is_some()
    }

    fn tick(&mut self) {
        if !self.is_resting() {
            self.handle(Input::Tick, None);
        }
    }

    fn tried(&mut self, tried: Tried) {
        let outcome = tried.outcome.map(|report| {
            let state = self.core.space(tried.space).map(|space| space.state());
            let content = state.zip(report.reading.as_ref());
            Trial {
                per: report.per.into_iter().map(|r| r.map_err(|e| e.to_string())).collect(),
                saved: report.saved.0,
                heads: report.heads,
                content: content.map(|(state, r)| labels::content(state, tried.doc, r).0),
            }
        });
        self.handle(Input::Tried { ticket: tried.ticket, outcome }, None);
    }

    /// Hands the core an input and carries out what follows. Returns the last commit of it.
    fn handle(&mut self, input: Input, pusher: Option<Conn>) -> Option<Ticket> {
        let effects = self.core.handle(input, self.clock.now(), &mut self.rng);
        let mut last = None;
        for effect in effects {
            match effect {
                Effect::Commit { ticket, writes } => {
                    last = Some(ticket);
                    let pushed = pusher.map(|conn| (conn, envelopes_in(&writes)));
                    self.queue.push(Asked { ticket, writes, pushed });
                }
                Effect::Trial { ticket, space, doc, snapshot, later, batch, alone, read } => {
                    let brief = !read;
                    let job = trials::Job { space, doc, snapshot, later, batch, alone, brief };
                    self.try_it(ticket, job);
                }
                Effect::Send { conn, frame: Down::Presence(presence) } => {
                    if let Some((_, queue)) = self.conns.get(&conn) {
                        queue.show(presence);
                    }
                }
                Effect::Send { conn, frame } => self.put(conn, Job::Frame(frame)),
                Effect::Stream { conn, space, after, until } => {
                    self.put(conn, Job::Stream { space, after, until });
                }
                Effect::Fetch { conn, envelopes } => {
                    self.put_with(conn, |queue| queue.fetch(envelopes));
                }
                Effect::Reload => self.reload = true,
                Effect::Alarm(alarm) => sound(&alarm),
            }
        }
        last
    }

    /// Puts a job into a connection's queue; who does not keep up is cut off.
    fn put(&mut self, conn: Conn, job: Job) {
        self.put_with(conn, |queue| queue.put(job));
    }

    fn put_with(&mut self, conn: Conn, put: impl FnOnce(&Queue) -> bool) {
        let Some((_, queue)) = self.conns.get(&conn) else { return };
        if !put(queue) {
            self.conns.remove(&conn);
            self.handle(Input::Disconnected(conn), None);
        }
    }

    fn reject(&mut self, conn: Conn, envelope: Digest, why: Reject) {
        self.put(conn, Job::Frame(Down::Rejected { envelope, why }));
    }

    fn try_it(&self, ticket: Ticket, job: trials::Job) {
        let (pool, store) = (Arc::clone(&self.pool), Arc::clone(&self.store));
        let (me, generation) = (self.me.clone(), self.generation);
        tokio::spawn(async move {
            let (space, doc) = (job.space, job.doc);
            let outcome = trials::run(pool, store, job).await;
            let tried = Tried { ticket, space, doc, outcome };
            // The task may have ended meanwhile; then nobody waits for it.
            let _ = me.send(Msg::Tried { generation, tried }).await;
        });
    }

    /// Sends everything that waits to the disk, as one transaction.
    fn begin(&mut self) -> Commit {
        let mut batch = std::mem::take(&mut self.queue);
        let store = Arc::clone(&self.store);
        Box::pin(async move {
            let writes: Vec<Write> =
                batch.iter_mut().flat_map(|asked| std::mem::take(&mut asked.writes)).collect();
            let result = store.commit(&writes).await;
            (batch, result)
        })
    }

    async fn committed(
        &mut self,
        batch: Vec<Asked>,
        result: Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let error = match result {
            Ok(()) => {
                for asked in batch {
                    self.handle(Input::Committed(asked.ticket), None);
                    let done = self.waiters.extract_if(.., |(t, _)| *t <= asked.ticket);
                    for (_, reply) in done {
                        // Who asked may have gone away meanwhile.
                        let _ = reply.send(Ok(()));
                    }
                }
                return Ok(());
            }
            Err(error) => error,
        };
        tracing::error!(%error, "a commit failed");
        let full = matches!(error, StoreError::Full);
        if full {
            self.resting = Some(Instant::now() + REST);
        }
        self.fail(batch, full);
        self.load_anew().await
    }

    /// Tells everyone concerned that nothing of this was kept.
    fn fail(&mut self, mut batch: Vec<Asked>, full: bool) {
        batch.append(&mut self.queue);
        if full {
            for (conn, envelopes) in batch.into_iter().filter_map(|asked| asked.pushed) {
                for envelope in envelopes {
                    self.reject(conn, envelope, Reject::Full);
                }
            }
        }
        for (_, reply) in self.waiters.drain(..) {
            let _ = reply.send(Err(if full { AppError::Full } else { AppError::Failed }));
        }
    }

    /// Drops the core and every connection, and takes the state up from the disk.
    async fn load_anew(&mut self) -> Result<(), StoreError> {
        self.reload = false;
        self.generation += 1;
        self.conns.clear();
        self.queue.clear();
        for (_, reply) in self.waiters.drain(..) {
            let _ = reply.send(Err(AppError::Failed));
        }
        let mut anew = core(&self.key, self.store.as_ref(), self.training).await?;
        anew.go_on_from(&self.core);
        self.core = anew;
        tracing::info!(epoch = self.core.epoch().no, "journal loaded");
        Ok(())
    }
}

async fn core(key: &SigningKey, store: &dyn Store, training: bool) -> Result<Server, StoreError> {
    let loaded = store.load().await?;
    let mut core = Server::load(SigningKey::from_secret(&key.to_secret()), loaded);
    if training {
        core.trust_clock();
    }
    Ok(core)
}

fn envelopes_in(writes: &[Write]) -> Vec<Digest> {
    let hash = |write: &Write| match write {
        Write::Envelope(envelope) => Some(envelope.hash()),
        _ => None,
    };
    writes.iter().filter_map(hash).collect()
}

/// Waits for the commit that is under way; for ever if there is none.
async fn finish(under_way: &mut Option<Commit>) -> (Vec<Asked>, Result<(), StoreError>) {
    match under_way {
        Some(commit) => commit.await,
        None => std::future::pending().await,
    }
}

/// Writes an alarm to the log: ids, never content.
fn sound(alarm: &Alarm) {
    match alarm {
        Alarm::Recovering { space } => {
            tracing::error!(%space, "restored from an older copy: recovering");
        }
        Alarm::VerdictClash { space, envelope } => {
            tracing::error!(%space, %envelope, "decided otherwise than a laptop was told");
        }
        Alarm::Hostile { device, envelope } => {
            tracing::error!(%device, %envelope, "signed what an honest build cannot make");
        }
        Alarm::Forked { device } => tracing::error!(%device, "two machines run one disk"),
        Alarm::ClockJump { by } => {
            tracing::error!(millis = by, "the clock jumped: confirm it (admin clock confirm)");
        }
        Alarm::Damaged { space, doc } => {
            tracing::error!(%space, %doc, "a document does not load: it is read-only");
        }
    }
}
