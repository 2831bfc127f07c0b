//! What is asked of a store: plain values, no I/O.
//!
//! Both ends of the journal answer an input with writes that must become durable together;
//! who carries them out (the laptop's vault, the model store of the simulation) is not known
//! here.
use std::fmt;

/// A table of a laptop's store: rows in the order in which their keys were first put.
///
/// The numbers lie on the disk: they are never changed or used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Table {
    /// What the store knows about itself: device, server pin, cursors.
    Meta = 1,
    /// The sessions of this device, one for each unlock and space.
    Session = 2,
    /// Text being written that no envelope holds yet.
    Draft = 3,
    /// Envelopes held, own and others'.
    Envelope = 4,
    /// Entries of the server.
    Entry = 5,
    /// Receipts of the server.
    Receipt = 6,
    /// Saved documents.
    Document = 7,
    /// What lists and search show of documents.
    Summary = 8,
    /// Renderings and file manifests.
    Blob = 9,
    /// The person's own settings.
    Setting = 10,
}

impl Table {
    /// Every table, by number.
    pub const ALL: [Self; 10] = [
        Self::Meta,
        Self::Session,
        Self::Draft,
        Self::Envelope,
        Self::Entry,
        Self::Receipt,
        Self::Document,
        Self::Summary,
        Self::Blob,
        Self::Setting,
    ];

    /// Returns the number that is written.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the table of a number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.number() == number)
    }
}

/// One change to a store. The writes of one commit become durable together or not at all,
/// and take effect in their order.
#[derive(Clone, PartialEq, Eq)]
pub enum Write {
    /// Puts a row. A key that exists keeps its place in the order.
    Put {
        /// The table.
        table: Table,
        /// The row's key, unique in its table.
        key: Vec<u8>,
        /// The row's new value.
        value: Vec<u8>,
    },
    /// Removes a row; nothing happens if there is none. If the key is put again later, it
    /// stands at the end.
    Delete {
        /// The table.
        table: Table,
        /// The row's key.
        key: Vec<u8>,
    },
}

impl Write {
    /// Makes a [`Write::Put`].
    pub fn put(table: Table, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self::Put { table, key: key.into(), value: value.into() }
    }

    /// Makes a [`Write::Delete`].
    pub fn delete(table: Table, key: impl Into<Vec<u8>>) -> Self {
        Self::Delete { table, key: key.into() }
    }

    /// Returns the table and key that are changed.
    pub fn target(&self) -> (Table, &[u8]) {
        match self {
            Self::Put { table, key, .. } | Self::Delete { table, key } => (*table, key),
        }
    }
}

/// Shows lengths only: writes hold people's text and find their way into logs.
impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { table, key, value } => {
                write!(f, "Put({table:?}, {} + {} bytes)", key.len(), value.len())
            }
            Self::Delete { table, key } => write!(f, "Delete({table:?}, {} bytes)", key.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_found_by_its_number() {
        for table in Table::ALL {
            assert_eq!(Table::from_number(table.number()), Some(table));
        }
        assert_eq!(Table::from_number(0), None);
    }

    #[test]
    fn a_write_never_prints_what_it_holds() {
        let write = Write::put(Table::Draft, "谈话".as_bytes(), "李某陈述".as_bytes());
        assert_eq!(format!("{write:?}"), "Put(Draft, 6 + 12 bytes)");
    }
}
