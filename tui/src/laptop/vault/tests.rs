#![allow(clippy::unwrap_used, clippy::panic)]
use std::fs;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use shared::{
    crypto::{Cost, Passphrase, RecoveryKey, slots::SlotKind},
    journal::{Table, Write},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{
    Reopen, Tampering, Vault, VaultError, contract,
    salvage::{salvage, salvage_with_recovery},
};

fn pass() -> Passphrase {
    "开启甲组".into()
}

/// Costs nothing, so that tests try the vault and not Argon2.
fn cheap() -> Cost {
    Cost::new(32, 1, 1).unwrap()
}

async fn fresh() -> (TempDir, Vault, RecoveryKey) {
    let dir = TempDir::new().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (vault, recovery) =
        Vault::create_with_cost(&dir.path().join("home"), &pass(), cheap(), &mut rng)
            .await
            .unwrap();
    (dir, vault, recovery)
}

async fn reopened(vault: Vault) -> Result<Vault, VaultError> {
    let dir = vault.dir().to_owned();
    vault.lock().await.unwrap();
    Vault::open(&dir, &pass()).await
}

/// Locks the vault, runs `sql` on its database as a stranger would, and unlocks it again.
async fn tampered(vault: Vault, sql: &'static str) -> Result<Vault, VaultError> {
    let dir = vault.dir().to_owned();
    vault.lock().await.unwrap();
    let options = SqliteConnectOptions::new().filename(dir.join("vault.db"));
    let mut stranger = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut stranger).await.unwrap();
    stranger.close().await.unwrap();
    Vault::open(&dir, &pass()).await
}

fn entries(n: usize) -> Vec<Write> {
    (0..n)
        .map(|i| Write::put(Table::Entry, format!("e{i:05}"), format!("某市甲局第{i}条")))
        .collect()
}

impl Reopen for Vault {
    async fn reopen(self) -> Result<Self, VaultError> {
        let dir = self.dir().to_owned();
        // No farewell: the lock falls with the process, here with the value.
        drop(self);
        Self::open(&dir, &pass()).await
    }
}

#[tokio::test]
async fn the_vault_keeps_the_store_contract() {
    let (_dir, vault, _) = fresh().await;
    if let Err(e) = contract::check(vault).await {
        panic!("{e}: {:?}", std::error::Error::source(&e));
    }
}

#[tokio::test]
async fn one_commit_of_many_writes_comes_to_the_same_as_one_for_each() {
    let mut writes = entries(200);
    for i in 0..200 {
        writes.push(Write::put(Table::Session, format!("s{}", i % 7), format!("第{i}次")));
        if i % 3 == 0 {
            writes.push(Write::delete(Table::Entry, format!("e{i:05}")));
        }
        // One that comes and goes, and one that comes back behind the others.
        writes.push(Write::put(Table::Draft, format!("d{i}"), "草稿"));
        writes.push(Write::delete(Table::Draft, format!("d{i}")));
        if i % 50 == 0 {
            writes.push(Write::put(Table::Entry, format!("e{i:05}"), "再次"));
        }
    }
    let (_one, mut together, _) = fresh().await;
    let (_two, mut apart, _) = fresh().await;
    for write in &writes {
        apart.commit(vec![write.clone()]).await.unwrap();
    }
    together.commit(writes).await.unwrap();
    let mut together = reopened(together).await.unwrap();
    for table in Table::ALL {
        assert_eq!(together.scan(table).await.unwrap(), apart.scan(table).await.unwrap());
    }
}

