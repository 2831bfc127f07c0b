//! Cuts one paragraph into rows.
//!
//! Where a row may end is decided by UAX 14, so that no row begins with a comma or ends with an
//! opening bracket, and so are numbers and Latin words kept whole. One rule is added, as UAX 14
//! has it from Unicode 16 on: beside Chinese text a row may end before an opening quotation mark
//! and after a closing one. Otherwise `“甲”“乙”“丙”` could not be cut at all.

use unicode_linebreak::{BreakClass, break_property, linebreaks};

use super::Ambiguous;
use super::clusters::{Clusters, columns, hangs};

/// One row of a paragraph, in scalar values from the start of the paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The columns that are taken.
    pub(crate) width: usize,
}

/// A cluster of the row that is being filled.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    chars: usize,
    /// Whether a row may begin here.
    may_start: bool,
}

/// The rows of `paragraph`, which has no line feed, in at most `limit` columns; never none.
///
/// A run that nothing allows to be cut is cut between clusters, and then not before closing
/// punctuation unless there is nothing else.
pub(crate) fn wrap(paragraph: &str, limit: usize, ambiguous: Ambiguous) -> Vec<Span> {
    let mut rows =
        Rows { limit, ambiguous, spans: Vec::new(), row: Vec::new(), start: 0, width: 0 };
    let mut breaks = linebreaks(paragraph).map(|(byte, _)| byte).peekable();
    let mut before: [Option<char>; 2] = [None, None];
    for (byte, text) in Clusters::new(paragraph) {
        while breaks.next_if(|next| *next < byte).is_some() {}
        let first = text.chars().next();
        let may_start =
            byte > 0 && (breaks.peek() == Some(&byte) || beside_quotes(before[1], first));
        rows.push(Piece { text, chars: text.chars().count(), may_start });
        before = [before[1], text.chars().next_back()];
    }
    rows.end_row(rows.row.len());
    rows.spans
}

struct Rows<'a> {
    limit: usize,
    ambiguous: Ambiguous,
    spans: Vec<Span>,
    /// The row that is being filled, its start in scalar values, and the columns it takes.
    row: Vec<Piece<'a>>,
    start: usize,
    width: usize,
}

impl<'a> Rows<'a> {
    fn columns(&self, text: &str) -> usize {
        columns(text, self.width, self.limit, self.ambiguous)
    }

    fn push(&mut self, piece: Piece<'a>) {
        while !self.row.is_empty()
            && !hangs(piece.text)
            && self.width + self.columns(piece.text) > self.limit
        {
            self.end_row(self.cut_before(&piece));
        }
        self.width += self.columns(piece.text);
        self.row.push(piece);
    }

    /// How many pieces stay in the row when `next` does not fit.
    fn cut_before(&self, next: &Piece<'_>) -> usize {
        let all = self.row.len();
        if next.may_start {
            return all;
        }
        let allowed = |piece: &Piece<'_>| piece.may_start;
        let last = |good: &dyn Fn(&Piece<'_>) -> bool| {
            self.row.iter().skip(1).rposition(good).map(|at| at + 1)
        };
        if let Some(cut) = last(&allowed) {
            return cut;
        }
        if closes(next.text) { last(&|piece| !closes(piece.text)).unwrap_or(all) } else { all }
    }

    /// Ends the row after `count` pieces; the others begin the next one.
    fn end_row(&mut self, count: usize) {
        let (mut chars, mut width) = (0, 0);
        for piece in self.row.drain(..count) {
            chars += piece.chars;
            width += columns(piece.text, width, self.limit, self.ambiguous);
        }
        self.spans.push(Span { start: self.start, end: self.start + chars, width });
        self.start += chars;
        self.width = 0;
        for at in 0..self.row.len() {
            self.width += self.columns(self.row[at].text);
        }
    }
}

/// Whether a row may be cut between these two because one is a quotation mark beside Chinese.
fn beside_quotes(before: Option<char>, after: Option<char>) -> bool {
    match (before, after) {
        (Some('”' | '’'), Some('“' | '‘')) => true,
        (Some(c), Some('“' | '‘')) => {
            is_east_asian(c) && class(c) != BreakClass::OpenPunctuation
        }
        (Some('”' | '’'), Some(c)) => {
            is_east_asian(c)
                && matches!(class(c), BreakClass::Ideographic | BreakClass::OpenPunctuation)
        }
        _ => false,
    }
}

fn is_east_asian(c: char) -> bool {
    matches!(c,
        '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ff01}'..='\u{ff5e}' | '\u{20000}'..='\u{3ffff}')
}

fn class(c: char) -> BreakClass {
    break_property(u32::from(c))
}

/// Whether a row should not begin with this cluster.
pub(crate) fn closes(cluster: &str) -> bool {
    cluster.chars().next().is_some_and(|c| {
        matches!(c, '”' | '’')
            || matches!(
                class(c),
                BreakClass::ClosePunctuation
                    | BreakClass::CloseParenthesis
                    | BreakClass::Exclamation
                    | BreakClass::InfixSeparator
                    | BreakClass::NonStarter
            )
    })
}
