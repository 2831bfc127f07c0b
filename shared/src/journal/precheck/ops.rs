//! The operations of a change: first counted by their runs, then read in step.
use super::{
    ACTOR_LEN, Budget, COUNTER_END, Column, OpFault, PrecheckError,
    columns::Columns,
    read::Reader,
    runs::{Bools, Rle, Rows, Run, Runs},
};

/// The actions of Automerge that Xunji's documents use.
mod action {
    pub(super) const MAKE_MAP: u64 = 0;
    pub(super) const SET: u64 = 1;
    pub(super) const MAKE_LIST: u64 = 2;
    pub(super) const DELETE: u64 = 3;
    pub(super) const MAKE_TEXT: u64 = 4;
    pub(super) const INCREMENT: u64 = 5;
    pub(super) const MARK: u64 = 7;
}

/// The kinds of value that Automerge writes: the low four bits of the metadata.
mod kind {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const UNSIGNED: u8 = 3;
    pub(super) const SIGNED: u8 = 4;
    pub(super) const FLOAT: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const BYTES: u8 = 7;
    pub(super) const COUNTER: u8 = 8;
    pub(super) const TIMESTAMP: u8 = 9;
}

/// Checks the columns of the change that begins at `at` and returns its number of operations.
pub(super) fn check(
    columns: &Columns<'_>,
    at: usize,
    start_op: u64,
    author: &[u8; ACTOR_LEN],
    others: &[[u8; ACTOR_LEN]],
    budget: &mut Budget,
) -> Result<u64, PrecheckError> {
    let ops = weigh(columns, at, budget)?;
    let last = start_op + (ops - 1);
    if last >= COUNTER_END {
        return Err(PrecheckError::CounterTooHigh { at, last });
    }
    let mut walk = Walk::new(columns, start_op, author, others);
    for row in 0..ops {
        walk.step(row).map_err(|stop| stop.at(at, row))?;
    }
    match walk.used.iter().position(|used| !used) {
        Some(index) => Err(PrecheckError::ActorUnused { at, index: index + 1 }),
        None => Ok(ops),
    }
}

/// Sums the runs of every column, without expanding one, and takes the sums off the budget.
fn weigh(columns: &Columns<'_>, at: usize, budget: &mut Budget) -> Result<u64, PrecheckError> {
    let rle = |column| Rle::<'_, u64>::new(column, columns.get(column));
    let delta = |column| Rle::<'_, i64>::new(column, columns.get(column));
    let text = |column| Rle::<'_, &str>::new(column, columns.get(column));
    let bools = |column| Bools::new(column, columns.get(column));

    let ops = count(rle(Column::Action), Column::Action, at, budget.ops)?;
    if ops == 0 {
        return Err(PrecheckError::NoOps { at });
    }
    budget.ops -= ops;
    let optional = |column, found| match found {
        0 => Ok(()),
        found => exactly(column, at, found, ops),
    };
    for column in [Column::ObjectActor, Column::ObjectCounter, Column::KeyActor] {
        optional(column, count(rle(column), column, at, ops)?)?;
    }
    optional(Column::KeyCounter, count(delta(Column::KeyCounter), Column::KeyCounter, at, ops)?)?;
    for column in [Column::KeyText, Column::MarkName] {
        optional(column, count(text(column), column, at, ops)?)?;
        budget.names -= text_bytes(text(column), column, at, budget.names)?;
    }
    exactly(Column::Insert, at, count(bools(Column::Insert), Column::Insert, at, ops)?, ops)?;
    let mut expand = bools(Column::Expand);
    optional(Column::Expand, count(expand.clone(), Column::Expand, at, ops)?)?;
    // Like a column of nulls, one without a true is left out.
    if matches!(expand.next_run()?, Some(Run { value: false, count }) if count == ops) {
        return Err(PrecheckError::EmptyColumn { at, column: Column::Expand });
    }
    let meta = rle(Column::ValueMeta);
    exactly(Column::ValueMeta, at, count(meta.clone(), Column::ValueMeta, at, ops)?, ops)?;
    weigh_values(meta, columns.get(Column::Value), at)?;

    let groups = rle(Column::PredCount);
    exactly(Column::PredCount, at, count(groups.clone(), Column::PredCount, at, ops)?, ops)?;
    let preds = sum(groups, Column::PredCount, at, budget.preds)?;
    budget.preds -= preds;
    let actors = count(rle(Column::PredActor), Column::PredActor, at, preds)?;
    exactly(Column::PredActor, at, actors, preds)?;
    let counters = count(delta(Column::PredCounter), Column::PredCounter, at, preds)?;
    exactly(Column::PredCounter, at, counters, preds)?;
    Ok(ops)
}

