//! What every store must keep.
use shared::{
    crypto::{Secret, SigningKey},
    journal::{
        entry::{Cursor, Entry, Epoch, Saying, Verdict},
        envelope::{Codec, Content, Envelope, SessionNonce},
        server::Write,
    },
    model::{Digest, DocId, PersonId, SpaceId, Timestamp},
};
use sync_server::{
    codes,
    store::{SqliteOptions, SqliteStore, Store, StoreError},
};
use tempfile::TempDir;

/// A store that is made where none is.
fn new() -> SqliteOptions {
    SqliteOptions { create: true, ..SqliteOptions::default() }
}

const SPACE: SpaceId = SpaceId::from_bytes([1; 16]);

fn key() -> SigningKey {
    SigningKey::from_secret(&Secret::copy_from(&[1; 32]))
}

fn envelope(seq: u64, length: usize) -> Envelope {
    let content = Content {
        codec: Codec::Command,
        space: SPACE,
        doc: DocId::from_bytes([2; 16]),
        session: SessionNonce([3; 16]),
        seq,
        prev: None,
        changes: None,
        claimed_at: Timestamp(0),
        payload: &vec![b'x'; length],
    };
    Envelope::seal(content, &key())
}

fn entry(after: Cursor, envelope: Option<Digest>, epoch: u32) -> Entry {
    let saying = Saying {
        epoch: Epoch { no: epoch, nonce: 0 },
        space: SPACE,
        after,
        at: Timestamp(5),
        envelope,
        verdict: Verdict::Own,
        events: Vec::new(),
    };
    Entry::sign(saying, &key())
}

async fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(folder.path(), &new()).await.unwrap()
}

#[tokio::test]
async fn what_is_committed_is_there_in_order_after_it_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let (late, early) = (envelope(1, 10), envelope(0, 10));
    let first = entry(Cursor::default(), Some(late.hash()), 0);
    let second = entry(first.cursor(), None, 0);
    let doc = late.header().doc;
    let writes = [
        Write::Envelope(late.clone()),
        Write::Envelope(early.clone()),
        Write::Envelope(late.clone()),
        Write::Entry(first.clone()),
        Write::Entry(second.clone()),
        Write::Attempt { envelope: early.hash(), times: 2 },
        Write::Snapshot { space: SPACE, doc, pos: 1, saved: vec![1] },
        Write::Snapshot { space: SPACE, doc, pos: 2, saved: vec![2] },
        Write::Epoch(Epoch { no: 3, nonce: 4 }),
        Write::Recovering(true),
    ];
    store.commit(&writes).await.unwrap();
    store.close().await;
    drop(store);

    let store = open(&folder).await;
    let loaded = store.load().await.unwrap();
    let order: Vec<_> = loaded.envelopes.iter().map(|e| (e.envelope.hash(), e.attempts)).collect();
    assert_eq!(order, [(late.hash(), 0), (early.hash(), 2)], "in order of arrival, once each");
    assert_eq!(loaded.entries, [first.clone(), second.clone()]);
    assert_eq!(loaded.snapshots, [(SPACE, doc, 2)]);
    assert_eq!((loaded.epoch, loaded.recovering), (Epoch { no: 3, nonce: 4 }, true));
    assert_eq!(store.snapshot(SPACE, doc).await.unwrap(), Some(vec![2]));

    let stretch = store.stretch(SPACE, 0, 2, usize::MAX).await.unwrap();
    let read: Vec<_> = stretch.items.iter().map(|i| i.entry.hash()).collect();
    assert_eq!((read, stretch.complete), (vec![first.hash(), second.hash()], true));
    assert_eq!(stretch.items[0].envelope, Some(late.clone()));
    let short = store.stretch(SPACE, 0, 2, 1).await.unwrap();
    assert_eq!((short.items.len(), short.complete), (1, false), "never nothing");
    let asked = [early.hash(), Digest([9; 32]), late.hash()];
    assert_eq!(store.envelopes(&asked).await.unwrap(), [early, late]);
}