#[tokio::test]
async fn a_wrong_passphrase_is_refused_and_harms_nothing() {
    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(3)).await.unwrap();
    let dir = vault.dir().to_owned();
    vault.lock().await.unwrap();
    let wrong = Vault::open(&dir, &"开启乙组".into()).await;
    assert!(matches!(wrong, Err(VaultError::WrongKey)), "{wrong:?}");
    let mut vault = Vault::open(&dir, &pass()).await.unwrap();
    assert_eq!(vault.scan(Table::Entry).await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_recovery_key_opens_and_gives_a_new_passphrase() {
    let (_dir, mut vault, recovery) = fresh().await;
    vault.commit(entries(1)).await.unwrap();
    let dir = vault.dir().to_owned();
    vault.lock().await.unwrap();

    let printed: RecoveryKey = recovery.to_text().parse().unwrap();
    let mut vault = Vault::open_with_recovery(&dir, printed).await.unwrap();
    vault.set_passphrase(&"新的口令".into(), cheap()).await.unwrap();
    let renewed = vault.renew_recovery(&mut ChaCha20Rng::seed_from_u64(2)).await.unwrap();
    assert_eq!(
        vault.slots().iter().map(|s| s.1).collect::<Vec<_>>(),
        [SlotKind::Passphrase, SlotKind::Recovery]
    );
    vault.lock().await.unwrap();

    assert!(matches!(Vault::open(&dir, &pass()).await, Err(VaultError::WrongKey)));
    assert!(matches!(Vault::open_with_recovery(&dir, recovery).await, Err(VaultError::WrongKey)));
    drop(Vault::open_with_recovery(&dir, renewed).await.unwrap());
    let mut vault = Vault::open(&dir, &"新的口令".into()).await.unwrap();
    assert_eq!(vault.scan(Table::Entry).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_has_locked() {
    let (_dir, vault, _) = fresh().await;
    let dir = vault.dir().to_owned();
    assert!(matches!(Vault::open(&dir, &pass()).await, Err(VaultError::InUse { .. })));
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let again = Vault::create_with_cost(&dir, &pass(), cheap(), &mut rng).await;
    assert!(matches!(again, Err(VaultError::InUse { .. })));
    vault.lock().await.unwrap();
    let again = Vault::create_with_cost(&dir, &pass(), cheap(), &mut rng).await;
    assert!(matches!(again, Err(VaultError::Exists { .. })));
    Vault::open(&dir, &pass()).await.unwrap();
}

#[tokio::test]
async fn where_there_is_no_vault_none_is_made_by_opening() {
    let dir = TempDir::new().unwrap();
    assert!(matches!(Vault::open(dir.path(), &pass()).await, Err(VaultError::Absent { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let empty = Vault::create_with_cost(dir.path(), &"".into(), cheap(), &mut rng).await;
    assert!(matches!(empty, Err(VaultError::EmptyPassphrase)));
    // A making that was cut short before its only transaction can be done again.
    fs::write(dir.path().join("vault.db"), b"").unwrap();
    assert!(matches!(Vault::open(dir.path(), &pass()).await, Err(VaultError::Absent { .. })));
    Vault::create_with_cost(dir.path(), &pass(), cheap(), &mut rng).await.unwrap();
}

#[tokio::test]
async fn every_way_of_tampering_with_rows_is_noticed() {
    let expect = |found: Result<Vault, VaultError>, what: Tampering| match found {
        Err(VaultError::Tampered { what: found }) => assert_eq!(found, what),
        other => panic!("expected {what:?}, found {other:?}"),
    };
    let table = Table::Entry;
    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(3)).await.unwrap();
    expect(
        tampered(vault, "DELETE FROM sealed WHERE place = 2").await,
        Tampering::Count { table, expected: 3, found: 2 },
    );

    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(3)).await.unwrap();
    expect(
        tampered(vault, "UPDATE sealed SET name = zeroblob(length(name)) WHERE place = 2").await,
        Tampering::Row { place: 2 },
    );

    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(3)).await.unwrap();
    expect(
        tampered(
            vault,
            "UPDATE sealed SET place = -1 WHERE place = 1; UPDATE sealed SET place = 1 WHERE place = 2",
        )
        .await,
        Tampering::Row { place: -1 },
    );

    // An older version of one row is authentic, but not the newest.
    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(3)).await.unwrap();
    let mut vault =
        tampered(vault, "CREATE TABLE copy AS SELECT * FROM sealed WHERE place = 2").await.unwrap();
    vault.commit(vec![Write::put(table, "e00001", "改过")]).await.unwrap();
    expect(
        tampered(vault, "INSERT OR REPLACE INTO sealed SELECT * FROM copy").await,
        Tampering::Rows { table },
    );

    // So is an older head beside newer rows.
    let (_dir, vault, _) = fresh().await;
    let mut vault = tampered(vault, "CREATE TABLE copy AS SELECT * FROM head").await.unwrap();
    vault.commit(entries(1)).await.unwrap();
    expect(
        tampered(vault, "INSERT OR REPLACE INTO head SELECT * FROM copy").await,
        Tampering::Count { table, expected: 0, found: 1 },
    );

    let (_dir, vault, _) = fresh().await;
    expect(tampered(vault, "DELETE FROM head").await, Tampering::Head);
}

#[tokio::test]
async fn a_slot_that_was_ended_cannot_be_put_back() {
    let (_dir, vault, _) = fresh().await;
    let mut vault = tampered(vault, "CREATE TABLE copy AS SELECT * FROM slots").await.unwrap();
    vault.set_passphrase(&"新的口令".into(), cheap()).await.unwrap();
    let found = tampered(vault, "INSERT OR REPLACE INTO slots SELECT * FROM copy").await;
    assert!(matches!(found, Err(VaultError::Tampered { what: Tampering::Slots })), "{found:?}");
}

#[tokio::test]
async fn a_damaged_value_is_noticed_and_the_other_rows_stay_readable() {
    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(3)).await.unwrap();
    let sql = "UPDATE sealed SET body = (SELECT body FROM sealed WHERE place = 1) WHERE place = 2";
    let mut vault = tampered(vault, sql).await.unwrap();
    let damaged = |found| {
        matches!(
            found,
            VaultError::Tampered { what: Tampering::Value { table: Table::Entry, place: 2 } }
        )
    };
    assert!(damaged(vault.get(Table::Entry, b"e00001").await.unwrap_err()));
    assert!(damaged(vault.scan(Table::Entry).await.unwrap_err()));
    for key in vault.keys(Table::Entry).await.unwrap() {
        assert_eq!(vault.get(Table::Entry, &key).await.is_ok(), key != b"e00001");
    }
}

#[tokio::test]
async fn a_damaged_vault_gives_back_every_row_that_holds() {
    let (_dir, mut vault, recovery) = fresh().await;
    vault.commit(entries(6)).await.unwrap();
    let dir = vault.dir().to_owned();
    let refused = tampered(
        vault,
        "DELETE FROM sealed WHERE place = 2;
         UPDATE sealed SET name = zeroblob(90) WHERE place = 4;
         UPDATE sealed SET body = zeroblob(90) WHERE place = 5;",
    )
    .await;
    assert!(matches!(refused, Err(VaultError::Tampered { .. })));
    let wrong = salvage(&dir, &"开启乙组".into()).await.err();
    assert!(matches!(wrong, Some(VaultError::WrongKey)), "{wrong:?}");

    let table = Table::Entry;
    let by_passphrase = salvage(&dir, &pass()).await.unwrap();
    let by_recovery_key = salvage_with_recovery(&dir, recovery).await.unwrap();
    for found in [by_passphrase, by_recovery_key] {
        let keys: Vec<_> = found.rows.iter().map(|(_, key, _)| key.as_slice()).collect();
        assert_eq!(keys, [b"e00000", b"e00002", b"e00005"]);
        assert_eq!(found.rows[2].2, "某市甲局第5条".as_bytes());
        let expected = [
            Tampering::Row { place: 4 },
            Tampering::Value { table, place: 5 },
            Tampering::Count { table, expected: 6, found: 4 },
        ];
        assert_eq!(found.damage, expected);
    }
}

#[tokio::test]
async fn flipping_any_page_never_shows_other_content() {
    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(20)).await.unwrap();
    let expected = vault.scan(Table::Entry).await.unwrap();
    let dir = vault.dir().to_owned();
    vault.lock().await.unwrap();
    let whole = fs::read(dir.join("vault.db")).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(dir.join("vault.db"), &damaged).unwrap();
        if let Ok(mut vault) = Vault::open(&dir, &pass()).await {
            if let Ok(found) = vault.scan(Table::Entry).await {
                assert_eq!(found, expected, "byte {at}");
            }
            // The vault may refuse to close what is damaged; it must only not hold the folder.
            let _ = vault.lock().await;
        }
    }
}

