//! What waits to be sent on one connection.
//!
//! The app puts jobs in order into a queue of bounded size; the connection's own task takes them
//! out, reads from the store what must be read, and sends at the pace of its line. Who does not
//! keep up is cut off and asks again where it stopped: the table is the truth.
//!
//! Nobody is cut off for what others do. Where they are is kept once for each device, the newest,
//! and left out as soon as something waits; so are envelopes asked for twice.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use shared::{
    journal::{
        entry::Cursor,
        envelope::Envelope,
        frame::{Down, Item, Presence, Reject},
    },
    model::{DeviceId, Digest, SpaceId},
};
use tokio::sync::mpsc;

use crate::store::{Store, StoreError};

/// The most bytes that jobs which wait on one connection may take.
const QUEUE: usize = 2 * 1024 * 1024;
/// What each takes at least.
const JOB: usize = 256;
/// The most envelopes that may have been asked for and not been read yet.
const WANTED: usize = 1024;
/// The most bytes of entries or envelopes in one frame, but for a single larger one.
const FRAME_BYTES: usize = 1024 * 1024;

/// One thing to send, or to read and send.
#[derive(Debug)]
pub(crate) enum Job {
    /// This frame.
    Frame(Down),
    /// Entries after a position, then where the journal ends.
    Stream { space: SpaceId, after: u64, until: Cursor },
    /// Envelopes that were asked for; see [`Queue::fetch`].
    Fetch,
    /// Where somebody is; see [`Queue::show`].
    Presence,
    /// All that was said so far has been answered, but for what waits for a commit.
    Barrier,
}

impl Job {
    /// About how many bytes it takes while it waits.
    fn len(&self) -> usize {
        let more = match self {
            Self::Frame(Down::Receipt(receipt)) => receipt.body.len(),
            Self::Frame(Down::Rejected { why: Reject::BadBody { why }, .. }) => why.len(),
            Self::Frame(Down::Held { missing, .. }) => missing.len() * size_of::<Digest>(),
            _ => 0,
        };
        JOB + more
    }
}

/// What both ends of a queue know beside its jobs.
#[derive(Debug, Default)]
struct Shared {
    /// The bytes of the jobs that wait.
    bytes: AtomicUsize,
    aside: Mutex<Aside>,
}

/// What waits beside the order of the jobs: while something is here, one job says so.
#[derive(Debug, Default)]
struct Aside {
    present: BTreeMap<DeviceId, Presence>,
    wanted: BTreeSet<Digest>,
}

impl Shared {
    fn aside(&self) -> MutexGuard<'_, Aside> {
        // Whole after every step, so a panic elsewhere spoils nothing.
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the app puts jobs.
#[derive(Debug)]
pub(crate) struct Queue {
    jobs: mpsc::UnboundedSender<Job>,
    shared: Arc<Shared>,
}

impl Queue {
    /// Puts a job behind the others; `false` if the connection is gone or does not keep up.
    #[must_use]
    pub(crate) fn put(&self, job: Job) -> bool {
        let len = job.len();
        // Only the app puts, so nobody adds in between.
        if self.shared.bytes.load(Ordering::Relaxed) + len > QUEUE {
            return false;
        }
        self.shared.bytes.fetch_add(len, Ordering::Relaxed);
        self.jobs.send(job).is_ok()
    }

    /// Shows where a device is, unless there is something of more worth to send. Never a reason
    /// to give the connection up.
    pub(crate) fn show(&self, presence: Presence) {
        let Some(device) = presence.device else { return };
        if self.shared.bytes.load(Ordering::Relaxed) > QUEUE / 4 {
            return;
        }
        let mut aside = self.shared.aside();
        let first = aside.present.is_empty();
        aside.present.insert(device, presence);
        drop(aside);
        if first {
            // It may be gone meanwhile.
            let _ = self.put(Job::Presence);
        }
    }

    /// Sends stored envelopes; more than may wait are left out, and asked for again. `false` as
    /// for [`Queue::put`].
    #[must_use]
    pub(crate) fn fetch(&self, envelopes: Vec<Digest>) -> bool {
        let mut aside = self.shared.aside();
        let first = aside.wanted.is_empty();
        let room = WANTED.saturating_sub(aside.wanted.len());
        aside.wanted.extend(envelopes.into_iter().take(room));
        let begin = first && !aside.wanted.is_empty();
        drop(aside);
        !begin || self.put(Job::Fetch)
    }
}

/// Where a connection takes what it sends.
pub(crate) struct Outlet {
    device: DeviceId,
    store: Arc<dyn Store>,
    jobs: mpsc::UnboundedReceiver<Job>,
    shared: Arc<Shared>,
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
        let (to, jobs) = mpsc::unbounded_channel();
        let shared = Arc::<Shared>::default();
        let queue = Queue { jobs: to, shared: Arc::clone(&shared) };
        (queue, Self { device, store, jobs, shared, under_way: None })
    }

