//! Edits as values: what is kept, inserted and deleted, from the start of the text to its end.
//!
//! A [`Change`] can be turned round, chained with another one, and carried over a change that
//! somebody else made to the same text. Everything is counted in Unicode scalar values. What
//! follows the last part of a change is kept; so a change never states how long its text is, and
//! no combination of two changes can fail.

use std::ops::Range;

use ropey::Rope;

use super::super::Splice;

/// What an insertion carries: the text itself, or only its length.
pub(crate) trait Payload: Clone {
    /// The length in scalar values.
    fn chars(&self) -> usize;
    /// Adds `other` behind this one.
    fn append(&mut self, other: Self);
    /// Splits off what follows the first `at` scalar values.
    fn split_off(&mut self, at: usize) -> Self;
}

impl Payload for usize {
    fn chars(&self) -> usize {
        *self
    }

    fn append(&mut self, other: Self) {
        *self += other;
    }

    fn split_off(&mut self, at: usize) -> Self {
        let rest = self.saturating_sub(at);
        *self -= rest;
        rest
    }
}

/// Inserted text, with its length counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inserted {
    text: String,
    chars: usize,
}

impl Inserted {
    fn new(text: String) -> Self {
        let chars = text.chars().count();
        Self { text, chars }
    }
}

impl Payload for Inserted {
    fn chars(&self) -> usize {
        self.chars
    }

    fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.chars += other.chars;
    }

    fn split_off(&mut self, at: usize) -> Self {
        let byte = self.text.char_indices().nth(at).map_or(self.text.len(), |(byte, _)| byte);
        let rest = Self { text: self.text.split_off(byte), chars: self.chars.saturating_sub(at) };
        self.chars -= rest.chars;
        rest
    }
}

/// One step of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part<T> {
    Keep(usize),
    Insert(T),
    Delete(usize),
}

/// Which of two insertions at one place comes first in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// The one being carried over.
    Mine,
    /// The one it is carried over.
    Theirs,
}

/// To which side a position holds when text is inserted exactly there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// To what is before it: the inserted text comes after the position.
    Before,
    /// To what is after it: the inserted text comes before the position.
    After,
}

/// An edit of a text, in one pass from its start.
///
/// Parts are kept in one form: none is empty, neighbours of one kind are one, an insertion
/// stands before a deletion at the same place, and no `Keep` stands last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<T = Inserted> {
    parts: Vec<Part<T>>,
}

/// A change that knows how much was inserted, but not what.
pub(crate) type Outline = Change<usize>;

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self { parts: Vec::new() }
    }
}

impl<T: Payload> Change<T> {
    fn keep(&mut self, count: usize) {
        match self.parts.last_mut() {
            _ if count == 0 => {}
            Some(Part::Keep(n)) => *n += count,
            _ => self.parts.push(Part::Keep(count)),
        }
    }

    fn delete(&mut self, count: usize) {
        match self.parts.last_mut() {
            _ if count == 0 => {}
            Some(Part::Delete(n)) => *n += count,
            _ => self.parts.push(Part::Delete(count)),
        }
    }

    fn insert(&mut self, payload: T) {
        if payload.chars() == 0 {
            return;
        }
        match self.parts.as_mut_slice() {
            [.., Part::Insert(before)] | [.., Part::Insert(before), Part::Delete(_)] => {
                before.append(payload);
            }
            [.., Part::Delete(_)] => {
                self.parts.insert(self.parts.len() - 1, Part::Insert(payload));
            }
            _ => self.parts.push(Part::Insert(payload)),
        }
    }

    fn push(&mut self, part: Part<T>) {
        match part {
            Part::Keep(n) => self.keep(n),
            Part::Insert(payload) => self.insert(payload),
            Part::Delete(n) => self.delete(n),
        }
    }

    fn finished(mut self) -> Self {
        if matches!(self.parts.last(), Some(Part::Keep(_))) {
            self.parts.pop();
        }
        self
    }