#[tokio::test]
async fn no_stored_text_lies_in_any_file_of_the_folder() {
    const CANARY: &str = "金丝雀谈话李某陈述";
    let (_dir, mut vault, recovery) = fresh().await;
    let dir = vault.dir().to_owned();
    for i in 0..50 {
        let value = CANARY.repeat(i * 20 + 1);
        vault.commit(vec![Write::put(Table::Draft, format!("{CANARY}{i}"), value)]).await.unwrap();
    }
    vault.commit(vec![Write::delete(Table::Draft, format!("{CANARY}7"))]).await.unwrap();
    let canaries = [CANARY, "开启甲组", "Draft", &recovery.to_text()];
    let clean = |when: &str| {
        for file in fs::read_dir(&dir).unwrap().map(|f| f.unwrap().path()).filter(|p| p.is_file()) {
            let bytes = fs::read(&file).unwrap();
            for canary in canaries {
                let found = bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
                assert!(!found, "{canary} lies in {} {when}", file.display());
            }
        }
    };
    clean("while unlocked");
    vault.lock().await.unwrap();
    clean("when locked");
    assert_eq!(
        fs::read_dir(&dir)
            .unwrap()
            .map(|f| f.unwrap().file_name())
            .filter(|n| n != "files")
            .count(),
        2,
        "only the database and the lock file remain"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_enter_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, vault, _) = fresh().await;
    assert_eq!(fs::metadata(vault.dir()).unwrap().permissions().mode() & 0o777, 0o700);
}