    async fn receive(&mut self) -> Option<Job> {
        let job = self.jobs.recv().await?;
        self.shared.bytes.fetch_sub(job.len(), Ordering::Relaxed);
        Some(job)
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
                None => match self.receive().await {
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
            self.under_way = self.receive().await;
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
            Job::Presence => {
                let mut aside = self.shared.aside();
                let newest = aside.present.pop_first().map(|(_, presence)| presence);
                if !aside.present.is_empty() {
                    self.under_way = Some(Job::Presence);
                }
                Ok(newest.map(|presence| Next::Frame(Down::Presence(presence))))
            }
            Job::Fetch => {
                let mut envelopes = Vec::new();
                let mut length = 0;
                loop {
                    let next = self.shared.aside().wanted.first().copied();
                    let Some(hash) = next else { break };
                    let found = self.store.envelopes(std::slice::from_ref(&hash)).await?;
                    let more: usize = found.iter().map(Envelope::len).sum();
                    if length + more > FRAME_BYTES && !envelopes.is_empty() {
                        self.under_way = Some(Job::Fetch);
                        break;
                    }
                    length += more;
                    envelopes.extend(found);
                    self.shared.aside().wanted.remove(&hash);
                }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::model::DocId;

    use super::*;
    use crate::store::{SqliteOptions, SqliteStore};

    async fn both(folder: &tempfile::TempDir) -> (Queue, Outlet) {
        let options = SqliteOptions { create: true, ..SqliteOptions::default() };
        let store = SqliteStore::open(folder.path(), &options).await.unwrap();
        Outlet::new(DeviceId::from_bytes([1; 16]), Arc::new(store))
    }

    fn present(device: u8, caret: usize) -> Presence {
        Presence {
            space: SpaceId::from_bytes([1; 16]),
            doc: DocId::from_bytes([2; 16]),
            device: Some(DeviceId::from_bytes([device; 16])),
            field: "note".into(),
            caret: caret.to_string(),
        }
    }

    fn said() -> Job {
        Job::Frame(Down::Withdrawn { space: SpaceId::from_bytes([3; 16]) })
    }

    /// Takes out all that waits, up to the barrier put behind it.
    async fn all(queue: &Queue, outlet: &mut Outlet) -> Vec<Down> {
        assert!(queue.put(Job::Barrier));
        let mut frames = Vec::new();
        while let Next::Frame(frame) = outlet.next().await.unwrap() {
            frames.push(frame);
        }
        frames
    }

    #[tokio::test]
    async fn where_others_are_cuts_nobody_off_and_only_the_newest_counts() {
        let folder = tempfile::TempDir::new().unwrap();
        let (queue, mut outlet) = both(&folder).await;
        for caret in 0..100_000 {
            queue.show(present(2, caret));
            queue.show(present(3, caret));
        }
        assert!(queue.put(said()), "there is room for what counts");
        let heard = all(&queue, &mut outlet).await;
        let carets: Vec<String> = heard
            .into_iter()
            .filter_map(|frame| match frame {
                Down::Presence(presence) => Some(presence.caret),
                _ => None,
            })
            .collect();
        assert_eq!(carets, ["99999", "99999"]);
        queue.show(present(2, 1));
        assert_eq!(all(&queue, &mut outlet).await, [Down::Presence(present(2, 1))]);
    }

    #[tokio::test]
    async fn where_others_are_gives_way_to_what_waits() {
        let folder = tempfile::TempDir::new().unwrap();
        let (queue, mut outlet) = both(&folder).await;
        for _ in 0..=QUEUE / 4 / JOB {
            assert!(queue.put(said()));
        }
        queue.show(present(2, 1));
        let heard = all(&queue, &mut outlet).await;
        assert!(heard.iter().all(|frame| !matches!(frame, Down::Presence(_))));
        queue.show(present(2, 2));
        assert_eq!(all(&queue, &mut outlet).await.len(), 1, "there is room again");
    }

    #[tokio::test]
    async fn what_waits_is_bounded_by_its_bytes() {
        let folder = tempfile::TempDir::new().unwrap();
        let (queue, _outlet) = both(&folder).await;
        let held = || {
            let missing = vec![shared::model::ChangeHash([1; 32]); 2000];
            Job::Frame(Down::Held { envelope: Digest([1; 32]), missing })
        };
        let puts = (0..QUEUE).take_while(|_| queue.put(held())).count();
        assert_eq!(puts, QUEUE / held().len());
    }

    #[tokio::test]
    async fn envelopes_asked_for_again_and_again_wait_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let (queue, mut outlet) = both(&folder).await;
        let asked = |n: usize| -> Vec<Digest> {
            let digest = |n: usize| {
                let mut bytes = [0; 32];
                bytes[..8].copy_from_slice(&n.to_be_bytes());
                Digest(bytes)
            };
            (0..n).map(digest).collect()
        };
        for _ in 0..100 {
            assert!(queue.fetch(asked(5000)));
        }
        assert_eq!(queue.shared.aside().wanted.len(), WANTED);
        assert_eq!(queue.shared.bytes.load(Ordering::Relaxed), JOB, "one job");
        assert_eq!(all(&queue, &mut outlet).await, [], "none of them is stored");
        assert!(queue.shared.aside().wanted.is_empty());
    }
}
