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

/// What is known of a paragraph's rows from before it was edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) spans: Vec<Span>,
    /// How many scalar values at its start were not touched.
    pub(crate) head: usize,
    /// How many at its end were not touched.
    pub(crate) tail: usize,
}

/// The rows of `paragraph`, which has no line feed, in at most `limit` columns; never none.
///
/// A run that nothing allows to be cut is cut between clusters, and then not before closing
/// punctuation unless there is nothing else.
pub(crate) fn wrap(paragraph: &str, limit: usize, ambiguous: Ambiguous) -> Vec<Span> {
    fill(paragraph, Rows::new(limit, ambiguous))
}

/// The same as [`wrap`], from what is known: only rows near the edit are made anew.
///
/// `known` must come from the same width. What is before a row has no say in how it is cut if
/// the row begins between two hanzi: there every rule starts from nothing. So work begins at
/// such a row, a few rows above the edit, and ends as soon as such a row below begins where it
/// began before.
pub(crate) fn rewrap(
    paragraph: &str,
    limit: usize,
    ambiguous: Ambiguous,
    known: Known,
) -> Vec<Span> {
    let Known { mut spans, head, tail } = known;
    let len = paragraph.chars().count();
    let old_len = spans.last().map_or(0, |span| span.end);
    // A row is settled by the cluster that did not fit, and that is in one of the next two rows.
    let touched = spans.partition_point(|span| span.start <= head);
    let mut first = touched.saturating_sub(4);
    let mut start = 0;
    while first > 0 {
        let mut chars = paragraph.char_indices().skip(spans[first].start - 1);
        if let (Some((_, before)), Some((byte, after))) = (chars.next(), chars.next())
            && is_hanzi(before)
            && is_hanzi(after)
        {
            start = byte;
            break;
        }
        first -= 1;
    }
    let below = spans.split_off(touched.min(spans.len()));
    spans.truncate(first);
    let mut rows = Rows::new(limit, ambiguous);
    rows.start = spans.last().map_or(0, |span| span.end);
    rows.spans = spans;
    rows.below = Below { spans: below, old_len, len, from: len - tail + 1, met: None };
    fill(&paragraph[start..], rows)
}

fn fill<'a>(text: &'a str, mut rows: Rows<'a>) -> Vec<Span> {
    let mut breaks = linebreaks(text).map(|(byte, _)| byte).peekable();
    let mut before = None;
    for (byte, cluster) in Clusters::new(text) {
        while breaks.next_if(|next| *next < byte).is_some() {}
        let may_start = byte > 0
            && (breaks.peek() == Some(&byte) || beside_quotes(before, cluster.chars().next()));
        rows.push(Piece { text: cluster, chars: cluster.chars().count(), may_start });
        if let Some((kept, met)) = rows.below.met {
            let Below { spans, old_len, len, .. } = rows.below;
            rows.spans.truncate(kept);
            rows.spans.extend(spans[met..].iter().map(|span| Span {
                start: span.start + len - old_len,
                end: span.end + len - old_len,
                width: span.width,
            }));
            return rows.spans;
        }
        before = cluster.chars().next_back();
    }
    rows.end_row(rows.row.len(), None);
    rows.spans
}

/// The known rows below an edit.
#[derive(Default)]
struct Below {
    spans: Vec<Span>,
    /// The length of the paragraph before the edit and after it.
    old_len: usize,
    len: usize,
    /// Behind this place the edit touched nothing.
    from: usize,
    /// How many rows are above the first known one that begins where it began before, and the
    /// number of that one here. (One cluster can end several rows, the later ones in vain.)
    met: Option<(usize, usize)>,
}

struct Rows<'a> {
    limit: usize,
    ambiguous: Ambiguous,
    spans: Vec<Span>,
    /// The row that is being filled, its start in scalar values, and the columns it takes.
    row: Vec<Piece<'a>>,
    start: usize,
    width: usize,
    below: Below,
}

impl<'a> Rows<'a> {
    fn new(limit: usize, ambiguous: Ambiguous) -> Self {
        let (spans, row, below) = (Vec::new(), Vec::new(), Below::default());
        Self { limit, ambiguous, spans, row, start: 0, width: 0, below }
    }

    fn columns(&self, text: &str) -> usize {
        columns(text, self.width, self.limit, self.ambiguous)
    }

    fn push(&mut self, piece: Piece<'a>) {
        let mut columns = self.columns(piece.text);
        while self.width + columns > self.limit && !self.row.is_empty() && !hangs(piece.text) {
            self.end_row(self.cut_before(&piece), Some(piece));
            columns = self.columns(piece.text);
        }
        self.width += columns;
        self.row.push(piece);
    }

