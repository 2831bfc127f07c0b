//! Moves of the caret.

use super::buffer::Hanzi;
use super::layout::Side;
use super::{Editor, Position, Selection};

/// A move of the caret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motion {
    /// One cluster towards the start; from a selection, to its start.
    Left,
    /// One cluster towards the end; from a selection, to its end.
    Right,
    /// To the start of the word before. A run of hanzi is one word, up to its punctuation.
    WordLeft,
    /// To the end of the word after.
    WordRight,
    /// One row up, keeping to the column.
    Up,
    /// One row down, keeping to the column.
    Down,
    /// To the start of the row.
    RowStart,
    /// To the end of the row.
    RowEnd,
    /// To the start of the paragraph; from there, of the one before.
    ParagraphUp,
    /// To the end of the paragraph; from there, of the one after.
    ParagraphDown,
    /// As many rows up as are seen, less one.
    PageUp,
    /// As many rows down as are seen, less one.
    PageDown,
    /// To the start of the text.
    Start,
    /// To the end of the text.
    End,
}

/// What a move does to the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Nothing is selected afterwards.
    Move,
    /// The selection reaches from where it began to the new caret.
    Select,
}

impl Editor {
    /// Moves the caret. What is typed after a move is an undo step of its own.
    pub fn go(&mut self, motion: Motion, reach: Reach) {
        let caret = self.caret();
        let collapses = (reach == Reach::Move).then(|| self.selection()).flatten();
        let to = match motion {
            Motion::Left => match collapses {
                Some(range) => range.start,
                None => self.buffer.prev_border(caret),
            },
            Motion::Right => match collapses {
                Some(range) => range.end,
                None => self.buffer.next_border(caret),
            },
            Motion::WordLeft => self.buffer.word_start(caret, Hanzi::Joined),
            Motion::WordRight => self.buffer.word_end(caret, Hanzi::Joined),
            Motion::RowStart => self.caret_row().range.start,
            Motion::RowEnd => return self.go_to_row_end(reach),
            Motion::ParagraphUp => {
                let start = self.buffer.paragraph_around(caret).start;
                let before = start.saturating_sub(1);
                if start < caret { start } else { self.buffer.paragraph_around(before).start }
            }
            Motion::ParagraphDown => {
                let end = self.buffer.paragraph_around(caret).end;
                if end > caret { end } else { self.buffer.paragraph_around(caret + 1).end }
            }
            Motion::Start => 0,
            Motion::End => self.buffer.len(),
            Motion::Up => return self.go_rows(-1, reach),
            Motion::Down => return self.go_rows(1, reach),
            Motion::PageUp => return self.go_page(-1, reach),
            Motion::PageDown => return self.go_page(1, reach),
        };
        self.set_caret(to, reach);
    }

    /// Puts the caret at `at`, or at the next border of a cluster behind it.
    pub fn set_caret(&mut self, at: usize, reach: Reach) {
        let anchor = match reach {
            Reach::Move => at,
            Reach::Select => self.selection.anchor,
        };
        self.select(Selection { anchor, head: at });
        self.history.close();
        self.follows = true;
    }

    /// Puts the caret where `position` is seen: a click, or with [`Reach::Select`] a drag.
    pub fn click(&mut self, position: Position, reach: Reach) {
        self.go_to(position, reach);
    }

    /// Selects the whole text; the view stays where it is.
    pub fn select_all(&mut self) {
        self.select(Selection { anchor: 0, head: self.buffer.len() });
        self.history.close();
        self.follows = false;
    }

    /// Selects the word at `at`, by the borders of UAX 29.
    pub fn select_word(&mut self, at: usize) {
        let word = self.buffer.word_around(at);
        self.set_caret(word.start, Reach::Move);
        self.set_caret(word.end, Reach::Select);
    }

    /// Selects the paragraph that holds `at`.
    pub fn select_paragraph(&mut self, at: usize) {
        let paragraph = self.buffer.paragraph_around(at);
        self.set_caret(paragraph.start, Reach::Move);
        self.set_caret(paragraph.end, Reach::Select);
    }

    fn caret_row(&self) -> super::Row {
        self.layout.row_of(&self.buffer, self.caret(), self.side)
    }

    fn go_to_row_end(&mut self, reach: Reach) {
        let row = self.caret_row();
        self.set_caret(row.range.end, reach);
        self.side = Side::Above;
    }

    fn go_page(&mut self, sign: isize, reach: Reach) {
        let rows = isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(isize::MAX);
        self.scroll(sign * rows);
        self.go_rows(sign * rows, reach);
    }

    fn go_rows(&mut self, rows: isize, reach: Reach) {
        let here = self.layout.position(&self.buffer, self.caret(), self.side);
        let column = self.column.unwrap_or(here.column);
        let row = here.row.saturating_add_signed(rows);
        self.go_to(Position { row, column }, reach);
        self.column = Some(column);
    }

    fn go_to(&mut self, position: Position, reach: Reach) {
        let row = self.layout.row(&self.buffer, position.row);
        let at = self.layout.place(&self.buffer, &row, position.column);
        self.set_caret(at, reach);
        if self.caret() == row.range.end {
            self.side = Side::Above;
        }
    }
}
