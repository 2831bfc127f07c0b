//! The columns of a change: which there are, and the bytes of each.
use super::{PrecheckError, read::Reader};

/// The bit of a column specification that says "deflated".
const DEFLATE_BIT: u64 = 0b1000;

/// A column of a change's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The actor of the object written to; null for the root.
    ObjectActor,
    /// The counter of the object written to; null for the root.
    ObjectCounter,
    /// The actor of the list element; null for a map key and for the head of a list.
    KeyActor,
    /// The counter of the list element, 0 for the head; null for a map key.
    KeyCounter,
    /// The map key; null for a list element.
    KeyText,
    /// Whether the operation inserts a new element after the one named.
    Insert,
    /// What the operation does.
    Action,
    /// The kind and length of each value.
    ValueMeta,
    /// The bytes of all values, end to end.
    Value,
    /// How many operations each operation supersedes.
    PredCount,
    /// The actors of the superseded operations.
    PredActor,
    /// The counters of the superseded operations.
    PredCounter,
    /// Whether a mark grows with text typed at its edge.
    Expand,
    /// The name of a mark.
    MarkName,
}

impl Column {
    /// All columns in the order in which a change holds them.
    const ALL: [Self; 14] = [
        Self::ObjectActor,
        Self::ObjectCounter,
        Self::KeyActor,
        Self::KeyCounter,
        Self::KeyText,
        Self::Insert,
        Self::Action,
        Self::ValueMeta,
        Self::Value,
        Self::PredCount,
        Self::PredActor,
        Self::PredCounter,
        Self::Expand,
        Self::MarkName,
    ];

    /// The column's specification: its id times 16, plus its type.
    const fn spec(self) -> u64 {
        match self {
            Self::ObjectActor => 0x01,
            Self::ObjectCounter => 0x02,
            Self::KeyActor => 0x11,
            Self::KeyCounter => 0x13,
            Self::KeyText => 0x15,
            Self::Insert => 0x34,
            Self::Action => 0x42,
            Self::ValueMeta => 0x56,
            Self::Value => 0x57,
            Self::PredCount => 0x70,
            Self::PredActor => 0x71,
            Self::PredCounter => 0x73,
            Self::Expand => 0x94,
            Self::MarkName => 0xa5,
        }
    }
}

/// The bytes of each column; empty where the change leaves the column out.
#[derive(Debug, Clone)]
pub(super) struct Columns<'a>([Reader<'a>; Column::ALL.len()]);

impl<'a> Columns<'a> {
    /// Reads the column table and the column bytes after it.
    pub(super) fn read(change: &mut Reader<'a>) -> Result<Self, PrecheckError> {
        let count = change.unsigned()?;
        let mut found: Vec<(Column, usize)> = Vec::with_capacity(Column::ALL.len());
        let mut last = None;
        // Specifications rise strictly and only 14 are known, so a false count ends soon.
        for _ in 0..count {
            let at = change.at();
            let spec = change.unsigned()?;
            if spec & DEFLATE_BIT != 0 {
                return Err(PrecheckError::Deflated { at, spec });
            }
            if last.is_some_and(|last| last >= spec) {
                return Err(PrecheckError::ColumnsOutOfOrder { at, spec });
            }
            last = Some(spec);
            let Some(column) = Column::ALL.into_iter().find(|c| c.spec() == spec) else {
                return Err(PrecheckError::UnknownColumn { at, spec });
            };
            let len = change.length()?;
            if len == 0 {
                return Err(PrecheckError::EmptyColumn { at, column });
            }
            found.push((column, len));
        }
        let mut columns = Self([Reader::new(&[], change.at()); Column::ALL.len()]);
        for (column, len) in found {
            columns.0[column as usize] = change.take(len)?;
        }
        Ok(columns)
    }

    /// The bytes of one column.
    pub(super) const fn get(&self, column: Column) -> Reader<'a> {
        self.0[column as usize]
    }
}
