//! Run-length coded columns, read run by run and never expanded.
//!
//! Three codings: RLE (a positive count and a value, a negative count and so many values, or
//! zero and a count of nulls), the same over differences, and booleans (alternating counts,
//! beginning with false). Only the form that Automerge's encoder gives is accepted.
use super::{Column, PrecheckError, read::Reader};

/// Something that an RLE column holds.
pub(super) trait Item<'a>: Copy + PartialEq {
    fn read(from: &mut Reader<'a>) -> Result<Self, PrecheckError>;
}

impl<'a> Item<'a> for u64 {
    fn read(from: &mut Reader<'a>) -> Result<Self, PrecheckError> {
        from.unsigned()
    }
}

impl<'a> Item<'a> for i64 {
    fn read(from: &mut Reader<'a>) -> Result<Self, PrecheckError> {
        from.signed()
    }
}

impl<'a> Item<'a> for &'a str {
    fn read(from: &mut Reader<'a>) -> Result<Self, PrecheckError> {
        from.text()
    }
}

/// `count` equal rows; `count` is at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run<T> {
    pub(super) value: T,
    pub(super) count: u64,
}

/// Yields the runs of a column; a literal run comes as runs of one.
pub(super) trait Runs: Clone {
    type Value: Copy;
    fn next_run(&mut self) -> Result<Option<Run<Self::Value>>, PrecheckError>;
}

/// What the run before this one was; it decides which run may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before<T> {
    Nothing,
    Nulls,
    Repeat(T),
    Literal(T),
}

/// The runs of an RLE column.
#[derive(Debug, Clone)]
pub(super) struct Rle<'a, T> {
    from: Reader<'a>,
    column: Column,
    before: Before<T>,
    /// Values still to come of the literal run being read.
    literal: u64,
}

impl<'a, T: Item<'a>> Rle<'a, T> {
    pub(super) const fn new(column: Column, from: Reader<'a>) -> Self {
        Self { from, column, before: Before::Nothing, literal: 0 }
    }

    fn fault(&self, at: usize) -> PrecheckError {
        PrecheckError::Run { at, column: self.column }
    }

    /// Reads the next value, which must differ from the value before it.
    fn value(&mut self) -> Result<T, PrecheckError> {
        let at = self.from.at();
        let value = T::read(&mut self.from)?;
        match self.before {
            Before::Repeat(last) | Before::Literal(last) if last == value => Err(self.fault(at)),
            _ => Ok(value),
        }
    }

    fn literal_value(&mut self) -> Result<Run<Option<T>>, PrecheckError> {
        let value = self.value()?;
        self.literal -= 1;
        self.before = Before::Literal(value);
        Ok(Run { value: Some(value), count: 1 })
    }
}

impl<'a, T: Item<'a>> Runs for Rle<'a, T> {
    type Value = Option<T>;

    fn next_run(&mut self) -> Result<Option<Run<Option<T>>>, PrecheckError> {
        if self.literal > 0 {
            return self.literal_value().map(Some);
        }
        if self.from.is_empty() {
            return Ok(None);
        }
        let at = self.from.at();
        match self.from.signed()? {
            0 => {
                let count = self.from.unsigned()?;
                // A column of nothing but nulls is left out; the rows are counted elsewhere.
                let alone = self.before == Before::Nothing && self.from.is_empty();
                if count == 0 || self.before == Before::Nulls || alone {
                    return Err(self.fault(at));
                }
                self.before = Before::Nulls;
                Ok(Some(Run { value: None, count }))
            }
            count if count > 0 => {
                if count == 1 {
                    return Err(self.fault(at));
                }
                let value = self.value()?;
                self.before = Before::Repeat(value);
                Ok(Some(Run { value: Some(value), count: count.unsigned_abs() }))
            }
            count => {
                if matches!(self.before, Before::Literal(_)) {
                    return Err(self.fault(at));
                }
                self.literal = count.unsigned_abs();
                self.literal_value().map(Some)
            }
        }
    }
}

/// The runs of a boolean column.
#[derive(Debug, Clone)]
pub(super) struct Bools<'a> {
    from: Reader<'a>,
    column: Column,
    next: bool,
    first: bool,
}

impl<'a> Bools<'a> {
    pub(super) const fn new(column: Column, from: Reader<'a>) -> Self {
        Self { from, column, next: false, first: true }
    }
}

impl Runs for Bools<'_> {
    type Value = bool;

    fn next_run(&mut self) -> Result<Option<Run<bool>>, PrecheckError> {
        loop {
            if self.from.is_empty() {
                return Ok(None);
            }
            let at = self.from.at();
            let count = self.from.unsigned()?;
            let value = self.next;
            let leading = std::mem::replace(&mut self.first, false);
            self.next = !value;
            match count {
                // A column that begins with true says so by a run of no falses.
                0 if leading && !self.from.is_empty() => {}
                0 => return Err(PrecheckError::Run { at, column: self.column }),
                _ => return Ok(Some(Run { value, count })),
            }
        }
    }
}

/// The rows of a column, one at a time, out of its runs.
///
/// Only for columns whose rows were counted first: a run is walked, not weighed.
#[derive(Debug, Clone)]
pub(super) struct Rows<R: Runs> {
    runs: R,
    left: Option<Run<R::Value>>,
}

impl<R: Runs> Rows<R> {
    pub(super) const fn new(runs: R) -> Self {
        Self { runs, left: None }
    }

    /// The next row; `None` past the end, which a column left out reaches at once.
    pub(super) fn next_row(&mut self) -> Result<Option<R::Value>, PrecheckError> {
        if self.left.is_none() {
            self.left = self.runs.next_run()?;
        }
        let Some(run) = &mut self.left else { return Ok(None) };
        let value = run.value;
        run.count -= 1;
        if run.count == 0 {
            self.left = None;
        }
        Ok(Some(value))
    }
}

impl<'a, T: Item<'a>> Rows<Rle<'a, T>> {
    /// The next row's value; `None` for a null and in a column left out.
    pub(super) fn cell(&mut self) -> Result<Option<T>, PrecheckError> {
        self.next_row().map(Option::flatten)
    }
}