    /// How many pieces stay in the row when `next` does not fit.
    fn cut_before(&self, next: &Piece<'_>) -> usize {
        let all = self.row.len();
        if next.may_start {
            return all;
        }
        let last =
            |good: fn(&Piece<'_>) -> bool| self.row.iter().skip(1).rposition(good).map(|at| at + 1);
        if let Some(cut) = last(|piece| piece.may_start) {
            return cut;
        }
        if closes(next.text) { last(|piece| !closes(piece.text)).unwrap_or(all) } else { all }
    }

    /// Ends the row after `count` pieces; the others, and then `next`, begin the next one.
    fn end_row(&mut self, count: usize, next: Option<Piece<'_>>) {
        let moved = self.row.split_off(count);
        let (mut chars, mut width) = (0, 0);
        for piece in &self.row {
            chars += piece.chars;
            width += columns(piece.text, width, self.limit, self.ambiguous);
        }
        self.spans.push(Span { start: self.start, end: self.start + chars, width });
        self.start += chars;
        if let Some(next) = moved.first().or(next.as_ref()) {
            self.meet(next);
        }
        self.row.clear();
        self.width = 0;
        for piece in moved {
            // Once more by the rule: a tab takes other columns at the start of a row.
            self.push(piece);
        }
    }

    /// Notes if the row that begins with `next` is a known one.
    fn meet(&mut self, next: &Piece<'_>) {
        let Below { spans, old_len, len, from, met } = &mut self.below;
        if met.is_some() || spans.is_empty() || self.start < *from {
            return;
        }
        let before = self.row.last().and_then(|piece| piece.text.chars().next_back());
        let after = next.text.chars().next();
        if before.is_some_and(is_hanzi) && after.is_some_and(is_hanzi) {
            let old = self.start + *old_len - *len;
            let known = spans.binary_search_by_key(&old, |span| span.start);
            *met = known.ok().map(|known| (self.spans.len(), known));
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

/// The commonest hanzi: of class `ID` for line breaks, and apart from all beside it.
fn is_hanzi(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::editor::tests::{prose, soup};

    /// A paragraph of several rows: prose with harder pieces in it.
    fn paragraph() -> impl Strategy<Value = String> {
        prop::collection::vec((0..200_usize, 0..90_usize, soup()), 1..4).prop_map(|parts| {
            let mut out = String::new();
            for (skip, take, hard) in parts {
                out.extend(prose().chars().skip(skip).take(take));
                out.extend(hard.chars().take(12));
            }
            out
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn a_rewrap_is_a_wrap(
            text in paragraph(),
            edits in prop::collection::vec((any::<u16>(), 0..6_usize, soup()), 1..4),
            limit in 2..40_usize,
            ambiguous in prop::sample::select(vec![Ambiguous::Narrow, Ambiguous::Wide]),
        ) {
            let mut chars: Vec<char> = text.chars().collect();
            let mut known = Known {
                spans: wrap(&text, limit, ambiguous),
                head: chars.len(),
                tail: chars.len(),
            };
            for (seed, delete, insert) in edits {
                let at = usize::from(seed) % (chars.len() + 1);
                let delete = delete.min(chars.len() - at);
                known.head = known.head.min(at);
                known.tail = known.tail.min(chars.len() - at - delete);
                chars.splice(at..at + delete, insert.chars().take(4));
            }
            let text: String = chars.into_iter().collect();
            let anew = wrap(&text, limit, ambiguous);
            prop_assert_eq!(rewrap(&text, limit, ambiguous, known), anew);
        }
    }

    #[test]
    fn one_cluster_that_ends_two_rows_joins_the_known_rows_once() {
        // Found by the test above with many more cases.
        let head = "一、基本情况。某市甲局现有干部职工四十二人，下设办公室、财务科、项目科等六个科室。\
                    （一）“共性问题”查而不止。据张某反映，该局";
        let rest = "2023年以来先后三次研究“四OA系统OA系统OA系统据张某反映，该局2023年以来先后三次\
                    研究“四风”整改，但台账只列了“已整改”“正在整改”“长期坚持”三栏，没有”，，”\
                    e\u{301}\u{600}巡OA系统一、基本情况。某市甲局现有干部职工四十二人，下设办公室、\
                    财务科、项目科等六个科室。（一）“共性问题”查而不巡巡巡巡巡OA系统巡巡巡";
        let old = format!("{head}{rest}");
        let at = 64;
        let new: String =
            old.chars().take(at).chain("——，巡".chars()).chain(old.chars().skip(at)).collect();
        let known = Known {
            spans: wrap(&old, 11, Ambiguous::Narrow),
            head: at,
            tail: old.chars().count() - at,
        };
        let anew = wrap(&new, 11, Ambiguous::Narrow);
        assert_eq!(rewrap(&new, 11, Ambiguous::Narrow, known), anew);
    }

    #[test]
    fn a_tab_that_grows_at_the_start_of_a_row_pushes_no_one_out() {
        for span in wrap("甲乙丙\t，，，，，，", 8, Ambiguous::Narrow) {
            assert!(span.width <= 8, "{span:?}");
        }
    }
}
