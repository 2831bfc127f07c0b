//! What waits to be sent on one connection.
//!
//! The app puts jobs in order into a bounded queue; the connection's own task takes them out,
//! reads from the store what must be read, and sends at the pace of its line. Who does not
//! keep up is cut off and asks again where it stopped: the table is the truth.
use std::sync::Arc;

use shared::{
    journal::{
        entry::Cursor,
        envelope::Envelope,
        frame::{Down, Item},
    },
    model::{DeviceId, Digest, SpaceId},
};
use tokio::sync::mpsc;

use crate::store::{Store, StoreError};

/// The most jobs that may wait on one connection.
const QUEUE: usize = 4096;
/// The most bytes of entries or envelopes in one frame, but for a single larger one.
const FRAME_BYTES: usize = 1024 * 1024;

/// One thing to send, or to read and send.
#[derive(Debug)]
pub(crate) enum Job {
    /// This frame.
    Frame(Down),
    /// Entries after a position, then where the journal ends.
    Stream { space: SpaceId, after: u64, until: Cursor },
    /// Envelopes that were asked for.
    Fetch(Vec<Digest>),
    /// All that was said so far has been answered, but for what waits for a commit.
    Barrier,
}

/// Where the app puts jobs.
pub(crate) type Queue = mpsc::Sender<Job>;

/// Where a connection takes what it sends.
pub(crate) struct Outlet {
    device: DeviceId,
    store: Arc<dyn Store>,
    jobs: mpsc::Receiver<Job>,
    /// The rest of a job that is more than one frame.
    under_way: Option<Job>,
}

/// What comes next on a connection.
#[derive(Debug)]
pub(crate) enum Next {
    /// A frame to send.
    Frame(Down),
    /// See [`Job::Barrier`].
    Barrier,
    /// The server has closed the connection.
    Closed,
}

impl Outlet {
    /// Makes both ends of a connection's queue.
    pub(crate) fn new(device: DeviceId, store: Arc<dyn Store>) -> (Queue, Self) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        (queue, Self { device, store, jobs, under_way: None })
    }

    /// Waits for what comes next.
    ///
    /// May be dropped while it waits for a job; not so while it reads the store, so drive it
    /// to its end once it has one (see [`Outlet::ready`]).
    ///
    /// # Errors
    /// What the store says; close the connection then.
    pub(crate) async fn next(&mut self) -> Result<Next, StoreError> {
        loop {
            let job = match self.under_way.take() {
                Some(job) => job,
                None => match self.jobs.recv().await {
                    Some(job) => job,
                    None => return Ok(Next::Closed),
                },
            };
            if let Some(next) = self.step(job).await? {
                return Ok(next);
            }
        }
    }

    /// Waits until [`Outlet::next`] has something to do; may be dropped at any time.
    pub(crate) async fn ready(&mut self) {
        if self.under_way.is_none() {
            // A closed queue is something to report, too: `next` finds it closed again.
            self.under_way = self.jobs.recv().await;
        }
    }

    async fn step(&mut self, job: Job) -> Result<Option<Next>, StoreError> {
        match job {
            Job::Frame(frame) => Ok(Some(Next::Frame(frame))),
            Job::Barrier => Ok(Some(Next::Barrier)),
            Job::Stream { space, after, until } if after >= until.pos => {
                Ok(Some(Next::Frame(Down::Head { space, cursor: until })))
            }
            Job::Stream { space, after, until } => {
                let stretch = self.store.stretch(space, after, until.pos, FRAME_BYTES).await?;
                let items: Vec<Item> =
                    stretch.items.into_iter().map(|item| self.without_own(item)).collect();
                let last = items.last().map_or(until.pos, |item| item.entry.body().pos);
                self.under_way = Some(Job::Stream { space, after: last, until });
                Ok(Some(Next::Frame(Down::Entries { space, items })))
            }
            Job::Fetch(mut hashes) => {
                if hashes.is_empty() {
                    return Ok(None);
                }
                let mut envelopes = Vec::new();
                let mut length = 0;
                let mut taken = 0;
                for hash in &hashes {
                    let found = self.store.envelopes(std::slice::from_ref(hash)).await?;
                    let more: usize = found.iter().map(Envelope::len).sum();
                    if length + more > FRAME_BYTES && !envelopes.is_empty() {
                        break;
                    }
                    length += more;
                    envelopes.extend(found);
                    taken += 1;
                }
                hashes.drain(..taken);
                self.under_way = Some(Job::Fetch(hashes));
                let some = !envelopes.is_empty();
                Ok(some.then_some(Next::Frame(Down::Envelopes { envelopes })))
            }
        }
    }

    /// Leaves out the envelope if the reader sent it.
    fn without_own(&self, item: Item) -> Item {
        let envelope = item.envelope.filter(|e| e.header().device != self.device);
        Item { envelope, ..item }
    }
}
