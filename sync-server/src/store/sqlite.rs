//! The store on one SQLite file.
//!
//! One connection writes, a few read. WAL with `synchronous=FULL`: a commit returns when its
//! log is on the disk.
use std::{
    borrow::Cow,
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::{
    Connection, QueryBuilder, Row, Sqlite, SqliteConnection, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    pool::PoolConnection,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
        SqliteSynchronous,
    },
};

use shared::{
    journal::{
        cbor,
        entry::{Entry, Epoch},
        envelope::Envelope,
        frame::Item,
        server::{Loaded, LoadedEnvelope, Write},
    },
    model::{Digest, DocId, PersonId, SpaceId, Timestamp},
};

use super::{Code, Store, StoreError, Stretch};

const LOCK: &str = "lock";
const FILE: &str = "journal.sqlite";
const EPOCH: &str = "epoch";
const RECOVERING: &str = "recovering";
const CLOCK: &str = "clock";
/// The most envelopes that one statement asks for.
const AT_ONCE: usize = 128;

/// How to open the file.
#[derive(Debug, Clone, Default)]
pub struct SqliteOptions {
    /// The most pages of 4 KiB the file may have; the disk alone bounds it if none is given.
    pub max_pages: Option<u32>,
    /// Whether to make the folder and the file if they are not there.
    pub create: bool,
}

/// The store on one SQLite file. Holds the lock on its folder until dropped.
#[derive(Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    lock: File,
}

impl SqliteStore {
    /// Tells whether a store lies in this folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Opens the store in a folder.
    ///
    /// # Errors
    /// [`StoreError::NoData`] when none is there and none is to be made;
    /// [`StoreError::InUse`] when another process has it open; otherwise what the file system
    /// or the database says.
    pub async fn open(folder: &Path, options: &SqliteOptions) -> Result<Self, StoreError> {
        if !options.create && !Self::is_in(folder) {
            return Err(StoreError::NoData(folder.to_owned()));
        }
        let lock = take_folder(folder)?;
        let connect = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let writing = match options.max_pages {
            Some(pages) => connect.clone().pragma("max_page_count", pages.to_string()),
            None => connect.clone(),
        };
        let writer = SqlitePoolOptions::new().max_connections(1);
        let writer = writer.connect_with(writing).await.map_err(database)?;
        migrations().run(&writer).await?;
        private(&folder.join(FILE))?;
        let readers = SqlitePoolOptions::new().max_connections(4);
        let readers = readers.connect_with(connect.read_only(true)).await.map_err(database)?;
        Ok(Self { writer, readers, lock })
    }

    /// Closes the connections and gives the folder free.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        // A child that is being started holds a copy of the file for a moment, and with it the
        // lock, unless it is given up by name. The end of the process gives it up otherwise.
        let _ = fs4::FileExt::unlock(&self.lock);
    }
}

fn migrations() -> Migrator {
    let first = Migration::new(
        1,
        Cow::Borrowed("journal"),
        MigrationType::Simple,
        sqlx::SqlSafeStr::into_sql_str(include_str!("0001.sql")),
        false,
    );
    Migrator::with_migrations(vec![first])
}

/// Makes the folder and takes its lock.
fn take_folder(folder: &Path) -> Result<File, StoreError> {
    let io = |path: PathBuf| move |source| StoreError::Io { path, source };
    std::fs::create_dir_all(folder).map_err(io(folder.to_owned()))?;
    private(folder)?;
    let path = folder.join(LOCK);
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io(path.clone()))?;
    match fs4::FileExt::try_lock(&lock) {
        Ok(()) => Ok(lock),
        Err(fs4::TryLockError::WouldBlock) => Err(StoreError::InUse(folder.to_owned())),
        Err(fs4::TryLockError::Error(source)) => Err(StoreError::Io { path, source }),
    }
}

/// Keeps others from reading a file or folder that holds keys.
#[cfg(unix)]
fn private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .map_err(|source| StoreError::Io { path: path.to_owned(), source })
}

