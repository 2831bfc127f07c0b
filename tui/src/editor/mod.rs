//! The note editor: text, caret, undo and rows, without a screen and without a document.
//!
//! Interview notes are long Chinese prose that several people write at once. The document that
//! merges their writing is the caller's; this is its mirror. Both count Unicode scalar values, so
//! the numbers of a [`Splice`] mean the same in both: an edit made here is answered with the
//! splices that the caller applies to the document, and what others change in the document is
//! told by [`Editor::remote`]. Undo takes back what was edited here and leaves what others wrote.
//!
//! It draws nothing and reads no clock: the view asks [`Editor::viewport`] and
//! [`Editor::each_cell`], and each edit is told the time. It never changes a line end or any
//! other character of what the document holds; only what is typed or pasted is cleaned.
//!
//! ```
//! use tui::editor::{Ambiguous, Editor, Motion, Reach, Splice};
//!
//! let mut editor = Editor::new("问：");
//! editor.layout(79, Ambiguous::Narrow);
//! editor.go(Motion::End, Reach::Move);
//! let splices = editor.insert_str("会议纪要在哪里？", 1_000);
//! assert_eq!(splices, [Splice { at: 2, delete: 0, insert: "会议纪要在哪里？".into() }]);
//!
//! // Somebody else writes above; undo leaves it alone.
//! editor.remote(&[Splice { at: 0, delete: 0, insert: "一、\n".into() }])?;
//! editor.undo();
//! assert_eq!(editor.text(), "一、\n问：");
//!
//! let seen = editor.viewport(24);
//! for number in seen.rows {
//!     editor.each_cell(&editor.row(number), |cell| {
//!         // Draw `cell.text` at `cell.column`.
//! #       let _ = cell;
//!     });
//! }
//! # Ok::<(), tui::editor::OutOfStep>(())
//! ```

mod buffer;
mod clusters;
mod edit;
mod history;
mod input;
mod layout;
mod motion;
#[cfg(test)]
mod tests;
mod types;
mod view;
mod wrap;

pub use input::clean;
pub use motion::{Motion, Reach};
pub use types::{Ambiguous, Cell, Cut, OutOfStep, Position, Row, Splice, Viewport};

use std::ops::Range;

use buffer::Buffer;
use history::{Change, History, Hold};
use layout::{Layout, Side};

/// An editor of one text.
///
/// All places are counted in Unicode scalar values from the start of the text. The caret always
/// stands on a border of an extended grapheme cluster (UAX 29), whatever others change.
#[derive(Clone, Debug)]
pub struct Editor {
    buffer: Buffer,
    layout: Layout,
    history: History,
    selection: Selection,
    /// The row that the caret belongs to where two rows of a paragraph meet.
    side: Side,
    /// The column that the caret keeps to while it moves over rows.
    column: Option<usize>,
    /// A place in the first row that is seen.
    top: usize,
    /// Whether the view goes where the caret goes.
    follows: bool,
    /// The rows that were seen last.
    height: usize,
    read_only: bool,
}

/// A caret, and where the selection began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    anchor: usize,
    head: usize,
}

impl Selection {
    fn caret(at: usize) -> Self {
        Self { anchor: at, head: at }
    }

    fn range(self) -> Range<usize> {
        self.anchor.min(self.head)..self.anchor.max(self.head)
    }

    /// The selection after a change made by somebody else. What they add at its edges stays
    /// outside; a bare caret stays behind what it stood behind.
    fn carried<T: history::Payload>(self, change: &Change<T>) -> Self {
        if self.anchor == self.head {
            return Self::caret(change.map(self.head, Hold::Before));
        }
        let range = self.range();
        let end = change.map(range.end, Hold::Before);
        let start = change.map(range.start, Hold::After).min(end);
        if self.anchor < self.head {
            Self { anchor: start, head: end }
        } else {
            Self { anchor: end, head: start }
        }
    }
}

