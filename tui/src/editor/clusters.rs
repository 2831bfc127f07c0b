//! Grapheme clusters and the columns they take.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Ambiguous;

/// The distance between two tab stops, in columns: two hanzi.
pub(crate) const TAB: usize = 4;

/// The extended grapheme clusters of a text, one paragraph or part of one.
///
/// The same as `graphemes(true)`, but several times as fast for Chinese prose: between two
/// characters that never join anything there is always a border, and no table need be asked.
#[derive(Clone, Debug)]
pub(crate) struct Clusters<'a> {
    text: &'a str,
    at: usize,
    /// Up to here the tables are asked.
    slow_end: usize,
}

impl<'a> Clusters<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, slow_end: 0 }
    }

    /// The first border after `self.at` that needs no table.
    fn sure_border(&self) -> usize {
        let rest = self.text[self.at..].char_indices();
        let mut before = false;
        for (byte, c) in rest {
            let after = is_plain(c);
            if before && after {
                return self.at + byte;
            }
            before = after;
        }
        self.text.len()
    }
}

impl<'a> Iterator for Clusters<'a> {
    /// The byte at which the cluster starts, and the cluster.
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        if start >= self.slow_end {
            let mut chars = self.text[start..].chars();
            let first = chars.next()?;
            if is_plain(first) && chars.next().is_none_or(is_plain) {
                self.at += first.len_utf8();
                return Some((start, &self.text[start..self.at]));
            }
            self.slow_end = self.sure_border();
        }
        let cluster = self.text[start..self.slow_end].graphemes(true).next()?;
        self.at += cluster.len();
        Some((start, cluster))
    }
}

/// Whether the character is of grapheme class "other" and needs no table: printable ASCII, the
/// common hanzi, kana, Chinese punctuation and full-width forms.
pub(crate) fn is_plain(c: char) -> bool {
    matches!(c,
        ' '..='~'
        | '\u{2014}' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '\u{2026}'
        | '\u{3000}'..='\u{3029}' | '\u{3041}'..='\u{3096}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ff01}'..='\u{ff5e}')
}

/// How many columns a cluster takes; a control character is drawn as one replacement mark.
///
/// A tab has no width of its own: see [`columns`].
fn width(cluster: &str, ambiguous: Ambiguous) -> usize {
    let mut chars = cluster.chars();
    match (chars.next(), chars.next()) {
        (Some(' '..='~'), None) => return 1,
        (Some('\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'), None) => return 2,
        (Some('\u{ff01}'..='\u{ff5e}' | '\u{3001}'..='\u{3029}'), None) => return 2,
        (Some(c), None) if c.is_control() => return 1,
        _ => {}
    }
    match ambiguous {
        Ambiguous::Narrow => cluster.width(),
        Ambiguous::Wide => cluster.width_cjk(),
    }
}

/// The columns of `cluster` in a row of `limit` columns, of which `column` are taken.
///
/// Spaces and tabs that find no room hang over the end of the row and take none. Nothing takes
/// more columns than a row has.
pub(crate) fn columns(cluster: &str, column: usize, limit: usize, ambiguous: Ambiguous) -> usize {
    let left = limit.saturating_sub(column);
    match cluster {
        " " => left.min(1),
        "\t" => left.min(TAB - column % TAB),
        _ => width(cluster, ambiguous).min(limit),
    }
}

/// Whether a cluster may hang over the end of its row.
pub(crate) fn hangs(cluster: &str) -> bool {
    matches!(cluster, " " | "\t")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::editor::tests::{prose, soup};

    proptest! {
        #[test]
        fn clusters_are_those_of_the_standard(text in soup()) {
            let fast: Vec<_> = Clusters::new(&text).collect();
            let standard: Vec<_> = text.grapheme_indices(true).collect();
            prop_assert_eq!(fast, standard);
        }

        #[test]
        fn widths_are_those_of_the_tables(text in soup()) {
            for (_, cluster) in Clusters::new(&text).filter(|(_, c)| !c.contains(char::is_control)) {
                prop_assert_eq!(width(cluster, Ambiguous::Narrow), cluster.width());
                prop_assert_eq!(width(cluster, Ambiguous::Wide), cluster.width_cjk());
            }
        }
    }

    #[test]
    fn prose_is_cut_into_characters() {
        let text = prose();
        assert_eq!(Clusters::new(&text).count(), text.chars().count());
    }

    #[test]
    fn a_family_is_one_cluster_of_two_columns() {
        let clusters: Vec<_> = Clusters::new("张👨‍👩‍👧某").map(|(_, cluster)| cluster).collect();
        assert_eq!(clusters, ["张", "👨‍👩‍👧", "某"]);
        assert_eq!(width(clusters[1], Ambiguous::Narrow), 2);
    }

    #[test]
    fn quotation_marks_take_what_the_terminal_gives_them() {
        for mark in ["“", "”", "…", "—", "·", "①", "●"] {
            assert_eq!(width(mark, Ambiguous::Narrow), 1, "{mark}");
            assert_eq!(width(mark, Ambiguous::Wide), 2, "{mark}");
        }
    }

    #[test]
    fn a_tab_goes_to_the_next_stop_and_hangs_at_the_end() {
        assert_eq!(columns("\t", 0, 20, Ambiguous::Narrow), 4);
        assert_eq!(columns("\t", 3, 20, Ambiguous::Narrow), 1);
        assert_eq!(columns("\t", 18, 19, Ambiguous::Narrow), 1);
        assert_eq!(columns("\t", 19, 19, Ambiguous::Narrow), 0);
    }
}
