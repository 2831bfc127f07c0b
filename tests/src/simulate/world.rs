//! One seed: what happens, step by step, and then that everything comes together.
use shared::{
    journal::{
        cbor,
        entry::Verdict,
        frame::{Down, Up},
        laptop,
        server::{self, Conn},
    },
    model::{ChangeHash, Digest, PersonId},
};

use super::{
    book::{Ctx, Link},
    cast::Cast,
    check,
    disk::{LaptopDisk, ServerDisk},
    host::Host,
    hunt::Bug,
    station::Station,
    work,
};

/// A courier's stick: frames in a file, for one person.
struct Stick {
    reader: PersonId,
    frames: Vec<Vec<u8>>,
}

/// What comes of a seed.
pub(super) struct Outcome {
    pub(super) trace: u64,
    pub(super) checks: u64,
    pub(super) hits: std::collections::BTreeMap<&'static str, u64>,
    pub(super) broken: Option<String>,
}

impl Outcome {
    /// Says that a seed ended in a way that tells nothing else.
    pub(super) fn broken(what: String) -> Self {
        Self { trace: 0, checks: 0, hits: Default::default(), broken: Some(what) }
    }
}

/// How a seed is played.
#[derive(Clone, Copy)]
pub(super) struct Play {
    pub(super) seed: u64,
    pub(super) steps: usize,
    pub(super) laptops: usize,
    pub(super) faults: bool,
    pub(super) print: bool,
    /// Whether disks of running laptops are copied too.
    pub(super) running_copies: bool,
    /// The bug that server and laptops are given.
    pub(super) bug: Option<Bug>,
}

pub(super) struct World {
    pub(super) ctx: Ctx,
    pub(super) cast: Cast,
    pub(super) host: Host,
    pub(super) stations: Vec<Station>,
    sticks: Vec<Stick>,
    backup: Option<ServerDisk>,
    right_lost: bool,
    /// Whether laptops hold on to their links.
    linked: bool,
    faults: bool,
    running_copies: bool,
}

/// Plays one seed.
pub(super) fn play(play: Play) -> Outcome {
    let mut world = World::new(play);
    for n in 0..play.steps {
        world.ctx.note(format_args!("-- {n}"));
        world.step();
        check::always(&mut world);
        if world.ctx.broken.is_some() {
            break;
        }
    }
    if world.ctx.broken.is_none() {
        world.heal();
    }
    let ctx = world.ctx;
    Outcome { trace: ctx.trace(), checks: ctx.checks, hits: ctx.hits, broken: ctx.broken }
}

impl World {
    fn new(play: Play) -> Self {
        let mut ctx = Ctx::new(&play);
        let mut host = Host::new(ctx.chance.secret(), play.bug);
        let cast = Cast::draw(ctx.now, play.laptops, &mut ctx.chance);
        ctx.healing = true;
        ctx.marked = cast.spaces.clone();
        ctx.ever = cast.readers();
        host.feed(&mut ctx, server::Input::Tick);
        let words = cast.words(ctx.now);
        host.feed(&mut ctx, server::Input::Say(words));
        let mut stations = Vec::new();
        for (name, person) in cast.persons.iter().enumerate() {
            let secret = ctx.chance.secret();
            let key = host.verifying_key();
            let station = Station::new(name, *person, secret, key, LaptopDisk::default(), &mut ctx);
            let (person, key) = (*person, station.verifying_key());
            host.feed(&mut ctx, server::Input::Enrol { person, key, name: format!("本{name}") });
            stations.push(station);
        }
        while host.step(&mut ctx) {}
        let mut world = Self {
            ctx,
            cast,
            host,
            stations,
            sticks: Vec::new(),
            backup: None,
            right_lost: false,
            linked: false,
            faults: play.faults,
            running_copies: play.running_copies,
        };
        for n in 0..world.stations.len() {
            world.connect(n);
        }
        world.settle();
        world.ctx.healing = false;
        world
    }

    fn step(&mut self) {
        let by = 50 + self.ctx.chance.below(20_000) as i64;
        self.ctx.now = self.ctx.now.plus_millis(by);
        self.some_faults_end();
        let n = self.ctx.chance.below(self.stations.len());
        match self.ctx.chance.below(100) {
            0..45 => work::work(&mut self.ctx, &self.cast, &mut self.stations[n]),
            45..70 => self.deliver_some(),
            70..80 if self.stations[n].conn.is_none() => self.connect(n),
            70..72 => self.disconnect(n),
            72..80 => self.stations[n].feed(&mut self.ctx, laptop::Input::Seal),
            80..85 => {
                self.host.feed(&mut self.ctx, server::Input::Tick);
                self.host.flush(&mut self.ctx);
                self.host.try_next(&mut self.ctx);
                self.stations[n].flush(&mut self.ctx);
            }
            _ if self.faults => self.fault(n),
            _ => {}
        }
        self.some_effects();
    }