/// A folder of the service's own account is private there.
#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// SQLite's primary code for a full disk, or a full file by its page count.
const SQLITE_FULL: i32 = 13;
/// SQLite's codes for a write, and for a longer log index, that the system did not take. A
/// bound on the length of files ends so; so does a disk that fails, which is no better.
const NOT_TAKEN: [i32; 2] = [778, 4874];

fn database(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|c| c.parse().ok());
    // Extended codes carry the primary one in their low byte.
    if code.is_some_and(|code: i32| code & 0xff == SQLITE_FULL || NOT_TAKEN.contains(&code)) {
        StoreError::Full
    } else {
        StoreError::Database(error)
    }
}

/// Gives the writer back. A full disk ends a transaction behind the driver's back; a fresh
/// connection knows of none.
async fn put_back<T>(
    connection: PoolConnection<Sqlite>,
    done: Result<T, StoreError>,
) -> Result<T, StoreError> {
    if done.is_err() {
        connection.close().await.map_err(database)?;
    }
    done
}

fn damaged(table: &'static str, why: impl ToString) -> StoreError {
    StoreError::Damaged { table, why: why.to_string() }
}

fn blob<const N: usize>(
    row: &SqliteRow,
    column: usize,
    table: &'static str,
) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = row.try_get(column).map_err(database)?;
    bytes.try_into().map_err(|_| damaged(table, format!("column {column} has another length")))
}

fn envelope(row: &SqliteRow, column: usize) -> Result<Envelope, StoreError> {
    let bytes: &[u8] = row.try_get(column).map_err(database)?;
    Envelope::from_bytes(bytes).map_err(|e| damaged("envelopes", e))
}

fn entry(row: &SqliteRow, column: usize, table: &'static str) -> Result<Entry, StoreError> {
    let bytes: &[u8] = row.try_get(column).map_err(database)?;
    Entry::from_bytes(bytes).map_err(|e| damaged(table, e))
}

/// A position as SQL has it. Positions count from 1 and never come near the limit.
fn sql(pos: u64) -> i64 {
    i64::try_from(pos).unwrap_or(i64::MAX)
}

impl Store for SqliteStore {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>> {
        Box::pin(async move {
            let mut tx = self.readers.begin().await.map_err(database)?;
            load(&mut tx).await
        })
    }

