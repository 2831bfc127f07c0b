//! Where each character stands: rows of every paragraph, wrapped when they are first asked for.
//!
//! An edit makes the rows of its paragraph anew, near to it; a new width forgets all rows; what
//! can be undone, the caret and the text know nothing of either.

use std::cell::OnceCell;
use std::ops::Range;

use super::buffer::Buffer;
use super::clusters::{Clusters, TAB, columns};
use super::wrap::{Known, Span, rewrap, wrap};
use super::{Ambiguous, Cell, Position, Row};

/// The width before the first layout, in columns.
const WIDTH: usize = 80;

/// To which row a place between two rows of one paragraph belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// To the row that ends there.
    Above,
    /// To the row that begins there.
    Below,
}

/// The rows of a paragraph: made, or to be made, perhaps from those before an edit.
#[derive(Clone, Debug, Default)]
struct Paragraph {
    spans: OnceCell<Vec<Span>>,
    known: Option<Known>,
}

impl Paragraph {
    /// Notes that all was touched but `head` scalar values at the start of the paragraph and
    /// `tail` at its end.
    fn touch(&mut self, head: usize, tail: usize) {
        if let Some(spans) = self.spans.take() {
            self.known = Some(Known { spans, head, tail });
        } else if let Some(known) = &mut self.known {
            known.head = known.head.min(head);
            known.tail = known.tail.min(tail);
        }
    }

    fn spans(&self, text: &str, width: usize, ambiguous: Ambiguous) -> &[Span] {
        self.spans.get_or_init(|| match &self.known {
            Some(known) => rewrap(text, width, ambiguous, known.clone()),
            None => wrap(text, width, ambiguous),
        })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Layout {
    width: usize,
    ambiguous: Ambiguous,
    paragraphs: Vec<Paragraph>,
    /// The number of the first row of each paragraph, and of all rows.
    first_rows: OnceCell<Vec<usize>>,
}

impl Layout {
    pub(crate) fn new(buffer: &Buffer) -> Self {
        Self {
            width: WIDTH,
            ambiguous: Ambiguous::Narrow,
            paragraphs: vec![Paragraph::default(); buffer.rope().len_lines()],
            first_rows: OnceCell::new(),
        }
    }

    /// Sets the width; forgets all rows if it is another one.
    pub(crate) fn set_width(&mut self, width: usize, ambiguous: Ambiguous) {
        // Two columns are what one hanzi needs.
        let width = width.max(2);
        if (width, ambiguous) != (self.width, self.ambiguous) {
            self.width = width;
            self.ambiguous = ambiguous;
            self.paragraphs.fill(Paragraph::default());
            self.first_rows.take();
        }
    }

    /// Forgets what an edit touches; `before` is the text before it.
    pub(crate) fn splice(&mut self, before: &Buffer, range: Range<usize>, insert: &str) {
        let range = before.clamp(range);
        let first = before.rope().char_to_line(range.start);
        let last = before.rope().char_to_line(range.end);
        let added = insert.bytes().filter(|byte| *byte == b'\n').count();
        self.first_rows.take();
        if first == last && added == 0 {
            let paragraph = before.paragraph(first);
            let (head, tail) = (range.start - paragraph.start, paragraph.end - range.end);
            self.paragraphs[first].touch(head, tail);
        } else {
            let fresh = std::iter::repeat_n(Paragraph::default(), added + 1);
            self.paragraphs.splice(first..=last, fresh);
        }
    }

    fn spans(&self, buffer: &Buffer, paragraph: usize) -> &[Span] {
        let known = &self.paragraphs[paragraph];
        if let Some(spans) = known.spans.get() {
            return spans;
        }
        let slice = buffer.rope().slice(buffer.paragraph(paragraph));
        match slice.as_str() {
            Some(text) => known.spans(text, self.width, self.ambiguous),
            None => known.spans(&slice.to_string(), self.width, self.ambiguous),
        }
    }

    fn first_rows(&self, buffer: &Buffer) -> &[usize] {
        self.first_rows.get_or_init(|| {
            let mut row = 0;
            let mut first_rows = Vec::with_capacity(self.paragraphs.len() + 1);
            for paragraph in 0..self.paragraphs.len() {
                first_rows.push(row);
                row += self.spans(buffer, paragraph).len();
            }
            first_rows.push(row);
            first_rows
        })
    }

    /// The number of rows, at least one.
    pub(crate) fn rows(&self, buffer: &Buffer) -> usize {
        self.first_rows(buffer).last().copied().unwrap_or(1)
    }

    /// The row of this number; the last one if there are not so many.
    pub(crate) fn row(&self, buffer: &Buffer, number: usize) -> Row {
        let first_rows = self.first_rows(buffer);
        let number = number.min(self.rows(buffer).saturating_sub(1));
        let paragraph = first_rows.partition_point(|first| *first <= number).saturating_sub(1);
        let spans = self.spans(buffer, paragraph);
        let nth = number - first_rows[paragraph];
        let start = buffer.paragraph(paragraph).start;
        Row {
            number,
            paragraph,
            range: start + spans[nth].start..start + spans[nth].end,
            width: spans[nth].width,
            starts_paragraph: nth == 0,
            ends_paragraph: nth + 1 == spans.len(),
        }
    }

    /// The row that holds the place `at`.
    pub(crate) fn row_of(&self, buffer: &Buffer, at: usize, side: Side) -> Row {
        let at = at.min(buffer.len());
        let paragraph = buffer.rope().char_to_line(at);
        let inside = at - buffer.paragraph(paragraph).start;
        let spans = self.spans(buffer, paragraph);
        let after = match side {
            Side::Below => spans.partition_point(|span| span.start <= inside),
            Side::Above => spans.partition_point(|span| span.start < inside),
        };
        let nth = after.saturating_sub(1);
        self.row(buffer, self.first_rows(buffer)[paragraph] + nth)
    }

    /// Where the place `at` is seen.
    pub(crate) fn position(&self, buffer: &Buffer, at: usize, side: Side) -> Position {
        let row = self.row_of(buffer, at, side);
        let mut column = 0;
        self.each_cell(buffer, &row, |cell| {
            if cell.range.end <= at {
                column = cell.column + cell.width;
            }
        });
        Position { row: row.number, column }
    }

    /// The place in `row` at `column`: before the cluster that is seen there, or at the end.
    pub(crate) fn place(&self, buffer: &Buffer, row: &Row, column: usize) -> usize {
        let mut place = None;
        self.each_cell(buffer, row, |cell| {
            if place.is_none() && column < cell.column + cell.width {
                place = Some(cell.range.start);
            }
        });
        place.unwrap_or(row.range.end)
    }

    /// Shows every cluster of a row with its place and columns, from left to right.
    ///
    /// This is the one way from text to columns; wrapping measures with the same [`columns`].
    pub(crate) fn each_cell(&self, buffer: &Buffer, row: &Row, mut see: impl FnMut(Cell<'_>)) {
        let text = buffer.text(row.range.clone());
        let (mut at, mut column) = (row.range.start, 0);
        for (_, cluster) in Clusters::new(&text) {
            let width = columns(cluster, column, self.width, self.ambiguous);
            let end = at + cluster.chars().count();
            let shown = match cluster {
                "\t" => &"    "[..width.min(TAB)],
                " " => &" "[..width],
                _ if cluster.contains(char::is_control) => "\u{fffd}",
                _ => cluster,
            };
            see(Cell { text: shown, range: at..end, column, width });
            (at, column) = (end, column + width);
        }
    }
}
