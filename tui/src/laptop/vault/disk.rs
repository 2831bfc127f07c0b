//! The database file: statements only, nothing is sealed or opened here.
//!
//! One connection, WAL, a full sync at every commit, an exclusive lock. In the clear lie a
//! row's place, random id and version; key and value are sealed bytes.
use std::{collections::BTreeMap, path::Path};

use futures_util::TryStreamExt;
use sqlx::{
    ConnectOptions, Connection, QueryBuilder, Row as _, Sqlite, SqliteConnection,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteRow, SqliteSynchronous,
    },
};

use super::error::{Tampering, VaultError};

/// The format of the database, in `user_version`.
pub(super) const FORMAT: i64 = 1;
/// The most rows that one statement puts in.
const AT_ONCE: usize = 64;

const SCHEMA: &str = "
CREATE TABLE slots (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL) STRICT;
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE sealed (place INTEGER PRIMARY KEY, id BLOB NOT NULL, version INTEGER NOT NULL, name BLOB NOT NULL, body BLOB NOT NULL) STRICT;
PRAGMA application_id = 0x786a7661;
PRAGMA user_version = 1;
";

/// One changed row, already sealed.
pub(super) enum Change {
    Insert(SealedRow),
    Update(SealedRow),
    Delete { place: i64 },
}

/// What a commit comes to: a row that is written twice is written once.
#[derive(Default)]
struct Net {
    new: Vec<SealedRow>,
    changed: Vec<SealedRow>,
    gone: Vec<i64>,
}

impl Net {
    fn of(changes: Vec<Change>) -> Self {
        let mut rows: BTreeMap<i64, (bool, SealedRow)> = BTreeMap::new();
        let mut net = Self::default();
        for change in changes {
            match change {
                Change::Insert(row) => drop(rows.insert(row.place, (true, row))),
                Change::Update(row) => {
                    let new = rows.get(&row.place).is_some_and(|(new, _)| *new);
                    rows.insert(row.place, (new, row));
                }
                Change::Delete { place } => match rows.remove(&place) {
                    Some((true, _)) => {}
                    _ => net.gone.push(place),
                },
            }
        }
        for (new, row) in rows.into_values() {
            if new { net.new.push(row) } else { net.changed.push(row) }
        }
        net
    }
}

/// Lists places as one parameter: one statement for any number, and nothing spliced into SQL.
fn list(places: &[i64]) -> String {
    let list = places.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    format!("[{list}]")
}

/// A row as it lies on the disk.
pub(super) struct SealedRow {
    pub(super) place: i64,
    pub(super) id: [u8; 16],
    pub(super) version: i64,
    pub(super) name: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// A row without its value, as it is read at unlock.
pub(super) struct SealedName {
    pub(super) place: i64,
    pub(super) id: Vec<u8>,
    pub(super) version: i64,
    pub(super) name: Vec<u8>,
}

/// The sealed head and the commit it is of.
pub(super) struct SealedHead {
    pub(super) version: i64,
    pub(super) body: Vec<u8>,
}

/// Makes a file at its size limit (`ulimit -f`) an error of the write, as a full disk is: by
/// default the signal ends the process, and with it what was typed and is not saved.
fn outlive_file_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        const SIGXFSZ: i32 = 25;
        // Once asked for, the signal is caught for good. Where it cannot be, all is as before.
        let _ = signal(SignalKind::from_raw(SIGXFSZ));
    }
}

pub(super) struct Disk {
    connection: SqliteConnection,
}