    fn commit<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if writes.is_empty() {
                return Ok(());
            }
            let mut connection = self.writer.acquire().await.map_err(database)?;
            let done = commit(&mut connection, writes).await;
            put_back(connection, done).await
        })
    }

    fn stretch(
        &self,
        space: SpaceId,
        after: u64,
        until: u64,
        bytes: usize,
    ) -> BoxFuture<'_, Result<Stretch, StoreError>> {
        Box::pin(async move {
            const SQL: &str = "SELECT n.bytes, v.bytes FROM entries n \
                LEFT JOIN envelopes v ON v.hash = n.envelope \
                WHERE n.space = $1 AND n.pos > $2 AND n.pos <= $3 ORDER BY n.pos LIMIT 256";
            let rows = sqlx::query(SQL)
                .bind(&space.as_bytes()[..])
                .bind(sql(after))
                .bind(sql(until))
                .fetch_all(&self.readers)
                .await
                .map_err(database)?;
            let mut stretch = Stretch::default();
            let mut length = 0;
            for row in &rows {
                let entry = entry(row, 0, "entries")?;
                let bytes_of: Option<&[u8]> = row.try_get(1).map_err(database)?;
                length += entry.to_bytes().len() + bytes_of.map_or(0, <[u8]>::len);
                if length > bytes && !stretch.items.is_empty() {
                    return Ok(stretch);
                }
                stretch.complete = entry.body().pos == until;
                let envelope = bytes_of.map(|_| envelope(row, 1)).transpose()?;
                stretch.items.push(Item { entry, envelope });
            }
            stretch.complete |= rows.is_empty();
            Ok(stretch)
        })
    }

    fn envelopes<'a>(
        &'a self,
        hashes: &'a [Digest],
    ) -> BoxFuture<'a, Result<Vec<Envelope>, StoreError>> {
        Box::pin(async move {
            let mut found: HashMap<Digest, Envelope> = HashMap::with_capacity(hashes.len());
            for some in hashes.chunks(AT_ONCE) {
                let mut query =
                    QueryBuilder::<Sqlite>::new("SELECT bytes FROM envelopes WHERE hash IN (");
                let mut list = query.separated(", ");
                for hash in some {
                    list.push_bind(&hash.as_bytes()[..]);
                }
                query.push(")");
                let rows = query.build().fetch_all(&self.readers).await.map_err(database)?;
                for row in &rows {
                    let envelope = envelope(row, 0)?;
                    found.insert(envelope.hash(), envelope);
                }
            }
            Ok(hashes.iter().filter_map(|hash| found.get(hash).cloned()).collect())
        })
    }

    fn snapshot(
        &self,
        space: SpaceId,
        doc: DocId,
    ) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            sqlx::query("SELECT bytes FROM snapshots WHERE space = $1 AND doc = $2")
                .bind(&space.as_bytes()[..])
                .bind(&doc.as_bytes()[..])
                .fetch_optional(&self.readers)
                .await
                .and_then(|row| row.map(|row| row.try_get(0)).transpose())
                .map_err(database)
        })
    }

    fn meta<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            sqlx::query("SELECT value FROM meta WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.readers)
                .await
                .and_then(|row| row.map(|row| row.try_get(0)).transpose())
                .map_err(database)
        })
    }

    fn set_meta<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut connection = self.writer.acquire().await.map_err(database)?;
            let done = set_meta(&mut connection, name, value).await;
            put_back(connection, done).await
        })
    }

    fn add_code<'a>(
        &'a self,
        code: &'a Code,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut connection = self.writer.acquire().await.map_err(database)?;
            let done = add_code(&mut connection, code, now).await;
            put_back(connection, done).await
        })
    }

    fn spend_code<'a>(
        &'a self,
        selector: &'a str,
        secret: Digest,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<PersonId>, StoreError>> {
        Box::pin(async move {
            let mut connection = self.writer.acquire().await.map_err(database)?;
            let done = spend_code(&mut connection, selector, secret, now).await;
            put_back(connection, done).await
        })
    }

    fn backup<'a>(&'a self, file: &'a Path) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // It holds the server's key: nobody else may open it, from its first byte on.
            let io = |source| StoreError::Io { path: file.to_owned(), source };
            let made = empty_private(file).map_err(io)?;
            let copied = sqlx::query("VACUUM INTO $1")
                .bind(file.to_string_lossy().into_owned())
                .execute(&self.writer)
                .await
                .map_err(database);
            let done = copied.and_then(|_| made.sync_all().map_err(io));
            if done.is_err() {
                // What is left is no backup, and in the way of the next one.
                let _ = std::fs::remove_file(file);
            }
            done
        })
    }
}

/// Makes a file of no length that only its owner may open.
fn empty_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn add_code(
    connection: &mut SqliteConnection,
    code: &Code,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
    let over = sqlx::query("DELETE FROM codes WHERE expires <= $1 OR tries <= 0");
    over.bind(now.0).execute(&mut *tx).await.map_err(database)?;
    const SQL: &str = "INSERT INTO codes (selector, secret, person, expires, tries) \
        VALUES ($1, $2, $3, $4, $5)";
    sqlx::query(SQL)
        .bind(&code.selector)
        .bind(&code.secret.as_bytes()[..])
        .bind(&code.person.as_bytes()[..])
        .bind(code.expires.0)
        .bind(i64::from(code.tries))
        .execute(&mut *tx)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)
}

