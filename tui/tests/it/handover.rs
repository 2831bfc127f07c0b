//! A laptop changes hands: nothing is lost, nothing is left, and it serves again.
use std::path::Path;

use serde_json::Value;

use crate::place::{PASSPHRASE, Place, failed};

fn lists(value: &Value, name: &str) -> bool {
    value.as_array().is_some_and(|rows| rows.iter().any(|row| row["title"] == name))
}

#[test]
fn a_laptop_is_wiped_once_all_is_decided_and_it_is_revoked_and_then_enrols_anew() {
    let place = Place::new();
    place.enrol("sunmou", &place.address);
    place.by("sunmou", &["sync"]);
    place.by("sunmou", &["workpaper", "new", "甲局会议费报销依据不足"]);

    let early = failed(place.command("sunmou").arg("handover"), 1);
    assert_eq!(early["error"], "undecided");
    let told = early["what"].as_str().unwrap_or_default();
    assert!(told.contains("WP-~"), "it names what is undecided: {told}");
    assert_eq!(place.by("sunmou", &["status"])["name"], "孙某", "nothing was wiped");

    place.by("sunmou", &["sync"]);
    let ready = place.by("sunmou", &["handover"]);
    assert_eq!(ready["stage"], "ready");
    let device = ready["device"].as_str().expect("a device").replace('-', "");
    place.admin(&["revoke", &device, "--reason", "交接"]);
    assert!(place.path("sunmou").join("vault.db").exists(), "nothing is wiped by itself");
    let wiped = place.by("sunmou", &["handover"]);
    assert_eq!((&wiped["stage"], &wiped["device"]), (&"wiped".into(), &ready["device"]));
    assert!(wiped["envelopes"].as_u64() > Some(0) && wiped["envelopes"] == ready["envelopes"]);
    assert_eq!(left(&place.path("sunmou")), ["lock"]);
    let gone = failed(place.command("sunmou").arg("status"), 1);
    assert_eq!(gone["error"], "not_enrolled");

    place.enrol("sunmou", &place.address);
    place.by("sunmou", &["sync"]);
    let papers = place.by("sunmou", &["workpaper", "list"]);
    assert!(lists(&papers, "甲局会议费报销依据不足"), "{papers}");
}

fn left(home: &Path) -> Vec<String> {
    let names = std::fs::read_dir(home).expect("a folder").map(|e| e.expect("a name"));
    names.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn keys_are_changed_and_what_opened_before_opens_no_more() {
    let place = Place::new();
    let enrolled = place.enrol("limou", &place.address);
    let printed = enrolled["recovery_key"].as_str().expect("a recovery key").to_owned();
    let write = |name: &str, text: &str| {
        let path = place.path(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let (old, new) = (place.path("passphrase"), write("new", "新的口令 2026"));
    let third = write("third", "第三个口令 2026");

    let mut set = place.command("limou");
    set.args(["key", "passphrase"]).env("XUNJI_NEW_PASSPHRASE_FILE", &new);
    assert_eq!(place.answer(&mut set)["passphrase"], "set");
    let refused = failed(place.command("limou").arg("status"), 1);
    assert_eq!(refused["error"], "wrong_passphrase");
    let mut with_new = place.command("limou");
    with_new.arg("status").env("XUNJI_PASSPHRASE_FILE", &new);
    assert_eq!(place.answer(&mut with_new)["name"], "李某");

    let mut renew = place.command("limou");
    renew.args(["key", "recovery"]).env("XUNJI_PASSPHRASE_FILE", &new);
    let renewed = place.answer(&mut renew)["recovery_key"].as_str().expect("a key").to_owned();
    assert_ne!(renewed, printed);
    let unlock = |key: &str, passphrase: &Path| {
        let key = write("recovery", key);
        let mut unlock = place.command("limou");
        unlock.args(["key", "unlock"]).env("XUNJI_RECOVERY_KEY_FILE", key);
        unlock.env("XUNJI_NEW_PASSPHRASE_FILE", passphrase);
        unlock
    };
    assert_eq!(failed(&mut unlock(&printed, &third), 1)["error"], "wrong_passphrase");
    assert_eq!(failed(&mut unlock("ABCD", &third), 1)["error"], "recovery_key");
    assert_eq!(place.answer(&mut unlock(&renewed, &third))["passphrase"], "set");
    let mut with_third = place.command("limou");
    with_third.arg("status").env("XUNJI_PASSPHRASE_FILE", &third);
    assert_eq!(place.answer(&mut with_third)["name"], "李某");
    assert_eq!(std::fs::read_to_string(old).expect("a file").trim(), PASSPHRASE);
}

#[test]
fn what_is_whole_of_a_damaged_vault_is_read_out_into_a_new_home() {
    let place = Place::new();
    place.enrol("limou", &place.address);
    place.by("limou", &["sync"]);
    place.by("limou", &["workpaper", "new", "甲局公务车维修费偏高"]);
    let database = place.path("limou").join("vault.db");
    damage(&database);
    let refused = failed(place.command("limou").arg("verify"), 1);
    assert_eq!(refused["error"], "tampered");
    let new = place.path("rescued");
    let into = new.to_string_lossy();
    let read = place.by("limou", &["key", "salvage", "--into", &into]);
    assert!(read["damage"].as_array().is_some_and(|d| !d.is_empty()), "{read}");
    assert!(read["rows"].as_u64() > Some(0));
    let papers = place.by("rescued", &["workpaper", "list"]);
    assert!(lists(&papers, "甲局公务车维修费偏高"), "{papers}");
}

/// Changes one row as a failing disk might: a receipt, an entry or the like from the middle.
fn damage(database: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
        let options = SqliteConnectOptions::new().filename(database);
        let mut stranger = SqliteConnection::connect_with(&options).await.expect("it opens");
        sqlx::raw_sql(
            "UPDATE sealed SET name = zeroblob(length(name))
             WHERE place = (SELECT place FROM sealed ORDER BY place LIMIT 1 OFFSET 12)",
        )
        .execute(&mut stranger)
        .await
        .expect("it takes it");
        stranger.close().await.expect("it closes");
    });
}