    /// Whether the change does nothing.
    pub(crate) fn is_noop(&self) -> bool {
        self.parts.is_empty()
    }

    /// The same change without the words.
    pub(crate) fn outline(&self) -> Outline {
        let parts = self.parts.iter().map(|part| match part {
            Part::Keep(n) => Part::Keep(*n),
            Part::Insert(payload) => Part::Insert(payload.chars()),
            Part::Delete(n) => Part::Delete(*n),
        });
        Change { parts: parts.collect() }
    }

    /// Carries this change over `theirs`, a change of the same text: the result does to the text
    /// after `theirs` what this one did to the text before it.
    ///
    /// With opposite ties, `mine` then `theirs.transform(mine)` gives the same text as `theirs`
    /// then `mine.transform(theirs)`.
    pub(crate) fn transform<U: Payload>(self, theirs: &Change<U>, tie: Tie) -> Self {
        let mut out = Self::default();
        let mut left = self.parts.into_iter();
        let mut right = theirs.parts.iter().map(|part| match part {
            Part::Keep(n) => Part::Keep(*n),
            Part::Insert(payload) => Part::Insert(payload.chars()),
            Part::Delete(n) => Part::Delete(*n),
        });
        let (mut mine, mut other) = (left.next(), right.next());
        while let Some(part) = mine.take() {
            match (part, other.take()) {
                (Part::Insert(payload), Some(Part::Insert(n))) if tie == Tie::Theirs => {
                    out.keep(n);
                    (mine, other) = (Some(Part::Insert(payload)), right.next());
                }
                (Part::Insert(payload), theirs) => {
                    out.insert(payload);
                    (mine, other) = (left.next(), theirs);
                }
                (part, Some(Part::Insert(n))) => {
                    out.keep(n);
                    (mine, other) = (Some(part), right.next());
                }
                (part, None) => {
                    out.push(part);
                    mine = left.next();
                }
                (Part::Keep(n), Some(Part::Keep(m))) => {
                    out.keep(n.min(m));
                    mine = rest(n, m).map(Part::Keep).or_else(|| left.next());
                    other = rest(m, n).map(Part::Keep).or_else(|| right.next());
                }
                (Part::Keep(n), Some(Part::Delete(m))) => {
                    mine = rest(n, m).map(Part::Keep).or_else(|| left.next());
                    other = rest(m, n).map(Part::Delete).or_else(|| right.next());
                }
                (Part::Delete(n), Some(Part::Keep(m))) => {
                    out.delete(n.min(m));
                    mine = rest(n, m).map(Part::Delete).or_else(|| left.next());
                    other = rest(m, n).map(Part::Keep).or_else(|| right.next());
                }
                (Part::Delete(n), Some(Part::Delete(m))) => {
                    mine = rest(n, m).map(Part::Delete).or_else(|| left.next());
                    other = rest(m, n).map(Part::Delete).or_else(|| right.next());
                }
            }
        }
        out.finished()
    }

    /// Chains two changes: the result does what this one and then `next` do.
    pub(crate) fn compose(self, next: Self) -> Self {
        let mut out = Self::default();
        let mut left = self.parts.into_iter();
        let mut right = next.parts.into_iter();
        let (mut first, mut second) = (left.next(), right.next());
        loop {
            match (first.take(), second.take()) {
                (None, None) => return out.finished(),
                (Some(Part::Delete(n)), waiting) => {
                    out.delete(n);
                    (first, second) = (left.next(), waiting);
                }
                (waiting, Some(Part::Insert(payload))) => {
                    out.insert(payload);
                    (first, second) = (waiting, right.next());
                }
                (Some(part), None) => {
                    out.push(part);
                    first = left.next();
                }
                (None, Some(part)) => {
                    out.push(part);
                    second = right.next();
                }
                (Some(Part::Keep(n)), Some(Part::Keep(m))) => {
                    out.keep(n.min(m));
                    first = rest(n, m).map(Part::Keep).or_else(|| left.next());
                    second = rest(m, n).map(Part::Keep).or_else(|| right.next());
                }
                (Some(Part::Keep(n)), Some(Part::Delete(m))) => {
                    out.delete(n.min(m));
                    first = rest(n, m).map(Part::Keep).or_else(|| left.next());
                    second = rest(m, n).map(Part::Delete).or_else(|| right.next());
                }
                (Some(Part::Insert(mut payload)), Some(Part::Keep(m))) => {
                    let n = payload.chars();
                    let tail = payload.split_off(m.min(n));
                    out.insert(payload);
                    first = if n > m { Some(Part::Insert(tail)) } else { left.next() };
                    second = rest(m, n).map(Part::Keep).or_else(|| right.next());
                }
                (Some(Part::Insert(mut payload)), Some(Part::Delete(m))) => {
                    let n = payload.chars();
                    let tail = payload.split_off(m.min(n));
                    first = if n > m { Some(Part::Insert(tail)) } else { left.next() };
                    second = rest(m, n).map(Part::Delete).or_else(|| right.next());
                }
            }
        }
    }