async fn spend_code(
    connection: &mut SqliteConnection,
    selector: &str,
    secret: Digest,
    now: Timestamp,
) -> Result<Option<PersonId>, StoreError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
    const SQL: &str = "SELECT secret, person FROM codes \
        WHERE selector = $1 AND expires > $2 AND tries > 0";
    let row = sqlx::query(SQL)
        .bind(selector)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(database)?;
    let Some(row) = row else { return Ok(None) };
    let person = PersonId::from_bytes(blob(&row, 1, "codes")?);
    // Both are hashes, so how long the comparison takes tells nothing of the secret.
    let right = blob(&row, 0, "codes")? == secret.0;
    let change = if right {
        "DELETE FROM codes WHERE selector = $1"
    } else {
        "UPDATE codes SET tries = tries - 1 WHERE selector = $1"
    };
    sqlx::query(change).bind(selector).execute(&mut *tx).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(right.then_some(person))
}

async fn load(tx: &mut Transaction<'_, Sqlite>) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    let get = |name: &'static str| sqlx::query("SELECT value FROM meta WHERE name = $1").bind(name);
    if let Some(row) = get(EPOCH).fetch_optional(&mut **tx).await.map_err(database)? {
        let bytes: &[u8] = row.try_get(0).map_err(database)?;
        loaded.epoch = minicbor::decode::<Epoch>(bytes).map_err(|e| damaged("meta", e))?;
    }
    if let Some(row) = get(RECOVERING).fetch_optional(&mut **tx).await.map_err(database)? {
        loaded.recovering = blob(&row, 0, "meta")? == [1];
    }
    if let Some(row) = get(CLOCK).fetch_optional(&mut **tx).await.map_err(database)? {
        let bytes: &[u8] = row.try_get(0).map_err(database)?;
        let clock = minicbor::decode::<(Timestamp, bool)>(bytes);
        loaded.clock = Some(clock.map_err(|e| damaged("meta", e))?);
    }
    let rows = sqlx::query("SELECT bytes, attempts FROM envelopes ORDER BY place");
    for row in rows.fetch_all(&mut **tx).await.map_err(database)? {
        let attempts: i64 = row.try_get(1).map_err(database)?;
        let attempts = u32::try_from(attempts).map_err(|e| damaged("envelopes", e))?;
        loaded.envelopes.push(LoadedEnvelope { envelope: envelope(&row, 0)?, attempts });
    }
    let rows = sqlx::query("SELECT bytes FROM entries ORDER BY space, pos");
    for row in rows.fetch_all(&mut **tx).await.map_err(database)? {
        loaded.entries.push(entry(&row, 0, "entries")?);
    }
    let rows = sqlx::query("SELECT space, doc, pos FROM snapshots");
    for row in rows.fetch_all(&mut **tx).await.map_err(database)? {
        let space = SpaceId::from_bytes(blob(&row, 0, "snapshots")?);
        let doc = DocId::from_bytes(blob(&row, 1, "snapshots")?);
        let pos: i64 = row.try_get(2).map_err(database)?;
        let pos = u64::try_from(pos).map_err(|e| damaged("snapshots", e))?;
        loaded.snapshots.push((space, doc, pos));
    }
    let rows = sqlx::query("SELECT bytes, reissued FROM displaced ORDER BY place");
    for row in rows.fetch_all(&mut **tx).await.map_err(database)? {
        let reissued: i64 = row.try_get(1).map_err(database)?;
        loaded.displaced.push((entry(&row, 0, "displaced")?, reissued != 0));
    }
    Ok(loaded)
}

async fn commit(connection: &mut SqliteConnection, writes: &[Write]) -> Result<(), StoreError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
    for write in writes {
        apply(&mut tx, write).await?;
    }
    tx.commit().await.map_err(database)
}

