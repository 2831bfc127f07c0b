//! What can be undone, kept true while other people write in the same text.
//!
//! Each step holds the change that takes one of *our* edits back. When somebody else's change
//! arrives, the whole stack is carried over it, from the newest step down; so undo takes back
//! what we did and never what they did.

mod change;

pub(crate) use change::{Change, Hold, Payload};
use change::{Outline, Tie};

use super::Selection;

/// How many steps are kept; the oldest are forgotten first. Every remote change visits each step.
const STEPS: usize = 2_000;

/// A pause in typing that starts a new step, in milliseconds.
const PAUSE: u64 = 1_000;

/// What sort of edit a step began with; only like edits join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Typed text.
    Typing,
    /// Deletion towards the start.
    Back,
    /// Deletion towards the end.
    Forward,
    /// Anything that stands alone, such as a paste.
    Single,
}

/// A change to apply and the selection to show afterwards.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) change: Change,
    pub(crate) selection: Selection,
}

/// The steps back and the steps forward again, newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// The kind of the newest step and when it grew last, while it may still grow.
    open: Option<(Kind, u64)>,
}

impl History {
    /// Notes a local edit by its `inverse`; `before` is the selection before it.
    ///
    /// It joins the newest step if that is of the same kind, is still open, and grew less than
    /// [`PAUSE`] before `now`.
    pub(crate) fn record(&mut self, inverse: Change, before: Selection, kind: Kind, now: u64) {
        self.redo.clear();
        let joins = kind != Kind::Single
            && self.open.is_some_and(|(open, at)| open == kind && now.saturating_sub(at) < PAUSE);
        self.open = (kind != Kind::Single).then_some((kind, now));
        match self.undo.last_mut() {
            Some(step) if joins => {
                step.change = inverse.compose(std::mem::take(&mut step.change));
            }
            _ => {
                if self.undo.len() == STEPS {
                    self.undo.remove(0);
                }
                self.undo.push(Step { change: inverse, selection: before });
            }
        }
    }

    /// Lets the newest step grow by edits of `kind`, as if it had begun with one.
    pub(crate) fn reopen(&mut self, kind: Kind, now: u64) {
        self.open = Some((kind, now));
    }

    /// Closes the newest step: the next edit starts one of its own.
    pub(crate) fn close(&mut self) {
        self.open = None;
    }

    /// Takes the newest step back; the caller applies it and gives its inverse to
    /// [`push_redo`](Self::push_redo).
    pub(crate) fn pop_undo(&mut self) -> Option<Step> {
        self.close();
        self.undo.pop()
    }

    /// Takes the newest undone step; the caller applies it and gives its inverse to
    /// [`push_undo`](Self::push_undo).
    pub(crate) fn pop_redo(&mut self) -> Option<Step> {
        self.close();
        self.redo.pop()
    }

    /// Adds a step that undoes.
    pub(crate) fn push_undo(&mut self, step: Step) {
        self.undo.push(step);
    }

    /// Adds a step that does again.
    pub(crate) fn push_redo(&mut self, step: Step) {
        self.redo.push(step);
    }

    /// Whether there is something to take back.
    pub(crate) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether there is something to do again.
    pub(crate) fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// Carries every step over a change that somebody else made to the present text.
    pub(crate) fn rebase(&mut self, remote: &Outline) {
        let newest = self.undo.len();
        rebase(&mut self.undo, remote);
        if self.undo.len() < newest {
            // The step that was open may be the one that is gone.
            self.close();
        }
        rebase(&mut self.redo, remote);
    }
}

/// The newest step applies to the present text, each older one to what the newer ones leave.
fn rebase(steps: &mut Vec<Step>, remote: &Outline) {
    let mut remote = remote.clone();
    for step in steps.iter_mut().rev() {
        let change = std::mem::take(&mut step.change);
        let further = remote.clone().transform(&change, Tie::Theirs);
        step.change = change.transform(&remote, Tie::Mine);
        step.selection = step.selection.carried(&further);
        remote = further;
    }
    steps.retain(|step| !step.change.is_noop());
}
