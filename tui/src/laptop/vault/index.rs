//! What the vault holds in memory while it is unlocked: which keys exist and where they lie.
//!
//! Each table has a *head*: its count and the sum (exclusive or) of a keyed hash per row. The
//! sum can be kept up to date row by row, and nobody without the key can find another set of
//! rows with the same sum. Heads are sealed in one place with every commit, so that a row
//! taken away, put back in an older version or moved is noticed at unlock.
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use shared::{
    crypto::{Context, Secret, hash},
    journal::Table,
    model::Digest,
};

use super::error::{Tampering, VaultError};

const ROW_MARK: Context = Context("xunji vault row mark");
const CHAIN: Context = Context("xunji vault commit chain");
const HEADS_VERSION: u8 = 1;
const TABLES: usize = Table::ALL.len();
const TABLE_LEN: usize = 1 + 8 + 32;
const FIXED_LEN: usize = 2 + 8 + 8 + 32 + 32;

/// Where a row lies and what proves it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// Its place in the order, never used again.
    pub(super) place: i64,
    /// Its random id.
    pub(super) id: [u8; 16],
    /// How often it was written.
    pub(super) version: i64,
    /// The tag of its sealed key.
    pub(super) name_tag: [u8; 16],
    /// The tag of its sealed value, which the sealed key repeats.
    pub(super) body_tag: [u8; 16],
}

impl Row {
    /// The row's share of its table's head. The key's tag stands for key and value.
    fn mark(&self, key: &Secret<32>) -> [u8; 32] {
        let (place, version) = (self.place.to_le_bytes(), self.version.to_le_bytes());
        *hash::keyed(key, ROW_MARK, &[&place, &self.id, &version, &self.name_tag]).as_bytes()
    }
}

/// Count and sum of one table.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct TableHead {
    pub(super) count: u64,
    sum: [u8; 32],
}

impl TableHead {
    pub(super) fn add(&mut self, row: &Row, key: &Secret<32>) {
        self.count = self.count.saturating_add(1);
        self.toggle(row, key);
    }

    pub(super) fn remove(&mut self, row: &Row, key: &Secret<32>) {
        self.count = self.count.saturating_sub(1);
        self.toggle(row, key);
    }

    fn toggle(&mut self, row: &Row, key: &Secret<32>) {
        for (sum, mark) in self.sum.iter_mut().zip(row.mark(key)) {
            *sum ^= mark;
        }
    }
}

/// What is sealed with every commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Heads {
    /// The number of the last commit.
    pub(super) commit: u64,
    /// The place the next new row gets.
    pub(super) next_place: i64,
    /// Hash over all commits so far.
    pub(super) chain: Digest,
    /// Hash of the key slots.
    pub(super) slots: Digest,
    tables: [TableHead; TABLES],
}

impl Heads {
    /// The heads of an empty store.
    pub(super) fn new(slots: Digest) -> Self {
        Self {
            commit: 0,
            next_place: 1,
            chain: Digest::default(),
            slots,
            tables: Default::default(),
        }
    }

    pub(super) fn table(&self, table: Table) -> &TableHead {
        &self.tables[at(table)]
    }

    pub(super) fn table_mut(&mut self, table: Table) -> &mut TableHead {
        &mut self.tables[at(table)]
    }