    /// Lets every node carry out some of what it has to do, perhaps not all.
    fn some_effects(&mut self) {
        for n in 0..=self.stations.len() {
            let all = self.ctx.chance.per_mille(700);
            let budget = if all { usize::MAX } else { self.ctx.chance.below(4) };
            for _ in 0..budget {
                let did = match self.stations.get_mut(n) {
                    Some(station) => station.step(&mut self.ctx),
                    None => self.host.step(&mut self.ctx),
                };
                if !did {
                    break;
                }
            }
        }
        self.notice_lost_links();
    }

    fn fault(&mut self, n: usize) {
        let ctx = &mut self.ctx;
        match ctx.chance.below(100) {
            0..28 => self.disturb_link(),
            28..34 => {
                ctx.hit("laptop crash");
                ctx.note(format_args!("L{n} crashes"));
                self.stations[n].restart(ctx);
            }
            34..40 => {
                ctx.hit("server crash");
                ctx.note(format_args!("server crashes"));
                self.host.restart(ctx);
            }
            40..46 => self.lock(n),
            46..51 => self.stations[n].full = true,
            51..54 => self.host.full = true,
            54..66 => self.write_stick(n),
            66..80 => self.read_stick(n),
            80..83 if !self.right_lost => {
                if let Some(words) = self.cast.right_lost() {
                    self.right_lost = true;
                    ctx.hit("right lost");
                    self.host.feed(ctx, server::Input::Say(words));
                }
            }
            80..87 if self.stations.len() < self.cast.persons.len() + 2 => self.clone_disk(n),
            87..92 => match self.backup.take() {
                None => self.backup = Some(self.host.disk.clone()),
                Some(disk) => {
                    ctx.hit("server restored");
                    ctx.note(format_args!("server restored"));
                    ctx.restored = true;
                    self.host.disk = disk;
                    self.host.restart(ctx);
                }
            },
            92..95 if self.host.core().recovering() => {
                ctx.hit("recovery ended by hand");
                ctx.note(format_args!("an administrator ends recovery"));
                self.host.feed(ctx, server::Input::EndRecovery);
            }
            95..98 => work::craft(ctx, &self.cast, &mut self.stations[n]),
            98.. => work::poison(ctx, &self.cast, &mut self.stations[n]),
            _ => self.disturb_link(),
        }
    }

    /// Full disks are cleared and blocked ways are free again, sooner or later.
    fn some_faults_end(&mut self) {
        let ctx = &mut self.ctx;
        if self.host.full && ctx.chance.per_mille(300) {
            self.host.full = false;
            self.host.flush(ctx);
        }
        for station in &mut self.stations {
            if station.full && ctx.chance.per_mille(150) {
                station.full = false;
                station.flush(ctx);
            }
        }
        if ctx.chance.per_mille(100) {
            for link in ctx.links.values_mut() {
                link.up_blocked = false;
                link.down_blocked = false;
            }
        }
    }

    /// Locks a laptop and unlocks it: drafts are sealed, a new session begins.
    fn lock(&mut self, n: usize) {
        self.ctx.hit("laptop locked");
        self.ctx.note(format_args!("L{n} locks"));
        let station = &mut self.stations[n];
        station.feed(&mut self.ctx, laptop::Input::Seal);
        while station.step(&mut self.ctx) {}
        station.flush(&mut self.ctx);
        station.restart(&mut self.ctx);
    }

    /// Somebody copies a laptop's disk and works on both. A locked one begins a new session
    /// like its copy; a running one goes on in the session in which the copy finds drafts.
    fn clone_disk(&mut self, n: usize) {
        let running = self.ctx.chance.per_mille(600) && self.running_copies;
        self.ctx.hit(if running { "running disk cloned" } else { "disk cloned" });
        let name = self.stations.len();
        self.ctx.note(format_args!("L{n} is cloned to L{name}"));
        let copy = self.stations[n].clone_disk(name, &mut self.ctx);
        self.stations.push(copy);
        if !running {
            self.stations[n].restart(&mut self.ctx);
        }
    }

    fn write_stick(&mut self, n: usize) {
        let readers: Vec<PersonId> = self.stations.iter().map(|s| s.person).collect();
        let Some(reader) = self.ctx.chance.pick(&readers) else { return };
        let station = &mut self.stations[n];
        station.feed(&mut self.ctx, laptop::Input::Seal);
        while station.step(&mut self.ctx) {}
        station.flush(&mut self.ctx);
        while station.step(&mut self.ctx) {}
        let frames = station.export(reader, self.ctx.now);
        for frame in &frames {
            self.ctx.check_marks(reader, frame, "a stick");
        }
        self.sticks.push(Stick { reader, frames });
    }