impl Disk {
    /// Opens the database file, making an empty one if `create`.
    pub(super) async fn open(file: &Path, create: bool) -> Result<Self, VaultError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .locking_mode(SqliteLockingMode::Exclusive)
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON")
            // Nothing of ours is written beside the database, and what is deleted is wiped.
            .pragma("temp_store", "MEMORY")
            .pragma("secure_delete", "ON")
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("journal_size_limit", "16777216")
            .disable_statement_logging();
        outlive_file_limit();
        Ok(Self { connection: SqliteConnection::connect_with(&options).await? })
    }

    /// Returns the format number; 0 for a database that was never finished.
    pub(super) async fn format(&mut self) -> Result<i64, VaultError> {
        let row = sqlx::query("PRAGMA user_version").fetch_one(&mut self.connection).await?;
        Ok(row.try_get(0)?)
    }

    /// Tells whether the database's own structure holds.
    pub(super) async fn sound(&mut self) -> Result<bool, VaultError> {
        let row = sqlx::query("PRAGMA quick_check(1)").fetch_one(&mut self.connection).await?;
        Ok(row.try_get::<String, _>(0)? == "ok")
    }

    /// Lays out a new store in one transaction: it is there whole or not at all.
    pub(super) async fn lay_out(
        &mut self,
        slots: &[u8],
        head: &SealedHead,
    ) -> Result<(), VaultError> {
        self.begin().await?;
        sqlx::raw_sql(SCHEMA).execute(&mut self.connection).await?;
        self.write_slots(slots).await?;
        self.write_head(head).await?;
        self.end().await
    }

    pub(super) async fn slots(&mut self) -> Result<Vec<u8>, VaultError> {
        let row =
            sqlx::query("SELECT body FROM slots").fetch_optional(&mut self.connection).await?;
        Ok(row.ok_or(Tampering::Slots)?.try_get(0)?)
    }

    pub(super) async fn head(&mut self) -> Result<SealedHead, VaultError> {
        let row = sqlx::query("SELECT version, body FROM head")
            .fetch_optional(&mut self.connection)
            .await?;
        let row = row.ok_or(Tampering::Head)?;
        Ok(SealedHead { version: row.try_get(0)?, body: row.try_get(1)? })
    }

    /// Reads every row without its value, in order.
    pub(super) async fn names(
        &mut self,
        mut each: impl FnMut(SealedName) -> Result<(), VaultError> + Send,
    ) -> Result<(), VaultError> {
        // The values stand last in a row, so reading the names skips their pages.
        let mut rows = sqlx::query("SELECT place, id, version, name FROM sealed ORDER BY place")
            .fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await? {
            each(SealedName {
                place: row.try_get(0)?,
                id: row.try_get(1)?,
                version: row.try_get(2)?,
                name: row.try_get(3)?,
            })?;
        }
        Ok(())
    }

    pub(super) async fn body(&mut self, place: i64) -> Result<Option<Vec<u8>>, VaultError> {
        let row = sqlx::query("SELECT body FROM sealed WHERE place = ?1")
            .bind(place)
            .fetch_optional(&mut self.connection)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Reads the values at `places`, in order; those missing are left out.
    pub(super) async fn bodies(
        &mut self,
        places: &[i64],
    ) -> Result<Vec<(i64, Vec<u8>)>, VaultError> {
        let rows = sqlx::query(
            "SELECT place, body FROM sealed WHERE place IN (SELECT value FROM json_each(?1)) ORDER BY place",
        )
        .bind(list(places))
        .fetch_all(&mut self.connection)
        .await?;
        let read = |row: SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?));
        rows.into_iter().map(read).collect()
    }

    /// Carries out a commit in one transaction.
    pub(super) async fn commit(
        &mut self,
        changes: Vec<Change>,
        slots: Option<&[u8]>,
        head: &SealedHead,
    ) -> Result<(), VaultError> {
        let Net { new, changed, gone } = Net::of(changes);
        self.begin().await?;
        for rows in new.chunks(AT_ONCE) {
            self.insert(rows).await?;
        }
        for row in changed {
            self.update(row).await?;
        }
        if !gone.is_empty() {
            self.delete(&gone).await?;
        }
        if let Some(slots) = slots {
            self.write_slots(slots).await?;
        }
        self.write_head(head).await?;
        self.end().await
    }

    /// Ends a transaction that was left open, if one was.
    pub(super) async fn abandon(&mut self) {
        // SQLite has often rolled back by itself; then this is refused, which is as good.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
    }

    /// Moves everything out of the write-ahead log, leaving no older version there.
    pub(super) async fn checkpoint(&mut self) -> Result<(), VaultError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await?;
        Ok(())
    }

    pub(super) async fn close(self) -> Result<(), VaultError> {
        Ok(self.connection.close().await?)
    }

    async fn insert(&mut self, rows: &[SealedRow]) -> Result<(), VaultError> {
        let mut query =
            QueryBuilder::<Sqlite>::new("INSERT INTO sealed (place, id, version, name, body) ");
        query.push_values(rows, |mut values, row| {
            values
                .push_bind(row.place)
                .push_bind(&row.id[..])
                .push_bind(row.version)
                .push_bind(row.name.as_slice())
                .push_bind(row.body.as_slice());
        });
        query.build().execute(&mut self.connection).await?;
        Ok(())
    }

    async fn update(&mut self, row: SealedRow) -> Result<(), VaultError> {
        const SQL: &str =
            "UPDATE sealed SET id = ?2, version = ?3, name = ?4, body = ?5 WHERE place = ?1";
        sqlx::query(SQL)
            .bind(row.place)
            .bind(row.id.to_vec())
            .bind(row.version)
            .bind(row.name)
            .bind(row.body)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    async fn delete(&mut self, places: &[i64]) -> Result<(), VaultError> {
        const SQL: &str = "DELETE FROM sealed WHERE place IN (SELECT value FROM json_each(?1))";
        sqlx::query(SQL).bind(list(places)).execute(&mut self.connection).await?;
        Ok(())
    }

    async fn write_slots(&mut self, slots: &[u8]) -> Result<(), VaultError> {
        sqlx::query("INSERT OR REPLACE INTO slots (one, body) VALUES (1, ?1)")
            .bind(slots)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    async fn write_head(&mut self, head: &SealedHead) -> Result<(), VaultError> {
        sqlx::query("INSERT OR REPLACE INTO head (one, version, body) VALUES (1, ?1, ?2)")
            .bind(head.version)
            .bind(head.body.as_slice())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), VaultError> {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut self.connection).await?;
        Ok(())
    }

    async fn end(&mut self) -> Result<(), VaultError> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        Ok(())
    }

    /// Lets the database grow to `pages` pages only, as a full disk would.
    #[cfg(test)]
    pub(super) async fn limit(&mut self, pages: i64) -> Result<(), VaultError> {
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::query(sql).execute(&mut self.connection).await?;
        Ok(())
    }

    /// Returns the database's size in pages.
    #[cfg(test)]
    pub(super) async fn pages(&mut self) -> Result<i64, VaultError> {
        Ok(sqlx::query("PRAGMA page_count").fetch_one(&mut self.connection).await?.try_get(0)?)
    }
}