fn exactly(column: Column, at: usize, found: u64, expected: u64) -> Result<(), PrecheckError> {
    if found == expected {
        Ok(())
    } else {
        Err(PrecheckError::Rows { at, column, found, expected })
    }
}

/// Adds up `weight` over the runs and stops as soon as the sum passes `limit`.
fn add_up<R: Runs>(
    mut runs: R,
    limit: u64,
    weight: impl Fn(&Run<R::Value>) -> Option<u64>,
) -> Result<Option<u64>, PrecheckError> {
    let mut total = 0u64;
    while let Some(run) = runs.next_run()? {
        match weight(&run).and_then(|w| total.checked_add(w)).filter(|sum| *sum <= limit) {
            Some(sum) => total = sum,
            None => return Ok(None),
        }
    }
    Ok(Some(total))
}

/// The rows of a column.
fn count<R: Runs>(runs: R, column: Column, at: usize, limit: u64) -> Result<u64, PrecheckError> {
    add_up(runs, limit, |run| Some(run.count))?.ok_or(PrecheckError::TooManyRows {
        at,
        column,
        limit,
    })
}

/// The sum of the numbers in a column.
fn sum(runs: Rle<'_, u64>, column: Column, at: usize, limit: u64) -> Result<u64, PrecheckError> {
    add_up(runs, limit, |run| run.value.unwrap_or(0).checked_mul(run.count))?
        .ok_or(PrecheckError::TooManyRows { at, column, limit })
}

/// The bytes that a column's texts take once expanded.
fn text_bytes(
    runs: Rle<'_, &str>,
    column: Column,
    at: usize,
    limit: u64,
) -> Result<u64, PrecheckError> {
    add_up(runs, limit, |run| (run.value.map_or(0, str::len) as u64).checked_mul(run.count))?
        .ok_or(PrecheckError::TooMuchText { at, column, limit })
}

/// Checks that the lengths of all values add up to the value column.
fn weigh_values(meta: Rle<'_, u64>, values: Reader<'_>, at: usize) -> Result<(), PrecheckError> {
    let found = values.rest().len() as u64;
    let claimed = add_up(meta, found, |run| (run.value.unwrap_or(0) >> 4).checked_mul(run.count))?;
    match claimed {
        Some(claimed) if claimed == found => Ok(()),
        Some(claimed) => Err(PrecheckError::ValueBytes { at, claimed, found }),
        None => Err(PrecheckError::ValueBytes { at, claimed: u64::MAX, found }),
    }
}

/// Why the walk over the rows ended early.
enum Stop {
    Bytes(PrecheckError),
    Op(OpFault),
}

impl Stop {
    fn at(self, at: usize, row: u64) -> PrecheckError {
        match self {
            Self::Bytes(error) => error,
            Self::Op(fault) => PrecheckError::Op { at, row, fault },
        }
    }
}

impl From<PrecheckError> for Stop {
    fn from(error: PrecheckError) -> Self {
        Self::Bytes(error)
    }
}

impl From<OpFault> for Stop {
    fn from(fault: OpFault) -> Self {
        Self::Op(fault)
    }
}

/// A column of differences, read as the absolute numbers they lead to.
struct Deltas<'a> {
    rows: Rows<Rle<'a, i64>>,
    column: Column,
    value: i64,
}

impl<'a> Deltas<'a> {
    const fn new(column: Column, from: Reader<'a>) -> Self {
        Self { rows: Rows::new(Rle::new(column, from)), column, value: 0 }
    }

    /// The next number, or `None` for a null.
    fn cell(&mut self) -> Result<Option<u64>, Stop> {
        let Some(delta) = self.rows.cell()? else { return Ok(None) };
        let value = self.value.checked_add(delta).unwrap_or(-1);
        match u64::try_from(value) {
            Ok(counter) if counter < COUNTER_END => {
                self.value = value;
                Ok(Some(counter))
            }
            _ => Err(OpFault::Counter(self.column).into()),
        }
    }
}