    /// Says for each table in what the rows `found` are not those of the last commit.
    pub(super) fn differences<'a>(
        &'a self,
        found: &'a Self,
    ) -> impl Iterator<Item = Tampering> + 'a {
        Table::ALL.into_iter().filter_map(|table| {
            let (expected, found) = (self.table(table), found.table(table));
            if expected.count != found.count {
                let (expected, found) = (expected.count, found.count);
                return Some(Tampering::Count { table, expected, found });
            }
            (expected != found).then_some(Tampering::Rows { table })
        })
    }

    /// Closes a commit: counts it and rolls the chain on.
    pub(super) fn close(&mut self, key: &Secret<32>) {
        self.commit = self.commit.saturating_add(1);
        self.chain = hash::keyed(key, CHAIN, &[&self.to_bytes()]);
    }

    /// Writes the heads in a fixed width, so that their sealed length says nothing.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED_LEN + TABLES * TABLE_LEN);
        bytes.extend([HEADS_VERSION, TABLES as u8]);
        bytes.extend(self.commit.to_le_bytes());
        bytes.extend(self.next_place.to_le_bytes());
        bytes.extend(self.chain.as_bytes());
        bytes.extend(self.slots.as_bytes());
        for (table, head) in Table::ALL.iter().zip(&self.tables) {
            bytes.push(table.number());
            bytes.extend(head.count.to_le_bytes());
            bytes.extend(head.sum);
        }
        bytes
    }

    /// Reads heads. They were authentic, so what cannot be read was written by a newer build.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let newer = |found: u8| VaultError::NewerFormat { found: i64::from(found) };
        let mut rest = bytes;
        let [version, count] = take(&mut rest).ok_or(Tampering::Head)?;
        if version != HEADS_VERSION {
            return Err(newer(version));
        }
        let mut read = || -> Option<Self> {
            let mut heads = Self::new(Digest::default());
            heads.commit = u64::from_le_bytes(take(&mut rest)?);
            heads.next_place = i64::from_le_bytes(take(&mut rest)?);
            heads.chain = Digest(take(&mut rest)?);
            heads.slots = Digest(take(&mut rest)?);
            for _ in 0..count {
                let [number] = take(&mut rest)?;
                let head = heads.table_mut(Table::from_number(number)?);
                head.count = u64::from_le_bytes(take(&mut rest)?);
                head.sum = take(&mut rest)?;
            }
            Some(heads)
        };
        read().ok_or_else(|| newer(version))
    }
}

fn at(table: Table) -> usize {
    usize::from(table.number()) - 1
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// The keys of one table.
#[derive(Default)]
struct Keys {
    rows: HashMap<Arc<[u8]>, Row>,
    order: BTreeMap<i64, Arc<[u8]>>,
}

/// Which keys exist and where they lie.
#[derive(Default)]
pub(super) struct Index {
    tables: [Keys; TABLES],
}

impl Index {
    pub(super) fn get(&self, table: Table, key: &[u8]) -> Option<&Row> {
        self.tables[at(table)].rows.get(key)
    }

    /// Puts or replaces a row; returns the one that had the key.
    pub(super) fn put(&mut self, table: Table, key: &[u8], row: Row) -> Option<Row> {
        let keys = &mut self.tables[at(table)];
        let key: Arc<[u8]> = key.into();
        let before = keys.rows.insert(key.clone(), row);
        if let Some(before) = before {
            keys.order.remove(&before.place);
        }
        keys.order.insert(row.place, key);
        before
    }

    pub(super) fn remove(&mut self, table: Table, key: &[u8]) {
        let keys = &mut self.tables[at(table)];
        if let Some(row) = keys.rows.remove(key) {
            keys.order.remove(&row.place);
        }
    }

    /// Lists a table in order.
    pub(super) fn list(&self, table: Table) -> impl Iterator<Item = (&Arc<[u8]>, &Row)> {
        let keys = &self.tables[at(table)];
        keys.order.values().filter_map(|key| Some((key, keys.rows.get(key)?)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(place: i64) -> Row {
        Row { place, id: [place as u8; 16], version: 1, name_tag: [7; 16], body_tag: [8; 16] }
    }

    #[test]
    fn heads_come_back_and_have_one_length() {
        let key = Secret::copy_from(&[1; 32]);
        let mut heads = Heads::new(Digest([4; 32]));
        let empty = heads.to_bytes().len();
        for place in 0..300 {
            heads.table_mut(Table::Entry).add(&row(place), &key);
        }
        heads.close(&key);
        assert_eq!(heads.to_bytes().len(), empty);
        assert_eq!(Heads::from_bytes(&heads.to_bytes()).unwrap(), heads);
        assert!(matches!(Heads::from_bytes(&[9, 1]), Err(VaultError::NewerFormat { found: 9 })));
    }

    #[test]
    fn a_head_depends_on_the_set_of_rows_and_not_on_how_it_came_about() {
        let key = Secret::copy_from(&[1; 32]);
        let (mut one, mut two) = (TableHead::default(), TableHead::default());
        one.add(&row(1), &key);
        one.add(&row(2), &key);
        two.add(&row(3), &key);
        two.add(&row(2), &key);
        two.add(&row(1), &key);
        assert_ne!(one, two);
        two.remove(&row(3), &key);
        assert_eq!(one, two);
        let newer = Row { version: 2, ..row(2) };
        two.remove(&row(2), &key);
        two.add(&newer, &key);
        assert_ne!(one, two);
    }
}