async fn set_meta(
    connection: &mut SqliteConnection,
    name: &str,
    value: &[u8],
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO meta (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sqlx::query(SQL).bind(name).bind(value).execute(connection).await.map_err(database)?;
    Ok(())
}

async fn apply(tx: &mut Transaction<'_, Sqlite>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Envelope(envelope) => keep_envelope(tx, envelope).await,
        Write::Entry(entry) => append(tx, entry).await,
        Write::Snapshot { space, doc, pos, saved } => {
            const SQL: &str = "INSERT INTO snapshots (space, doc, pos, bytes) \
                VALUES ($1, $2, $3, $4) ON CONFLICT (space, doc) \
                DO UPDATE SET pos = excluded.pos, bytes = excluded.bytes";
            sqlx::query(SQL)
                .bind(&space.as_bytes()[..])
                .bind(&doc.as_bytes()[..])
                .bind(sql(*pos))
                .bind(&saved[..])
                .execute(&mut **tx)
                .await
                .map_err(database)?;
            Ok(())
        }
        Write::Attempt { envelope, times } => {
            sqlx::query("UPDATE envelopes SET attempts = $2 WHERE hash = $1")
                .bind(&envelope.as_bytes()[..])
                .bind(i64::from(*times))
                .execute(&mut **tx)
                .await
                .map_err(database)?;
            Ok(())
        }
        Write::Displace { space, from } => displace(tx, *space, *from).await,
        Write::Epoch(epoch) => set_meta(tx, EPOCH, &cbor::to_vec(epoch)).await,
        Write::Recovering(on) => set_meta(tx, RECOVERING, &[u8::from(*on)]).await,
        Write::Clock { trusted, suspended } => {
            set_meta(tx, CLOCK, &cbor::to_vec(&(*trusted, *suspended))).await
        }
        Write::Reissued(hash) => {
            sqlx::query("UPDATE displaced SET reissued = 1 WHERE hash = $1")
                .bind(&hash.as_bytes()[..])
                .execute(&mut **tx)
                .await
                .map_err(database)?;
            Ok(())
        }
    }
}

async fn keep_envelope(
    tx: &mut Transaction<'_, Sqlite>,
    envelope: &Envelope,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO envelopes (hash, space, doc, device, session, seq, bytes) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO NOTHING";
    let header = envelope.header();
    sqlx::query(SQL)
        .bind(&envelope.hash().as_bytes()[..])
        .bind(&header.space.as_bytes()[..])
        .bind(&header.doc.as_bytes()[..])
        .bind(&header.device.as_bytes()[..])
        .bind(&header.session.0[..])
        .bind(sql(header.seq))
        .bind(envelope.to_bytes())
        .execute(&mut **tx)
        .await
        .map_err(database)?;
    Ok(())
}

/// Appends an entry behind the one that it names.
async fn append(tx: &mut Transaction<'_, Sqlite>, entry: &Entry) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO entries (space, pos, hash, envelope, bytes) \
        SELECT $1, $2, $3, $4, $5 WHERE COALESCE((SELECT hash FROM entries \
        WHERE space = $1 AND pos = $2 - 1), $6) = $7 \
        AND NOT EXISTS (SELECT 1 FROM entries WHERE space = $1 AND pos = $2)";
    let body = entry.body();
    let first: &[u8] = if body.pos == 1 { &[0; 32] } else { &[] };
    let done = sqlx::query(SQL)
        .bind(&body.space.as_bytes()[..])
        .bind(sql(body.pos))
        .bind(&entry.hash().as_bytes()[..])
        .bind(body.envelope.as_ref().map(|e| &e.as_bytes()[..]))
        .bind(entry.to_bytes())
        .bind(first)
        .bind(&body.prev.as_bytes()[..])
        .execute(&mut **tx)
        .await
        .map_err(database)?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::NotNext { space: body.space, pos: body.pos })
    }
}

/// Moves the entries from a position on out of the journal. Snapshots that contain them go
/// too: they are made anew from the envelopes.
async fn displace(
    tx: &mut Transaction<'_, Sqlite>,
    space: SpaceId,
    from: u64,
) -> Result<(), StoreError> {
    const STEPS: [&str; 3] = [
        "INSERT INTO displaced (hash, bytes) SELECT hash, bytes FROM entries \
            WHERE space = $1 AND pos >= $2 ORDER BY pos ON CONFLICT (hash) DO NOTHING",
        "DELETE FROM entries WHERE space = $1 AND pos >= $2",
        "DELETE FROM snapshots WHERE space = $1 AND pos >= $2",
    ];
    for step in STEPS {
        sqlx::query(step)
            .bind(&space.as_bytes()[..])
            .bind(sql(from))
            .execute(&mut **tx)
            .await
            .map_err(database)?;
    }
    Ok(())
}
