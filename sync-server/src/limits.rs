//! How much one device, or one address, may ask for, so that none crowds out the others or
//! fills the disk.
//!
//! Who goes beyond it is told to come again later and loses nothing: what was not received
//! stays where it is. Counts are in memory; a restart begins them anew.
use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use shared::model::DeviceId;

const KIB: usize = 1024;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// After so many questions, keys that have not asked for long are forgotten.
const SWEEP: u32 = 4096;

/// So much at once, and so much more with time.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// At once, after a rest.
    pub burst: NonZeroU32,
    /// The time in which all of that comes back.
    pub per: Duration,
}

impl Rate {
    /// So much at once, all of which comes back in this time; one at least.
    pub const fn new(burst: u32, per: Duration) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, per }
    }

    /// So much in a day, at once or bit by bit.
    pub(crate) const fn a_day(burst: u32) -> Self {
        Self::new(burst, DAY)
    }
}

/// The limits of a server. The standard ones leave a laptop that was away for weeks alone.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Enrolment tries from one address.
    pub enrol: Rate,
    /// Steps of logging in from one address.
    pub login: Rate,
    /// Sessions opened by one device.
    pub sessions: Rate,
    /// Exchanges by one device.
    pub exchanges: Rate,
    /// Frames of one device on its live links; who is faster waits.
    pub frames: Rate,
    /// How often one device says where it is; what is more is not shown.
    pub presence: Rate,
    /// KiB of envelopes that one device brings.
    pub journal: Rate,
    /// KiB of files that one device brings.
    pub files: Rate,
    /// Live links and exchanges that one device may have open at once.
    pub links: usize,
    /// Envelopes of one device that may wait for their verdict.
    pub undecided: usize,
    /// Files are taken only while the disk has this many bytes to spare: the journal goes first.
    pub reserve: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            enrol: Rate::new(240, 4 * minute),
            login: Rate::new(1200, minute),
            sessions: Rate::new(120, minute),
            exchanges: Rate::new(1200, minute),
            frames: Rate::new(4000, Duration::from_secs(20)),
            presence: Rate::new(20, Duration::from_secs(5)),
            journal: Rate::a_day(512 * 1024),
            files: Rate::a_day(16 * 1024 * 1024),
            links: 16,
            undecided: 10_000,
            reserve: 256 * 1024 * 1024,
        }
    }
}

/// Counts what is asked for.
#[derive(Debug)]
pub(crate) struct Gates {
    pub(crate) limits: Limits,
    enrol: Gate<IpAddr>,
    login: Gate<IpAddr>,
    sessions: Gate<DeviceId>,
    exchanges: Gate<DeviceId>,
    frames: Gate<DeviceId>,
    presence: Gate<DeviceId>,
    journal: Gate<DeviceId>,
    files: Gate<DeviceId>,
    links: Mutex<HashMap<DeviceId, usize>>,
}

impl Gates {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            enrol: Gate::new(limits.enrol),
            login: Gate::new(limits.login),
            sessions: Gate::new(limits.sessions),
            exchanges: Gate::new(limits.exchanges),
            frames: Gate::new(limits.frames),
            presence: Gate::new(limits.presence),
            journal: Gate::new(limits.journal),
            files: Gate::new(limits.files),
            links: Mutex::default(),
            limits,
        })
    }

    pub(crate) fn enrol(&self, from: IpAddr) -> bool {
        self.enrol.pass(&network(from), 1)
    }

    pub(crate) fn login(&self, from: IpAddr) -> bool {
        self.login.pass(&network(from), 1)
    }

    pub(crate) fn session(&self, device: DeviceId) -> bool {
        self.sessions.pass(&device, 1)
    }

    pub(crate) fn exchange(&self, device: DeviceId) -> bool {
        self.exchanges.pass(&device, 1)
    }

    /// Waits until a device may say one more frame.
    pub(crate) async fn frame(&self, device: DeviceId) {
        self.frames.limiter.until_key_ready(&device).await;
    }

    pub(crate) fn presence(&self, device: DeviceId) -> bool {
        self.presence.pass(&device, 1)
    }

    pub(crate) fn envelope(&self, device: DeviceId, bytes: usize) -> bool {
        self.journal.pass(&device, bytes.div_ceil(KIB))
    }

    pub(crate) fn chunk(&self, device: DeviceId, bytes: usize) -> bool {
        self.files.pass(&device, bytes.div_ceil(KIB))
    }

    /// Takes one of a device's places; `None` when all are taken.
    pub(crate) fn link(self: &Arc<Self>, device: DeviceId) -> Option<OpenLink> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let open = links.entry(device).or_default();
        (*open < self.limits.links).then(|| {
            *open += 1;
            OpenLink { gates: Arc::clone(self), device }
        })
    }
}

/// A place that a device has taken.
#[derive(Debug)]
pub(crate) struct OpenLink {
    gates: Arc<Gates>,
    device: DeviceId,
}

impl Drop for OpenLink {
    fn drop(&mut self) {
        let mut links = self.gates.links.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = links.get_mut(&self.device) {
            *open -= 1;
            if *open == 0 {
                links.remove(&self.device);
            }
        }
    }
}

#[derive(Debug)]
struct Gate<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Gate<K> {
    fn new(rate: Rate) -> Self {
        let each = (rate.per / rate.burst.get()).max(Duration::from_nanos(1));
        // A period of nothing has no quota, and each is more than nothing.
        let quota = Quota::with_period(each).unwrap_or(Quota::per_second(rate.burst));
        let limiter = RateLimiter::keyed(quota.allow_burst(rate.burst));
        Self { limiter, asked: AtomicU32::new(0) }
    }

    /// Takes `n` at once, one at least; takes nothing if they are not there.
    fn pass(&self, key: &K, n: usize) -> bool {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
        }
        let n = NonZeroU32::new(u32::try_from(n).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
        matches!(self.limiter.check_key_n(key, n), Ok(Ok(())))
    }
}

/// The part of an address that one household has: all of an IPv4 address, the network of an
/// IPv6 one, of which a single machine may draw as many as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_who_asks_too_much_does_not_cost_another() {
        let gates = Gates::new(Limits { journal: Rate::new(4, DAY), ..Limits::default() });
        let [hostile, honest] = [1, 2].map(|n| DeviceId::from_bytes([n; 16]));
        assert!(gates.envelope(hostile, 3 * KIB) && gates.envelope(hostile, 1));
        assert!(!gates.envelope(hostile, 1), "the smallest counts for one");
        assert!(!gates.envelope(honest, 5 * KIB), "more than there ever is");
        assert!(gates.envelope(honest, 4 * KIB), "what was refused cost nothing");
    }

    #[test]
    fn a_place_is_free_again_once_it_is_left() {
        let gates = Gates::new(Limits { links: 2, ..Limits::default() });
        let device = DeviceId::from_bytes([1; 16]);
        let first = gates.link(device).unwrap();
        let _second = gates.link(device).unwrap();
        assert!(gates.link(device).is_none());
        assert!(gates.link(DeviceId::from_bytes([2; 16])).is_some());
        drop(first);
        assert!(gates.link(device).is_some());
    }

    #[test]
    fn a_machine_that_draws_addresses_is_one_machine() {
        let same = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map(|a| network(a.parse().unwrap()));
        assert_eq!(same[0], same[1]);
        assert_ne!(same[0], network("2001:db8:1:3::1".parse().unwrap()));
        assert_eq!(
            network("::ffff:10.0.0.1".parse().unwrap()),
            "10.0.0.1".parse::<IpAddr>().unwrap()
        );
    }
}
