//! The text: a rope counted in Unicode scalar values, with the borders of graphemes and words.

use std::ops::Range;

use ropey::Rope;
use unicode_segmentation::UnicodeSegmentation;

use super::clusters::{Clusters, is_plain};

/// How far a search for a border looks at a time, in scalar values. A longer word is taken in
/// pieces.
const WINDOW: usize = 256;

/// Whether neighbouring hanzi count as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hanzi {
    /// Each is a word, as in UAX 29.
    Apart,
    /// A run of them is a word: to the next punctuation or other script.
    Joined,
}

/// The text of a note.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer {
    rope: Rope,
}

impl Buffer {
    pub(crate) fn new(text: &str) -> Self {
        Self { rope: Rope::from_str(text) }
    }

    pub(crate) fn rope(&self) -> &Rope {
        &self.rope
    }

    pub(crate) fn len(&self) -> usize {
        self.rope.len_chars()
    }

    /// Brings `range` inside the text.
    pub(crate) fn clamp(&self, range: Range<usize>) -> Range<usize> {
        let end = range.end.min(self.len());
        range.start.min(end)..end
    }

    /// The text of `range`, as far as it lies in the text.
    pub(crate) fn text(&self, range: Range<usize>) -> String {
        self.rope.slice(self.clamp(range)).to_string()
    }

    /// Puts `insert` in place of `range`, as far as it lies in the text.
    pub(crate) fn replace(&mut self, range: Range<usize>, insert: &str) {
        let range = self.clamp(range);
        let at = range.start;
        if !range.is_empty() {
            self.rope.remove(range);
        }
        if !insert.is_empty() {
            self.rope.insert(at, insert);
        }
    }

    fn char(&self, at: usize) -> Option<char> {
        self.rope.get_char(at)
    }

    /// Whether the caret may stand at `at`: not inside an extended grapheme cluster.
    ///
    /// A line feed is always apart from what is before it, also from a carriage return: it ends
    /// a paragraph, and the end of a paragraph is a place for the caret.
    pub(crate) fn is_border(&self, at: usize) -> bool {
        if self.is_sure_border(at) {
            return true;
        }
        let start = self.sure_border_before(at);
        let text = self.text(start..at + 1);
        self.borders(start, &text).any(|border| border == at)
    }

    /// The next place for the caret after `at`; the end of the text if there is none.
    pub(crate) fn next_border(&self, at: usize) -> usize {
        let paragraph = self.paragraph_around(at);
        if at >= paragraph.end {
            return (at + 1).min(self.len());
        }
        if self.is_sure_border(at + 1) {
            return at + 1;
        }
        let start = self.sure_border_before(at);
        let mut end = at;
        loop {
            // Clusters are short; only a pile of marks needs a second look.
            end = (end + WINDOW).min(paragraph.end);
            let text = self.text(start..end);
            let next = self.borders(start, &text).find(|border| *border > at);
            match next {
                Some(border) if border < end => return border,
                _ if end == paragraph.end => return end,
                _ => {}
            }
        }
    }

    /// The next place for the caret before `at`; the start of the text if there is none.
    pub(crate) fn prev_border(&self, at: usize) -> usize {
        let Some(before) = at.min(self.len()).checked_sub(1) else { return 0 };
        if self.is_sure_border(before) {
            return before;
        }
        let start = self.sure_border_before(before);
        let text = self.text(start..before + 1);
        let last = self.borders(start, &text).filter(|border| *border <= before).last();
        last.unwrap_or(start)
    }

    /// Whether `at` is a border that the characters beside it alone show: at the edge of a
    /// paragraph, or between two characters that never join anything.
    fn is_sure_border(&self, at: usize) -> bool {
        let plain = |at| self.char(at).is_some_and(|c| c == '\n' || is_plain(c));
        at == 0 || at >= self.len() || self.char(at) == Some('\n') || {
            self.char(at - 1) == Some('\n') || (plain(at - 1) && plain(at))
        }
    }

    /// The last sure border at or before `at`, to start a search for others from.
    fn sure_border_before(&self, at: usize) -> usize {
        let mut border = at.min(self.len());
        while !self.is_sure_border(border) {
            border -= 1;
        }
        border
    }

    /// The borders of the clusters of `text`, which begins at the border `start`.
    fn borders<'a>(&self, start: usize, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        Clusters::new(text).scan(start, |at, (_, cluster)| {
            *at += cluster.chars().count();
            Some(*at)
        })
    }

    /// `at`, or the next place for the caret after it.
    pub(crate) fn snap(&self, at: usize) -> usize {
        if self.is_border(at) { at } else { self.next_border(at) }
    }

    /// The end of the word at or after `at`.
    pub(crate) fn word_end(&self, mut at: usize, hanzi: Hanzi) -> usize {
        let mut run = None;
        while at < self.len() && run.is_none() {
            let window = self.text(at..at + WINDOW);
            for segment in window.split_word_bounds() {
                if !goes_on(&mut run, segment, hanzi) {
                    return self.snap(at);
                }
                at += segment.chars().count();
            }
        }
        self.snap(at)
    }

    /// The start of the word at or before `at`.
    pub(crate) fn word_start(&self, at: usize, hanzi: Hanzi) -> usize {
        let mut at = at.min(self.len());
        let mut run = None;
        'text: while at > 0 && run.is_none() {
            let window = self.text(at.saturating_sub(WINDOW)..at);
            for segment in window.split_word_bounds().rev() {
                if !goes_on(&mut run, segment, hanzi) {
                    break 'text;
                }
                at -= segment.chars().count();
            }
        }
        if self.is_border(at) { at } else { self.prev_border(at) }
    }

    /// The word, or the run of spaces or marks, that holds the character at `at`; at the end of
    /// a paragraph the last one.
    pub(crate) fn word_around(&self, at: usize) -> Range<usize> {
        let paragraph = self.paragraph_around(at);
        let start = at.saturating_sub(WINDOW).max(paragraph.start);
        let end = (at + WINDOW).min(paragraph.end);
        let mut from = start;
        for segment in self.text(start..end).split_word_bounds() {
            let to = from + segment.chars().count();
            if at < to || to == end {
                return self.snap(from)..self.snap(to);
            }
            from = to;
        }
        end..end
    }

    /// The paragraph that holds `at`, without its line feed.
    pub(crate) fn paragraph_around(&self, at: usize) -> Range<usize> {
        let line = self.rope.char_to_line(at.min(self.len()));
        self.paragraph(line)
    }

    /// The range of paragraph `number`, without its line feed.
    pub(crate) fn paragraph(&self, number: usize) -> Range<usize> {
        let last = self.rope.len_lines() - 1;
        let start = self.rope.line_to_char(number.min(last));
        let end = if number >= last { self.len() } else { self.rope.line_to_char(number + 1) - 1 };
        start..end
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Hanzi,
    Other,
}

/// Whether the walk over words still takes `segment`; `run` is the word met so far.
fn goes_on(run: &mut Option<Word>, segment: &str, hanzi: Hanzi) -> bool {
    let word = if segment.chars().any(is_hanzi) {
        Some(Word::Hanzi)
    } else if segment.chars().any(char::is_alphanumeric) {
        Some(Word::Other)
    } else {
        None
    };
    match (*run, word) {
        (None, _) => {
            *run = word;
            true
        }
        (Some(Word::Hanzi), Some(Word::Hanzi)) => hanzi == Hanzi::Joined,
        (Some(_), _) => false,
    }
}

fn is_hanzi(c: char) -> bool {
    matches!(c,
        '\u{3005}' | '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