/// An operation named by another: its counter, and its actor's place in the change's list.
#[derive(Debug, Clone, Copy)]
struct Reference {
    actor: usize,
    counter: u64,
}

/// Where an operation writes, inside its object.
#[derive(Debug, Clone, Copy)]
enum Place {
    Key,
    Head,
    Element(Reference),
}

/// Reads all columns in step, one operation after another.
struct Walk<'a> {
    start_op: u64,
    author: &'a [u8; ACTOR_LEN],
    others: &'a [[u8; ACTOR_LEN]],
    /// Which of `others` some operation named.
    used: Vec<bool>,
    object_actor: Rows<Rle<'a, u64>>,
    object_counter: Rows<Rle<'a, u64>>,
    key_actor: Rows<Rle<'a, u64>>,
    key_counter: Deltas<'a>,
    key_text: Rows<Rle<'a, &'a str>>,
    insert: Rows<Bools<'a>>,
    action: Rows<Rle<'a, u64>>,
    value_meta: Rows<Rle<'a, u64>>,
    values: Reader<'a>,
    pred_count: Rows<Rle<'a, u64>>,
    pred_actor: Rows<Rle<'a, u64>>,
    pred_counter: Deltas<'a>,
    expand: Rows<Bools<'a>>,
    mark_name: Rows<Rle<'a, &'a str>>,
}

impl<'a> Walk<'a> {
    fn new(
        columns: &Columns<'a>,
        start_op: u64,
        author: &'a [u8; ACTOR_LEN],
        others: &'a [[u8; ACTOR_LEN]],
    ) -> Self {
        let rle = |column| Rows::new(Rle::new(column, columns.get(column)));
        let text = |column| Rows::new(Rle::new(column, columns.get(column)));
        let bools = |column| Rows::new(Bools::new(column, columns.get(column)));
        let delta = |column| Deltas::new(column, columns.get(column));
        Self {
            start_op,
            author,
            others,
            used: vec![false; others.len()],
            object_actor: rle(Column::ObjectActor),
            object_counter: rle(Column::ObjectCounter),
            key_actor: rle(Column::KeyActor),
            key_counter: delta(Column::KeyCounter),
            key_text: text(Column::KeyText),
            insert: bools(Column::Insert),
            action: rle(Column::Action),
            value_meta: rle(Column::ValueMeta),
            values: columns.get(Column::Value),
            pred_count: rle(Column::PredCount),
            pred_actor: rle(Column::PredActor),
            pred_counter: delta(Column::PredCounter),
            expand: bools(Column::Expand),
            mark_name: text(Column::MarkName),
        }
    }

    /// Reads and checks the operation at `row`.
    fn step(&mut self, row: u64) -> Result<(), Stop> {
        let own = self.start_op + row;
        let action = self.action.cell()?.ok_or(OpFault::Null(Column::Action))?;
        let insert = self.insert.next_row()?.unwrap_or(false);
        let object = self.object(own)?;
        let place = self.place(own)?;
        let fits = match place {
            Place::Key => !insert,
            Place::Head => insert && object.is_some(),
            Place::Element(_) => object.is_some(),
        };
        if !fits {
            return Err(OpFault::Place.into());
        }
        // What is in an object is newer than the object; what is superseded at an element is
        // the element's insertion or newer.
        let oldest = match place {
            Place::Element(element) => {
                if object.is_some_and(|o| self.order(element) <= self.order(o)) {
                    return Err(OpFault::Earlier(element.counter).into());
                }
                Some(element)
            }
            Place::Key | Place::Head => object,
        };
        let kind = self.value()?;
        let preds = self.preds(own, oldest)?;
        let marked = self.mark_name.cell()?.is_some() | self.expand.next_row()?.unwrap_or(false);
        let (value_fits, preds_fit) = match action {
            action::MAKE_MAP | action::MAKE_LIST | action::MAKE_TEXT => {
                (kind == kind::NULL, !insert || preds == 0)
            }
            action::SET | action::MARK => (true, !insert || preds == 0),
            action::DELETE => (kind == kind::NULL, !insert && preds > 0),
            action::INCREMENT => {
                (matches!(kind, kind::UNSIGNED | kind::SIGNED), !insert && preds > 0)
            }
            unknown => return Err(OpFault::Action(unknown).into()),
        };
        if !value_fits {
            return Err(OpFault::ValueKind(kind).into());
        }
        if !preds_fit {
            return Err(OpFault::Preds(preds).into());
        }
        if marked && action != action::MARK {
            return Err(OpFault::Mark.into());
        }
        Ok(())
    }

