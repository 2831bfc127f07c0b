//! Edits made here. Each is answered with what the document is to do.
//!
//! `now` is in milliseconds from any fixed moment; it only tells pauses in typing.

use std::ops::Range;

use super::buffer::Hanzi;
use super::history::{Change, Hold, Kind, Step};
use super::{Cut, Editor, Selection, Splice, clean};

impl Editor {
    /// Types `text` in place of the selection. Typing without a pause or a move is one undo step;
    /// a line feed ends the step.
    ///
    /// A burst of keys costs least as one call.
    pub fn insert_str(&mut self, text: &str, now: u64) -> Vec<Splice> {
        let kind = if self.selection().is_some() { Kind::Single } else { Kind::Typing };
        let splices = self.edit(self.selection.range(), &clean(text), kind, now);
        if kind == Kind::Single && !text.contains('\n') {
            self.history.reopen(Kind::Typing, now);
        }
        if text.contains('\n') {
            self.history.close();
        }
        splices
    }

    /// Puts `text` from the clipboard in place of the selection, as one undo step.
    pub fn paste(&mut self, text: &str, now: u64) -> Vec<Splice> {
        self.edit(self.selection.range(), &clean(text), Kind::Single, now)
    }

    /// Puts `text` in place of `range`, as one undo step, and the caret behind it.
    pub fn replace(&mut self, range: Range<usize>, text: &str, now: u64) -> Vec<Splice> {
        self.edit(self.buffer.clamp(range), &clean(text), Kind::Single, now)
    }

    /// Deletes the selection, or the cluster before the caret.
    pub fn delete_back(&mut self, now: u64) -> Vec<Splice> {
        let caret = self.caret();
        self.delete(self.buffer.prev_border(caret)..caret, Kind::Back, now)
    }

    /// Deletes the selection, or the cluster after the caret.
    pub fn delete_forward(&mut self, now: u64) -> Vec<Splice> {
        let caret = self.caret();
        self.delete(caret..self.buffer.next_border(caret), Kind::Forward, now)
    }

    /// Deletes the selection, or back to the start of the word before the caret.
    ///
    /// Unlike in moving, each hanzi is a word here: a slip of the hand costs little.
    pub fn delete_word_back(&mut self, now: u64) -> Vec<Splice> {
        let caret = self.caret();
        self.delete(self.buffer.word_start(caret, Hanzi::Apart)..caret, Kind::Back, now)
    }

    /// Deletes the selection, or on to the end of the word after the caret, hanzi by hanzi.
    pub fn delete_word_forward(&mut self, now: u64) -> Vec<Splice> {
        let caret = self.caret();
        self.delete(caret..self.buffer.word_end(caret, Hanzi::Apart), Kind::Forward, now)
    }

    /// The selected text, if any.
    pub fn copy(&self) -> Option<String> {
        self.selection().map(|range| self.buffer.text(range))
    }

    /// Takes the selected text out, if any. A read-only editor gives a copy.
    pub fn cut(&mut self, now: u64) -> Option<Cut> {
        let range = self.selection()?;
        let text = self.buffer.text(range.clone());
        Some(Cut { text, splices: self.edit(range, "", Kind::Single, now) })
    }

    /// Whether [`undo`](Self::undo) would do something.
    pub fn can_undo(&self) -> bool {
        !self.is_read_only() && self.history.can_undo()
    }

    /// Whether [`redo`](Self::redo) would do something.
    pub fn can_redo(&self) -> bool {
        !self.is_read_only() && self.history.can_redo()
    }

    /// Takes the newest step that was made here back. What others wrote stays.
    pub fn undo(&mut self) -> Vec<Splice> {
        if !self.can_undo() {
            return Vec::new();
        }
        let Some(step) = self.history.pop_undo() else { return Vec::new() };
        let inverse = self.perform(&step);
        self.history.push_redo(inverse);
        step.change.splices()
    }

    /// Does the newest step that was taken back again. A new edit forgets those steps.
    pub fn redo(&mut self) -> Vec<Splice> {
        if !self.can_redo() {
            return Vec::new();
        }
        let Some(step) = self.history.pop_redo() else { return Vec::new() };
        let inverse = self.perform(&step);
        self.history.push_undo(inverse);
        step.change.splices()
    }

    /// Ends the present undo step, as a pause does: for example when the text was saved.
    pub fn end_step(&mut self) {
        self.history.close();
    }

    fn delete(&mut self, range: Range<usize>, kind: Kind, now: u64) -> Vec<Splice> {
        match self.selection() {
            Some(selected) => self.edit(selected, "", Kind::Single, now),
            None => self.edit(range, "", kind, now),
        }
    }

    fn edit(&mut self, range: Range<usize>, text: &str, kind: Kind, now: u64) -> Vec<Splice> {
        if self.read_only || (range.is_empty() && text.is_empty()) {
            return Vec::new();
        }
        let before = self.selection;
        let change = Change::replace(range, text.to_owned());
        let inverse = change.invert(self.buffer.rope());
        self.apply(&change, Hold::Before);
        self.history.record(inverse, before, kind, now);
        self.select(Selection::caret(change.end()));
        self.follows = true;
        change.splices()
    }

    /// Applies a step; gives the one that takes it back.
    fn perform(&mut self, step: &Step) -> Step {
        let change = step.change.invert(self.buffer.rope());
        self.apply(&step.change, Hold::Before);
        self.select(step.selection);
        self.follows = true;
        Step { selection: Selection::caret(change.end()), change }
    }
}