    /// Where the place `at` of the text before the change lies after it.
    pub(crate) fn map(&self, at: usize, hold: Hold) -> usize {
        let (mut before, mut after) = (0, 0);
        for part in &self.parts {
            match part {
                Part::Keep(n) if before + n > at => break,
                Part::Keep(n) => {
                    before += n;
                    after += n;
                }
                Part::Insert(_) if before == at && hold == Hold::Before => return after,
                Part::Insert(payload) => after += payload.chars(),
                Part::Delete(n) if before + n > at => return after,
                Part::Delete(n) => before += n,
            }
        }
        after + (at - before)
    }

    /// The end of the last place that was changed, in the text after the change.
    pub(crate) fn end(&self) -> usize {
        let length = |part: &Part<T>| match part {
            Part::Keep(n) => *n,
            Part::Insert(payload) => payload.chars(),
            Part::Delete(_) => 0,
        };
        self.parts.iter().map(length).sum()
    }
}

impl Change {
    /// Puts `text` in place of `range`.
    pub(crate) fn replace(range: Range<usize>, text: String) -> Self {
        let mut change = Self::default();
        change.keep(range.start);
        change.insert(Inserted::new(text));
        change.delete(range.len());
        change.finished()
    }

    /// What a list of splices does, each to the text that the one before it left.
    pub(crate) fn from_splices(splices: &[Splice]) -> Self {
        match splices {
            [] => Self::default(),
            [one] => Self::replace(one.at..one.at + one.delete, one.insert.clone()),
            many => {
                // Halves, so that a long catch-up does not cost the square of its length.
                let (first, second) = many.split_at(many.len() / 2);
                Self::from_splices(first).compose(Self::from_splices(second))
            }
        }
    }

    /// The change as splices from front to back, each to the text that the one before it left.
    pub(crate) fn splices(&self) -> Vec<Splice> {
        let mut out = Vec::new();
        let mut at = 0;
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Keep(n) => at += n,
                Part::Delete(n) => out.push(Splice { at, delete: *n, insert: String::new() }),
                Part::Insert(inserted) => {
                    let delete = match parts.next_if(|part| matches!(part, Part::Delete(_))) {
                        Some(Part::Delete(n)) => *n,
                        _ => 0,
                    };
                    out.push(Splice { at, delete, insert: inserted.text.clone() });
                    at += inserted.chars;
                }
            }
        }
        out
    }

    /// The change that takes this one back; `before` is the text it was made for.
    pub(crate) fn invert(&self, before: &Rope) -> Self {
        let mut out = Self::default();
        let mut at = 0;
        for part in &self.parts {
            match part {
                Part::Keep(n) => {
                    out.keep(*n);
                    at += n;
                }
                Part::Insert(inserted) => out.delete(inserted.chars),
                Part::Delete(n) => {
                    let end = (at + n).min(before.len_chars());
                    let start = at.min(end);
                    out.insert(Inserted::new(before.slice(start..end).to_string()));
                    at += n;
                }
            }
        }
        out.finished()
    }
}

