//! What a view asks: rows, columns, and which rows are seen.

use super::layout::Side;
use super::{Ambiguous, Cell, Editor, Position, Row, Viewport};

impl Editor {
    /// Lays the text out in rows of `width` columns (at least 2). Costs nothing if neither
    /// argument is new; otherwise all rows are made anew, and nothing else is touched.
    ///
    /// Give it one column less than there is on the screen: the caret at the end of a full row
    /// stands in that last column.
    pub fn layout(&mut self, width: usize, ambiguous: Ambiguous) {
        self.layout.set_width(width, ambiguous);
    }

    /// The rows to draw in a window `height` rows high. It goes where the caret goes, until
    /// [`scroll`](Self::scroll) moves it away, and comes back at the next key.
    pub fn viewport(&mut self, height: usize) -> Viewport {
        let height = height.max(1);
        self.height = height;
        let total = self.row_count();
        let caret = self.layout.position(&self.buffer, self.caret(), self.side);
        let mut top = self.top_row().min(total.saturating_sub(height));
        if self.follows {
            top = top.clamp((caret.row + 1).saturating_sub(height), caret.row);
        }
        self.set_top_row(top);
        let rows = top..(top + height).min(total);
        Viewport { caret: Some(caret).filter(|caret| rows.contains(&caret.row)), rows, total }
    }

    /// Moves the window by `rows` rows, down if positive, and leaves the caret where it is.
    pub fn scroll(&mut self, rows: isize) {
        let top = self.top_row().saturating_add_signed(rows);
        self.set_top_row(top.min(self.row_count().saturating_sub(self.height)));
        self.follows = false;
    }

    /// How many rows the whole text takes, at least one.
    pub fn row_count(&self) -> usize {
        self.layout.rows(&self.buffer)
    }

    /// The row of this number; the last one if there are not so many.
    pub fn row(&self, number: usize) -> Row {
        self.layout.row(&self.buffer, number)
    }

    /// Shows each cluster of `row` with its columns, from left to right.
    pub fn each_cell(&self, row: &Row, see: impl FnMut(Cell<'_>)) {
        self.layout.each_cell(&self.buffer, row, see);
    }

    /// Where the place `at` is seen: for the carets of others and for marks. A place between two
    /// rows is at the start of the second, one inside a cluster at its start.
    pub fn position(&self, at: usize) -> Position {
        self.layout.position(&self.buffer, at, Side::Below)
    }

    /// Where the caret is seen. Unlike any other place it may be at the end of a row.
    pub fn caret_position(&self) -> Position {
        self.layout.position(&self.buffer, self.caret(), self.side)
    }

    /// The place that is seen at `position`; the nearest one of its row if there is none.
    pub fn index(&self, position: Position) -> usize {
        let row = self.layout.row(&self.buffer, position.row);
        self.layout.place(&self.buffer, &row, position.column)
    }

    fn top_row(&self) -> usize {
        self.layout.row_of(&self.buffer, self.top, Side::Below).number
    }

    fn set_top_row(&mut self, row: usize) {
        self.top = self.layout.row(&self.buffer, row).range.start;
    }
}