    fn read_stick(&mut self, n: usize) {
        let person = self.stations[n].person;
        let Some(at) = self.sticks.iter().position(|s| s.reader == person) else { return };
        let again = self.ctx.chance.per_mille(300);
        let mut frames =
            if again { self.sticks[at].frames.clone() } else { self.sticks.remove(at).frames };
        self.ctx.hit(if again { "courier twice" } else { "courier" });
        if self.ctx.chance.per_mille(200) {
            self.ctx.hit("courier cut short");
            let keep = self.ctx.chance.below(frames.len() + 1);
            frames.truncate(keep);
        }
        self.ctx.note(format_args!("L{n} reads a stick of {} frames", frames.len()));
        self.stations[n].import(&mut self.ctx, &frames);
    }

    pub(super) fn connect(&mut self, n: usize) {
        if self.stations[n].conn.is_some() {
            return;
        }
        self.ctx.conns += 1;
        let conn = Conn(self.ctx.conns);
        let device = self.stations[n].core().device();
        let person = self.stations[n].person;
        self.ctx.links.insert(
            conn,
            Link {
                station: n,
                device,
                person,
                up: Default::default(),
                down: Default::default(),
                up_blocked: false,
                down_blocked: false,
            },
        );
        self.stations[n].conn = Some(conn);
        self.ctx.note(format_args!("L{n} connects"));
        self.host.feed(&mut self.ctx, server::Input::Connected { conn, device });
        self.stations[n].feed(&mut self.ctx, laptop::Input::Connected);
    }

    pub(super) fn disconnect(&mut self, n: usize) {
        let Some(conn) = self.stations[n].conn.take() else { return };
        self.ctx.links.remove(&conn);
        self.ctx.note(format_args!("L{n} disconnects"));
        self.host.feed(&mut self.ctx, server::Input::Disconnected(conn));
        self.stations[n].feed(&mut self.ctx, laptop::Input::Disconnected);
    }

    /// Tells laptops and server which connections are gone.
    fn notice_lost_links(&mut self) {
        for station in &mut self.stations {
            if let Some(conn) = station.conn
                && !self.ctx.links.contains_key(&conn)
            {
                station.conn = None;
                station.feed(&mut self.ctx, laptop::Input::Disconnected);
            }
        }
        let alive: Vec<Conn> = self.stations.iter().filter_map(|s| s.conn).collect();
        let lost: Vec<Conn> =
            self.ctx.links.keys().filter(|c| !alive.contains(c)).copied().collect();
        for conn in lost {
            self.ctx.links.remove(&conn);
            self.host.feed(&mut self.ctx, server::Input::Disconnected(conn));
        }
    }

    fn deliver_some(&mut self) {
        let conns: Vec<Conn> = self.ctx.links.keys().copied().collect();
        for _ in 0..1 + self.ctx.chance.below(8) {
            if let Some(conn) = self.ctx.chance.pick(&conns) {
                let up = self.ctx.chance.per_mille(500);
                self.deliver(conn, up);
                self.some_effects();
            }
        }
    }

    /// Delivers the oldest frame of one direction; `false` when there is none.
    fn deliver(&mut self, conn: Conn, up: bool) -> bool {
        let Some(link) = self.ctx.links.get_mut(&conn) else { return false };
        let (queue, blocked) =
            if up { (&mut link.up, link.up_blocked) } else { (&mut link.down, link.down_blocked) };
        if blocked && !self.ctx.healing {
            return false;
        }
        let station = link.station;
        let Some(bytes) = queue.pop_front() else { return false };
        if up {
            match cbor::from_slice::<Up>(&bytes) {
                Ok(frame) => self.host.feed(&mut self.ctx, server::Input::Frame { conn, frame }),
                Err(e) => self.ctx.check(false, || format!("a frame does not decode: {e}")),
            }
        } else {
            match cbor::from_slice::<Down>(&bytes) {
                Ok(frame) => {
                    self.stations[station].feed(&mut self.ctx, laptop::Input::Frame(frame));
                }
                Err(e) => self.ctx.check(false, || format!("a frame does not decode: {e}")),
            }
        }
        true
    }