/// A copy of the folder taken between two commits is what a power cut leaves: the log holds
/// them, the database does not yet.
#[tokio::test]
async fn a_power_cut_between_commits_keeps_all_that_was_committed() {
    let (dir, mut vault, _) = fresh().await;
    for (n, write) in entries(40).into_iter().enumerate() {
        vault.commit(vec![write]).await.unwrap();
        if n % 8 != 0 {
            continue;
        }
        let copy = dir.path().join(format!("copy{n}"));
        fs::create_dir(&copy).unwrap();
        for file in ["vault.db", "vault.db-wal"] {
            fs::copy(vault.dir().join(file), copy.join(file)).unwrap();
        }
        let mut found = Vault::open(&copy, &pass()).await.unwrap();
        assert_eq!(
            found.scan(Table::Entry).await.unwrap(),
            vault.scan(Table::Entry).await.unwrap()
        );
        assert_eq!(found.head(), vault.head());
    }
}

/// A log cut anywhere gives some commit whole, never a part of one.
#[tokio::test]
async fn a_torn_log_gives_a_whole_commit() {
    let (dir, mut vault, _) = fresh().await;
    vault = reopened(vault).await.unwrap();
    for n in 0..6 {
        let pair =
            ["甲", "乙"].map(|k| Write::put(Table::Draft, format!("{k}{n}"), "稿".repeat(400)));
        vault.commit(pair.into()).await.unwrap();
    }
    let log = fs::read(vault.dir().join("vault.db-wal")).unwrap();
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for at in (0..=log.len()).step_by(log.len() / 24) {
        fs::copy(vault.dir().join("vault.db"), copy.join("vault.db")).unwrap();
        fs::write(copy.join("vault.db-wal"), &log[..at]).unwrap();
        let mut found = Vault::open(&copy, &pass()).await.unwrap();
        let rows = found.scan(Table::Draft).await.unwrap();
        assert_eq!(rows.len() as u64, found.head().0 * 2, "log cut at {at}");
        found.lock().await.unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_passes() {
    let (_dir, mut vault, _) = fresh().await;
    vault.commit(entries(5)).await.unwrap();
    let before = vault.scan(Table::Entry).await.unwrap();
    let head = vault.head();
    let pages = vault.disk.pages().await.unwrap();
    vault.disk.limit(pages + 3).await.unwrap();

    let large = vec![
        Write::delete(Table::Entry, "e00000"),
        Write::put(Table::Draft, "长稿", vec![1; 400_000]),
    ];
    for _ in 0..2 {
        let full = vault.commit(large.clone()).await;
        assert!(matches!(full, Err(VaultError::Full)), "{full:?}");
        assert_eq!(vault.scan(Table::Entry).await.unwrap(), before);
        assert_eq!(vault.get(Table::Draft, "长稿".as_bytes()).await.unwrap(), None);
        assert_eq!(vault.head(), head);
    }
    // What is small enough still fits, and with space back so does the rest.
    vault.commit(vec![Write::put(Table::Draft, "短稿", "稿")]).await.unwrap();
    vault.disk.limit(1_000_000).await.unwrap();
    vault.commit(large).await.unwrap();
    let mut vault = reopened(vault).await.unwrap();
    assert_eq!(vault.scan(Table::Entry).await.unwrap(), before[1..]);
    assert_eq!(vault.keys(Table::Draft).await.unwrap(), ["短稿".as_bytes(), "长稿".as_bytes()]);
}

/// A caller that goes away in the middle of a commit leaves all of it or nothing.
#[tokio::test]
async fn a_commit_whose_caller_went_away_is_settled_by_the_next_call() {
    let (_dir, mut vault, _) = fresh().await;
    for polls in 0..60 {
        let before = vault.scan(Table::Entry).await.unwrap().len();
        let key = format!("p{polls}");
        let writes = ["a", "b"].map(|k| Write::put(Table::Entry, format!("{key}{k}"), key.clone()));
        {
            let mut commit = std::pin::pin!(vault.commit(writes.into()));
            for _ in 0..polls {
                if futures_util::poll!(commit.as_mut()).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let after = vault.scan(Table::Entry).await.unwrap().len();
        assert!(after == before || after == before + 2, "{polls}: {before} then {after}");
    }
    reopened(vault).await.unwrap();
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_anything_is_written() {
    let (_dir, mut vault, _) = fresh().await;
    let head = vault.head();
    let key = vec![0; super::MAX_KEY + 1];
    let refused = vault
        .commit(vec![Write::put(Table::Meta, "k", "v"), Write::put(Table::Meta, key, "")])
        .await;
    assert!(matches!(refused, Err(VaultError::TooLarge { limit: super::MAX_KEY, .. })));
    assert_eq!(vault.head(), head);
    assert!(vault.keys(Table::Meta).await.unwrap().is_empty());
}

#[tokio::test]
async fn twelve_thousand_rows_come_back_in_order() {
    let (_dir, mut vault, _) = fresh().await;
    for batch in entries(12_000).chunks(3_000) {
        vault.commit(batch.to_vec()).await.unwrap();
    }
    let mut vault = reopened(vault).await.unwrap();
    let rows = vault.scan(Table::Entry).await.unwrap();
    assert_eq!(rows.len(), 12_000);
    assert!(rows.windows(2).all(|w| w[0].0 < w[1].0));
    assert_eq!(rows[11_999].1, "某市甲局第11999条".as_bytes());
}

#[tokio::test]
async fn printing_a_vault_shows_no_secret() {
    let (_dir, vault, _) = fresh().await;
    let shown = format!("{vault:?}");
    assert!(shown.starts_with("Vault(StoreId(") && shown.len() < 80, "{shown}");
}
