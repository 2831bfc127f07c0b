//! What goes in and out of the editor.

use std::ops::Range;

/// Puts `insert` in place of `delete` scalar values from `at` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Where, in scalar values.
    pub at: usize,
    /// How many scalar values are removed.
    pub delete: usize,
    /// What is put in.
    pub insert: String,
}

/// A splice that does not fit the text: the editor is no mirror of the document any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a splice of {delete} characters at {at} lies outside a text of {len}")]
pub struct OutOfStep {
    /// Where the splice begins.
    pub at: usize,
    /// How much it removes.
    pub delete: usize,
    /// The length of the text it was meant for.
    pub len: usize,
}

/// What was cut out, for the clipboard and for the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The text that was selected.
    pub text: String,
    /// What the document is to do; nothing if the editor is read-only.
    pub splices: Vec<Splice>,
}

/// How wide the terminal draws characters of ambiguous width such as `“ ” … — · ①`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ambiguous {
    /// One column, as most terminals do.
    #[default]
    Narrow,
    /// Two columns, as a terminal set up for Chinese may do.
    Wide,
}

/// A place on the sheet of all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The row, counted over the whole text from 0.
    pub row: usize,
    /// The column, from 0; the end of a full row is one column past its last.
    pub column: usize,
}

/// One row of the laid-out text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number over the whole text, from 0.
    pub number: usize,
    /// The paragraph it belongs to, from 0.
    pub paragraph: usize,
    /// Its text, without the line feed.
    pub range: Range<usize>,
    /// The columns it takes.
    pub width: usize,
    /// Whether it is the first row of its paragraph.
    pub starts_paragraph: bool,
    /// Whether it is the last row of its paragraph.
    pub ends_paragraph: bool,
}

/// One grapheme cluster in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// What to draw: the cluster; spaces for a tab; `U+FFFD` for a control character.
    pub text: &'a str,
    /// Its place in the text.
    pub range: Range<usize>,
    /// The first column it takes.
    pub column: usize,
    /// How many columns it takes; none for a space that hangs over the end of a row, and for
    /// characters without a width.
    pub width: usize,
}

/// The part of the text that is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewport {
    /// The numbers of the rows that are seen, at most as many as the height.
    pub rows: Range<usize>,
    /// How many rows there are in all.
    pub total: usize,
    /// The caret, if it is seen; its row is counted over the whole text.
    pub caret: Option<Position>,
}
