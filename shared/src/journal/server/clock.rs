//! One time that is trusted: the machine's clock, but for its jumps.
//!
//! Every input brings what the machine's clock says. A step of more than [`JUMP_MILLIS`] from
//! one input to the next is no time that has passed: timers rest, and the trusted time goes on
//! by the smaller steps alone, until the clock comes back by itself or an administrator says
//! that it is right. Whatever is signed, decided or allowed to be read goes by the trusted time.
use super::{AfterCommit, Alarm, Effect, Server, Write};
use crate::model::Timestamp;

/// A clock that steps by more than this suspends timers until an administrator confirms it.
const JUMP_MILLIS: i64 = 5 * 60 * 1000;
/// After this long the trusted time is noted with whatever is written next.
const NOTE_MILLIS: i64 = 10 * 60 * 1000;

/// What is known of the time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clock {
    /// What the machine's clock said last; nothing since the start.
    seen: Option<Timestamp>,
    /// The time that was trusted then.
    trusted: Timestamp,
    /// Whether timers rest.
    pub(super) suspended: bool,
    /// Whether the clock may be moved at will: a training round.
    free: bool,
    /// The trusted time that was written last.
    noted: Timestamp,
}

impl Clock {
    /// Takes up what was written last. How long the server was down only its clock knows: it is
    /// believed, unless timers rested or it stands before that time.
    pub(super) fn load(noted: Option<(Timestamp, bool)>) -> Self {
        let (trusted, suspended) = noted.unwrap_or_default();
        Self { trusted, suspended, noted: trusted, ..Self::default() }
    }

    /// Returns by how much the machine's clock has jumped, if it has.
    fn jump(&self, machine: Timestamp) -> Option<i64> {
        let step = match self.seen {
            Some(seen) => machine.since(seen),
            None if self.suspended => return Some(machine.since(self.trusted)),
            None => machine.since(self.trusted).min(0),
        };
        (step.abs() > JUMP_MILLIS).then_some(step)
    }

    /// Returns the trusted time when the machine's clock says this.
    fn at(&self, machine: Timestamp) -> Timestamp {
        match self.seen {
            _ if self.free => machine,
            _ if self.jump(machine).is_some() => self.trusted,
            Some(seen) if self.suspended => self.trusted.plus_millis(machine.since(seen)),
            _ => machine,
        }
    }
}

impl Server {
    /// Returns the time that is trusted when the machine's clock says this.
    pub fn time(&self, machine: Timestamp) -> Timestamp {
        self.clock.at(machine)
    }

    /// Lets an administrator's training clock move freely.
    pub fn trust_clock(&mut self) {
        self.clock.free = true;
        self.clock.suspended = false;
    }

    /// Takes the time over from the core that this one replaces in a running server.
    pub fn go_on_from(&mut self, before: &Self) {
        self.clock = before.clock;
    }

    /// Hears what the machine's clock says; returns the trusted time.
    pub(super) fn hear(&mut self, machine: Timestamp) -> Timestamp {
        let mut now = self.clock.at(machine);
        let rested = self.clock.suspended;
        if !self.clock.free {
            let jump = self.clock.jump(machine);
            let news = self.clock.seen.is_none() || !rested;
            if let Some(by) = jump.filter(|by| news && by.abs() > JUMP_MILLIS) {
                self.clock.suspended = true;
                self.out.push(Effect::Alarm(Alarm::ClockJump { by }));
            }
            // It was wrong, and is right again.
            if self.clock.suspended && machine.since(now).abs() <= JUMP_MILLIS {
                self.clock.suspended = false;
                now = machine;
            }
        }
        self.clock.seen = Some(machine);
        self.clock.trusted = now;
        if rested != self.clock.suspended {
            self.note();
        }
        now
    }

    /// Confirms the clock after a jump: timers go on from what it says.
    pub(super) fn confirm_clock(&mut self, machine: Timestamp) {
        self.clock.trusted = machine;
        self.clock.suspended = false;
        self.note();
    }

    fn note(&mut self) {
        let write = self.clock_write();
        let after = AfterCommit::Said { spaces: Vec::new(), snapshots: Vec::new() };
        self.commit(vec![write], after);
    }

    /// Returns a note of the time, if one is due.
    pub(super) fn clock_due(&mut self) -> Option<Write> {
        let since = self.clock.trusted.since(self.clock.noted);
        (!self.clock.free && since >= NOTE_MILLIS).then(|| self.clock_write())
    }

    fn clock_write(&mut self) -> Write {
        self.clock.noted = self.clock.trusted;
        Write::Clock { trusted: self.clock.trusted, suspended: self.clock.suspended }
    }
}