impl Editor {
    /// An editor of `text` with the caret at its start and nothing to undo.
    pub fn new(text: &str) -> Self {
        let buffer = Buffer::new(text);
        Self {
            layout: Layout::new(&buffer),
            buffer,
            history: History::default(),
            selection: Selection::default(),
            side: Side::Below,
            column: None,
            top: 0,
            follows: true,
            height: 1,
            read_only: false,
        }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.buffer.rope().to_string()
    }

    /// The text of `range`, as far as it lies in the text.
    pub fn slice(&self, range: Range<usize>) -> String {
        self.buffer.text(range)
    }

    /// The length of the text in scalar values.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.buffer.len() == 0
    }

    /// The place of the caret.
    pub fn caret(&self) -> usize {
        self.selection.head
    }

    /// What is selected, if anything; the caret is at its one end.
    pub fn selection(&self) -> Option<Range<usize>> {
        Some(self.selection.range()).filter(|range| !range.is_empty())
    }

    /// Whether edits are ignored.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Makes the editor ignore every edit, undo and redo included, or take them again. Others'
    /// changes are always taken.
    pub fn set_read_only(&mut self, read_only: bool) {
        self.read_only = read_only;
        self.history.close();
    }

    /// Takes over what others changed in the document, each splice meant for the text that the
    /// one before it left. Caret, selection, first row and every undo step move along.
    ///
    /// Many splices at once cost less than each by itself.
    ///
    /// # Errors
    ///
    /// [`OutOfStep`] if a splice lies outside the text: then this is no mirror of the document
    /// any more, nothing was applied, and [`resync`](Self::resync) is called for.
    pub fn remote(&mut self, splices: &[Splice]) -> Result<(), OutOfStep> {
        let mut len = self.len();
        for splice in splices {
            let fits = splice.at.checked_add(splice.delete).is_some_and(|end| end <= len);
            if !fits {
                return Err(OutOfStep { at: splice.at, delete: splice.delete, len });
            }
            len = len - splice.delete + splice.insert.chars().count();
        }
        self.take_over(&Change::from_splices(splices));
        Ok(())
    }

    /// Makes the text equal to `text`, as one change by others: the caret and what can be undone
    /// are kept as far as the two texts agree at their start and end.
    pub fn resync(&mut self, text: &str) {
        let rope = self.buffer.rope();
        let equal = |(a, b): &(char, char)| a == b;
        let start = rope.chars().zip(text.chars()).take_while(equal).count();
        let len = text.chars().count();
        let most = self.len().min(len) - start;
        let mine = rope.chars_at(rope.len_chars()).reversed();
        let end = mine.zip(text.chars().rev()).take(most).take_while(equal).count();
        let insert: String = text.chars().skip(start).take(len - start - end).collect();
        self.take_over(&Change::replace(start..self.len() - end, insert));
    }

    fn take_over(&mut self, change: &Change) {
        if change.is_noop() {
            return;
        }
        self.history.rebase(&change.outline());
        // What is added above the window does not move it, unless the window shows the start.
        let hold = if self.top == 0 { Hold::Before } else { Hold::After };
        self.apply(change, hold);
        self.select(self.selection.carried(change));
    }

    /// Changes text and rows, and moves the window along; the caret is the caller's to move.
    fn apply(&mut self, change: &Change, top: Hold) {
        for splice in change.splices() {
            let range = splice.at..splice.at + splice.delete;
            self.layout.splice(&self.buffer, range.clone(), &splice.insert);
            self.buffer.replace(range, &splice.insert);
        }
        self.top = change.map(self.top, top).min(self.buffer.len());
    }

    /// Sets the selection, moved to borders of clusters.
    fn select(&mut self, selection: Selection) {
        self.selection = Selection {
            anchor: self.buffer.snap(selection.anchor.min(self.buffer.len())),
            head: self.buffer.snap(selection.head.min(self.buffer.len())),
        };
        self.side = Side::Below;
        self.column = None;
    }
}