    /// Reads the object id; `None` for the root.
    fn object(&mut self, own: u64) -> Result<Option<Reference>, Stop> {
        match (self.object_actor.cell()?, self.object_counter.cell()?) {
            (None, None) => Ok(None),
            (Some(actor), Some(counter)) => self.refer(actor, counter, own).map(Some),
            _ => Err(OpFault::HalfObject.into()),
        }
    }

    /// Reads the key or the element.
    fn place(&mut self, own: u64) -> Result<Place, Stop> {
        match (self.key_text.cell()?, self.key_actor.cell()?, self.key_counter.cell()?) {
            (Some(_), None, None) => Ok(Place::Key),
            (None, None, Some(0)) => Ok(Place::Head),
            (None, Some(actor), Some(counter)) => {
                self.refer(actor, counter, own).map(Place::Element)
            }
            _ => Err(OpFault::Key.into()),
        }
    }

    /// Reads the value and returns its kind.
    fn value(&mut self) -> Result<u8, Stop> {
        let meta = self.value_meta.cell()?.ok_or(OpFault::Null(Column::ValueMeta))?;
        let kind = (meta & 0b1111) as u8;
        let fault = Stop::Op(OpFault::Value(kind));
        // The lengths were summed against the column, so each fits; a 64-bit length cannot.
        let Ok(len) = usize::try_from(meta >> 4) else { return Err(fault) };
        let mut value = self.values.take(len)?;
        let sound = match kind {
            kind::NULL | kind::FALSE | kind::TRUE => len == 0,
            kind::UNSIGNED => value.unsigned().is_ok() && value.is_empty(),
            kind::SIGNED | kind::COUNTER | kind::TIMESTAMP => {
                value.signed().is_ok() && value.is_empty()
            }
            kind::FLOAT => len == size_of::<f64>(),
            kind::TEXT => std::str::from_utf8(value.rest()).is_ok(),
            kind::BYTES => true,
            _ => false,
        };
        if sound { Ok(kind) } else { Err(fault) }
    }

    /// Reads the predecessors, in rising order from `oldest`, and returns how many there are.
    fn preds(&mut self, own: u64, oldest: Option<Reference>) -> Result<u64, Stop> {
        let count = self.pred_count.cell()?.ok_or(OpFault::Null(Column::PredCount))?;
        let mut last: Option<Reference> = None;
        for _ in 0..count {
            let actor = self.pred_actor.cell()?.ok_or(OpFault::Null(Column::PredActor))?;
            let counter = self.pred_counter.cell()?.ok_or(OpFault::Null(Column::PredCounter))?;
            let pred = self.refer(actor, counter, own)?;
            if last.is_some_and(|last| self.order(last) >= self.order(pred)) {
                return Err(OpFault::PredOrder.into());
            }
            if oldest.is_some_and(|oldest| self.order(pred) < self.order(oldest)) {
                return Err(OpFault::Earlier(counter).into());
            }
            last = Some(pred);
        }
        Ok(count)
    }

    /// Resolves a reference, which must name an operation that can precede the one at `own`.
    ///
    /// A change's first counter is above all that its author knew, so only the author's own
    /// operations can be as new as this change's.
    fn refer(&mut self, actor: u64, counter: u64, own: u64) -> Result<Reference, Stop> {
        let index = usize::try_from(actor).unwrap_or(usize::MAX);
        let end = match index.checked_sub(1) {
            None => own,
            Some(other) => {
                *self.used.get_mut(other).ok_or(OpFault::ActorIndex(actor))? = true;
                self.start_op
            }
        };
        if counter == 0 || counter >= end {
            return Err(OpFault::Later(counter).into());
        }
        Ok(Reference { actor: index, counter })
    }

    /// What Automerge sorts operations by: the counter, then the actor's bytes.
    fn order(&self, id: Reference) -> (u64, &'a [u8; ACTOR_LEN]) {
        let actor = id.actor.checked_sub(1).and_then(|other| self.others.get(other));
        (id.counter, actor.unwrap_or(self.author))
    }
}