#[tokio::test]
async fn an_entry_follows_the_one_it_names_or_nothing_of_the_batch_is_kept() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let first = entry(Cursor::default(), None, 0);
    let second = entry(first.cursor(), None, 0);
    store.commit(&[Write::Entry(first.clone())]).await.unwrap();
    let rival = entry(Cursor::default(), None, 9);
    let far = entry(second.cursor(), None, 0);
    let elsewhere = entry(Cursor { hash: Digest([7; 32]), ..first.cursor() }, None, 0);
    for wrong in [rival, far, elsewhere] {
        let writes = [Write::Envelope(envelope(0, 10)), Write::Entry(wrong)];
        let refused = store.commit(&writes).await;
        assert!(matches!(refused, Err(StoreError::NotNext { .. })), "{refused:?}");
    }
    assert!(store.load().await.unwrap().envelopes.is_empty());
    store.commit(&[Write::Entry(second)]).await.unwrap();
}

#[tokio::test]
async fn a_recovery_moves_entries_aside_and_keeps_them() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let first = entry(Cursor::default(), None, 0);
    let ours = entry(first.cursor(), None, 0);
    let given_back = entry(first.cursor(), None, 5);
    let doc = DocId::from_bytes([2; 16]);
    let before = [
        Write::Entry(first.clone()),
        Write::Entry(ours.clone()),
        Write::Snapshot { space: SPACE, doc, pos: 2, saved: vec![1] },
    ];
    store.commit(&before).await.unwrap();
    let recovery = [Write::Displace { space: SPACE, from: 2 }, Write::Entry(given_back.clone())];
    store.commit(&recovery).await.unwrap();
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.entries, [first, given_back]);
    assert_eq!(loaded.displaced, [(ours.clone(), false)]);
    assert!(loaded.snapshots.is_empty(), "it contained what was displaced");
    store.commit(&[Write::Reissued(ours.hash())]).await.unwrap();
    assert_eq!(store.load().await.unwrap().displaced, [(ours, true)]);
}

#[tokio::test]
async fn a_full_disk_is_told_apart_and_keeps_nothing_of_the_batch() {
    let folder = TempDir::new().unwrap();
    let options = SqliteOptions { max_pages: Some(60), ..new() };
    let store = SqliteStore::open(folder.path(), &options).await.unwrap();
    let big: Vec<_> = (0..4).map(|seq| Write::Envelope(envelope(seq, 100_000))).collect();
    let full = store.commit(&big).await;
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    assert!(store.load().await.unwrap().envelopes.is_empty());
    store.commit(&[Write::Envelope(envelope(9, 10))]).await.unwrap();
}

#[tokio::test]
async fn one_process_has_the_folder() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let second = SqliteStore::open(folder.path(), &SqliteOptions::default()).await;
    assert!(matches!(second, Err(StoreError::InUse(_))));
    drop(store);
    open(&folder).await;
}

#[tokio::test]
async fn a_code_is_spent_once_within_its_time_and_its_tries() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let (person, now) = (PersonId::from_bytes([5; 16]), Timestamp(1_000));
    let late = now.plus_millis(codes::LIFE_MILLIS);
    let (text, code) = codes::draw(person, now).unwrap();
    let (selector, secret) = codes::read(&text).unwrap();
    store.add_code(&code, now).await.unwrap();
    let spend = |secret, at| store.spend_code(&selector, secret, at);
    assert_eq!(spend(Digest([0; 32]), now).await.unwrap(), None);
    assert_eq!(spend(secret, late).await.unwrap(), None);
    assert_eq!(spend(secret, now).await.unwrap(), Some(person));
    assert_eq!(spend(secret, now).await.unwrap(), None);
    store.add_code(&code, now).await.unwrap();
    for _ in 0..codes::TRIES {
        assert_eq!(spend(Digest([0; 32]), now).await.unwrap(), None);
    }
    assert_eq!(spend(secret, now).await.unwrap(), None);
}

#[tokio::test]
async fn a_backup_is_its_owners_alone_and_takes_no_other_files_place() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let file = folder.path().join("copy.sqlite");
    std::fs::write(&file, b"").unwrap();
    let refused = store.backup(&file).await;
    assert!(matches!(refused, Err(StoreError::Io { .. })), "an empty one neither: {refused:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"");

    std::fs::remove_file(&file).unwrap();
    store.backup(&file).await.unwrap();
    assert!(std::fs::read(&file).unwrap().starts_with(b"SQLite format 3"));
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(&file).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&mode.permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.close().await;
    let file = folder.path().join("copy.sqlite");
    assert!(store.backup(&file).await.is_err());
    assert!(!file.exists());
}