    fn disturb_link(&mut self) {
        let conns: Vec<Conn> = self.ctx.links.keys().copied().collect();
        let Some(conn) = self.ctx.chance.pick(&conns) else { return };
        let up = self.ctx.chance.per_mille(500);
        let what = self.ctx.chance.below(6);
        let Some(link) = self.ctx.links.get_mut(&conn) else { return };
        let queue = if up { &mut link.up } else { &mut link.down };
        let hit = match what {
            0 => queue.pop_front().map(|_| "drop"),
            1 => queue.front().cloned().map(|f| {
                queue.push_back(f);
                "duplicate"
            }),
            2 if queue.len() > 1 => {
                queue.swap(0, 1);
                Some("reorder")
            }
            3 => queue.pop_front().map(|f| {
                queue.push_back(f);
                "delay"
            }),
            4 => {
                let blocked = if up { &mut link.up_blocked } else { &mut link.down_blocked };
                *blocked = !*blocked;
                Some("partition")
            }
            5 => {
                // Half a frame never arrives: the connection is cut.
                let half = !link.up.is_empty() || !link.down.is_empty();
                let station = link.station;
                self.disconnect(station);
                half.then_some("cut")
            }
            _ => None,
        };
        if let Some(hit) = hit {
            self.ctx.hit(hit);
        }
    }

    /// Carries everything out and delivers everything, until nothing moves.
    pub(super) fn settle(&mut self) {
        for _ in 0..20_000 {
            self.notice_lost_links();
            let mut moved = self.reconnect();
            moved |= self.host.step(&mut self.ctx);
            for station in &mut self.stations {
                moved |= station.step(&mut self.ctx);
            }
            let conns: Vec<Conn> = self.ctx.links.keys().copied().collect();
            for conn in conns {
                moved |= self.deliver(conn, true);
                moved |= self.deliver(conn, false);
            }
            if !self.host.trials.is_empty() {
                self.host.try_next(&mut self.ctx);
                moved = true;
            }
            if !moved {
                return;
            }
        }
        self.ctx.check(false, || "it never comes to rest".into());
    }

    /// A server that reloaded has dropped its connections: laptops try again at once. Tells
    /// whether one did.
    fn reconnect(&mut self) -> bool {
        let lost: Vec<usize> = (0..self.stations.len())
            .filter(|n| self.linked && self.stations[*n].conn.is_none())
            .collect();
        for n in &lost {
            self.connect(*n);
        }
        !lost.is_empty()
    }

    /// Ends all faults; then three rounds of contact must bring everything together.
    fn heal(&mut self) {
        self.ctx.note(format_args!("-- healing"));
        self.ctx.healing = true;
        self.host.full = false;
        self.host.flush(&mut self.ctx);
        for station in &mut self.stations {
            station.full = false;
            station.flush(&mut self.ctx);
            while station.step(&mut self.ctx) {}
            station.restart(&mut self.ctx);
        }
        self.linked = true;
        for round in 0..3 {
            for n in 0..self.stations.len() {
                self.disconnect(n);
            }
            for n in 0..self.stations.len() {
                self.connect(n);
            }
            self.rest();
            if round == 0 && self.host.core().recovering() {
                self.ctx.hit("recovery ended by hand");
                self.host.feed(&mut self.ctx, server::Input::EndRecovery);
                self.rest();
            }
        }
        check::together(self);
        if self.ctx.broken.is_none() {
            check::next_edits_are_decided(self);
        }
    }

    /// Settles, and lets documents that rest after a time-out be tried again.
    pub(super) fn rest(&mut self) {
        for _ in 0..3 {
            self.settle();
            self.ctx.now = self.ctx.now.plus_millis(3_000);
            self.host.feed(&mut self.ctx, server::Input::Tick);
        }
        self.settle();
    }

    /// Returns the changes that the server has put into documents or trays.
    pub(super) fn decided_changes(&mut self) -> std::collections::BTreeSet<ChangeHash> {
        let entries = self.host.disk.all_entries();
        let hashes: Vec<_> = entries
            .filter(|e| !matches!(e.verdict(), Some(Verdict::Malformed(_))))
            .filter_map(|e| e.body().envelope)
            .collect();
        hashes.iter().flat_map(|h| self.host.changes_of(&mut self.ctx, h)).collect()
    }

    /// Returns the changes that an envelope on a laptop brings.
    pub(super) fn brought(&mut self, hash: &Digest) -> Vec<ChangeHash> {
        let envelope = self.stations.iter().find_map(|s| s.disk.envelope(hash));
        envelope.map(|e| self.ctx.changes.of(&e)).unwrap_or_default()
    }

    /// Returns the changes in envelopes that the server has stored.
    pub(super) fn stored_changes(&mut self) -> std::collections::BTreeSet<ChangeHash> {
        let hashes: Vec<_> = self.host.disk.envelopes().map(|e| e.hash()).collect();
        hashes.iter().flat_map(|h| self.host.changes_of(&mut self.ctx, h)).collect()
    }
}
