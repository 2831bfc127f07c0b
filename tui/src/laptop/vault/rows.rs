//! What any store of rows does, whether it lies on a disk or is a model of one.
use std::future::Future;

use shared::journal::{Table, Write};

/// Rows of one table: keys and values, in the order in which the keys were first put.
pub type Scan = Vec<(Vec<u8>, Vec<u8>)>;

/// An ordered row store with atomic, durable commits.
///
/// [`super::contract::check`] says exactly what is expected.
pub trait Rows: Send {
    /// Why something failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Makes all writes durable together, in their order, or none.
    fn commit(
        &mut self,
        writes: Vec<Write>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Reads a table in insertion order.
    fn scan(&mut self, table: Table) -> impl Future<Output = Result<Scan, Self::Error>> + Send;

    /// Reads one row.
    fn get(
        &mut self,
        table: Table,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;
}

/// A store that can be put down and taken up again, as by a new start of the program.
pub trait Reopen: Rows + Sized {
    /// Drops the store without a farewell and opens it anew.
    fn reopen(self) -> impl Future<Output = Result<Self, Self::Error>> + Send;
}