/// What is left of `n` after `m` was taken, if anything.
fn rest(n: usize, m: usize) -> Option<usize> {
    n.checked_sub(m).filter(|left| *left > 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn apply(change: &Change, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        for splice in change.splices() {
            chars.splice(splice.at..splice.at + splice.delete, splice.insert.chars());
        }
        chars.into_iter().collect()
    }

    /// A change of a text of `len` characters made of a few random splices.
    fn change(len: usize) -> impl Strategy<Value = Change> {
        let splice = (any::<u16>(), 0..4_usize, "[甲乙丙丁𠀀，]{0,4}");
        prop::collection::vec(splice, 0..6).prop_map(move |raw| {
            let mut len = len;
            let mut splices = Vec::new();
            for (seed, delete, insert) in raw {
                let at = usize::from(seed) % (len + 1);
                let delete = delete.min(len - at);
                len = len - delete + insert.chars().count();
                splices.push(Splice { at, delete, insert });
            }
            Change::from_splices(&splices)
        })
    }

    const TEXT: &str = "关于某市甲局的巡察情况";

    fn len() -> usize {
        TEXT.chars().count()
    }

    proptest! {
        #[test]
        fn two_orders_of_two_changes_meet(a in change(len()), b in change(len())) {
            let a_then_b = apply(
                &b.clone().transform(&a.outline(), Tie::Theirs),
                &apply(&a, TEXT),
            );
            let b_then_a = apply(&a.transform(&b.outline(), Tie::Mine), &apply(&b, TEXT));
            prop_assert_eq!(a_then_b, b_then_a);
        }

        #[test]
        fn an_outline_is_carried_as_its_change_is(a in change(len()), b in change(len())) {
            prop_assert_eq!(
                a.outline().transform(&b, Tie::Mine),
                a.transform(&b.outline(), Tie::Mine).outline()
            );
        }

        #[test]
        fn a_chain_does_what_its_links_do(
            (a, b) in change(len()).prop_flat_map(|a| {
                let after = apply(&a, TEXT).chars().count();
                (Just(a), change(after))
            })
        ) {
            let apart = apply(&b, &apply(&a, TEXT));
            prop_assert_eq!(apply(&a.compose(b), TEXT), apart);
        }

        #[test]
        fn an_inverse_takes_the_change_back(a in change(len())) {
            let inverse = a.invert(&Rope::from_str(TEXT));
            prop_assert_eq!(apply(&inverse, &apply(&a, TEXT)), TEXT);
            let again = inverse.invert(&Rope::from_str(&apply(&a, TEXT)));
            prop_assert_eq!(apply(&again, TEXT), apply(&a, TEXT));
        }

        #[test]
        fn a_mapped_place_stays_within_the_text(a in change(len()), at in 0..=len()) {
            let after = apply(&a, TEXT).chars().count();
            let (before, behind) = (a.map(at, Hold::Before), a.map(at, Hold::After));
            prop_assert!(before <= behind && behind <= after);
        }
    }

    #[test]
    fn an_insertion_at_a_place_goes_to_the_side_it_does_not_hold() {
        let change = Change::replace(2..2, "丙丁".into());
        assert_eq!(change.map(2, Hold::Before), 2);
        assert_eq!(change.map(2, Hold::After), 4);
        assert_eq!(change.map(1, Hold::After), 1);
        assert_eq!(change.map(3, Hold::Before), 5);
    }

    #[test]
    fn a_place_in_deleted_text_goes_to_where_the_text_was() {
        let change = Change::replace(2..6, String::new());
        assert_eq!(change.map(4, Hold::Before), 2);
        assert_eq!(change.map(6, Hold::Before), 2);
        assert_eq!(change.map(7, Hold::Before), 3);
    }

    #[test]
    fn insert_and_delete_of_the_same_text_is_nothing() {
        let typed = Change::replace(3..3, "误".into());
        let erased = Change::replace(3..4, String::new());
        assert!(typed.compose(erased).is_noop());
    }
}
