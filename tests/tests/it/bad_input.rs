//! Bad input to a laptop, by real processes: a clear error, and nothing is lost.
use std::{
    fs,
    path::{Path, PathBuf},
};

use acceptance::stage::{How, Stage, text};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::{Value, json};
use shared::{
    doc::Edit,
    model::{FieldPath, Timestamp},
};

use tui::laptop::clock::system;

use crate::tools;

fn stage(nth: u16) -> Stage {
    Stage::new(Path::new(env!("CARGO_BIN_EXE_acceptance")), nth).expect("a stage")
}

/// A stage with its server, and the laptops of these people, who know each other.
fn with(nth: u16, people: &[&str]) -> Stage {
    let mut stage = stage(nth);
    stage.open(str::to_owned).expect("a server");
    people.iter().for_each(|p| stage.enrol(p).expect("a laptop"));
    people.iter().for_each(|p| drop(stage.xunji(p, &["sync"]).expect("in contact")));
    stage
}

fn new_talk(stage: &Stage, person: &str) -> String {
    let made = stage.xunji(person, &["interview", "new", "--name", "王某"]).expect("a talk");
    text(&made["record"])
}

fn reading(stage: &Stage, person: &str, record: &str) -> Value {
    stage.xunji(person, &["interview", "show", record]).expect("it is there")["reading"].clone()
}

fn splice(insert: &str) -> Edit {
    let (field, insert) = (FieldPath::top("note"), insert.to_owned());
    Edit::SpliceText { field, at: 0, delete: 0, insert }
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_harms_nothing() {
    let stage = with(11, &["sunmou"]);
    let record = new_talk(&stage, "sunmou");
    let before = reading(&stage, "sunmou", &record);
    let wrong = stage.path("wrong");
    fs::write(&wrong, "另一个口令\n").expect("a file");
    let env = vec![("XUNJI_PASSPHRASE_FILE".into(), wrong.into())];
    let how = How { env, ..How::default() };
    for args in [&["status"][..], &["sync"], &["interview", "show", &record]] {
        let ran = stage.run("sunmou", args, &how).expect("it runs");
        assert_eq!((ran.code, ran.error()), (1, "wrong_passphrase"), "{ran:?}");
    }
    assert_eq!(reading(&stage, "sunmou", &record), before);
}

#[test]
fn an_expired_code_enrols_nobody_and_a_fresh_one_does() {
    let stage = with(12, &[]);
    let old = stage.invite("sunmou").expect("a code");
    // Ten minutes are over, by the training clock.
    stage.admin(&["clock", "set", "2030-01-01T09:00:00+08:00"]).expect("the clock moves");
    let enrol = |home: &str, code: &str| {
        let args = ["enrol", "--server", &stage.url(), "--code", code];
        stage.run(home, &args, &How::default()).expect("it runs")
    };
    let ran = enrol("sunmou", &old);
    assert_eq!((ran.code, ran.error()), (1, "code_refused"), "{ran:?}");
    let ran = stage.run("sunmou", &["status"], &How::default()).expect("it runs");
    assert_eq!((ran.code, ran.error()), (1, "not_enrolled"), "nothing was begun: {ran:?}");
    let fresh = stage.invite("sunmou").expect("a code");
    let ran = enrol("sunmou", &fresh);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = enrol("another", &fresh);
    assert_eq!((ran.code, ran.error()), (1, "code_refused"), "it was spent: {ran:?}");
    // A folder that is taken is found before a code is spent on it.
    let second = stage.invite("sunmou").expect("a code");
    let ran = enrol("sunmou", &second);
    assert_eq!((ran.code, ran.error()), (1, "enrolled_already"), "{ran:?}");
    let ran = enrol("another", &second);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// Writes a courier's file of 孙某's laptop.
fn carried(stage: &Stage, name: &str, reader: &str) -> PathBuf {
    let file = stage.path(name);
    let args = ["bundle", "export", &file.to_string_lossy(), "--for", reader, "--whole"];
    stage.xunji("sunmou", &args).expect("a courier's file");
    file
}

#[test]
fn a_bad_courier_file_gives_what_is_good_in_it_and_loses_nothing() {
    let stage = with(13, &["sunmou", "limou", "zhoumou"]);
    let record = new_talk(&stage, "sunmou");
    for n in 1..=3 {
        let say = format!("第{n}条");
        let add = ["interview", "add-statement", &record, &say];
        stage.xunji("sunmou", &add).expect("a statement");
    }
    let mine = reading(&stage, "sunmou", &record);
    let file = carried(&stage, "good", "李某");
    let good = fs::read(&file).expect("a file");
    let import = |bytes: &[u8]| {
        let path = stage.path("stick");
        fs::write(&path, bytes).expect("a file");
        let args = ["bundle", "import", &path.to_string_lossy()];
        stage.run("limou", &args, &How::default()).expect("it runs")
    };
    // Of another kind, sealed for somebody else, broken before it says what it holds.
    let other = fs::read(carried(&stage, "other", "周某")).expect("a file");
    let mut no_bundle = good.clone();
    no_bundle[0] ^= 0xff;
    for (what, bytes) in
        [("kind", &no_bundle[..]), ("reader", &other), ("empty", &[]), ("short", &good[..60])]
    {
        let ran = import(bytes);
        assert_eq!((ran.code, ran.error()), (1, "bundle"), "{what}: {ran:?}");
        let said = ran.err["what"].as_str().unwrap_or_default();
        assert!(!said.is_empty() && !text(&ran.err["next"]).is_empty(), "{what}: {ran:?}");
    }
    // Cut or damaged near its end: what comes before is taken, and it is said.
    let mut damaged = good.clone();
    let at = damaged.len() - 40;
    damaged[at] ^= 1;
    for (what, bytes) in [("cut", &good[..good.len() - 40]), ("damaged", &damaged)] {
        let ran = import(bytes);
        assert_eq!(ran.code, 0, "{what}: {ran:?}");
        assert!(ran.out["truncated"].is_string(), "{what}: {ran:?}");
    }
    let whole = import(&good);
    assert_eq!((whole.code, &whole.out["truncated"]), (0, &Value::Null), "{whole:?}");
    assert_eq!(reading(&stage, "limou", &record), mine);
    let again = import(&good);
    assert_eq!((again.code, &again.out["new"]), (0, &json!(0)), "{again:?}");
    assert_ne!(again.out["known"], json!(0), "{again:?}");
    assert_eq!(reading(&stage, "limou", &record), mine);
    assert_eq!(reading(&stage, "sunmou", &record), mine);
}

/// Sets how large files may become that a process writes.
fn limit_files(process: u32, most: Option<u64>) {
    let pid = Pid::from_raw(i32::try_from(process).expect("an id")).expect("an id");
    let maximum = getrlimit(Resource::Fsize).maximum;
    let limit = Rlimit { current: most, maximum };
    prlimit(Some(pid), Resource::Fsize, limit).expect("it is our process");
}

#[test]
fn a_full_disk_keeps_what_is_typed_and_saves_it_later() {
    let stage = with(14, &["sunmou", "limou"]);
    let record = new_talk(&stage, "sunmou");
    let mut laptop = stage.join("sunmou", &record, &How::default()).expect("it runs");
    laptop.edit(&splice("一。"));
    laptop.until("saved").expect("there is room");
    limit_files(laptop.id(), Some(0));
    for (n, words) in [(1, "二。"), (2, "三。")] {
        laptop.edit(&splice(words));
        let said = laptop.next_but(&["link", "received", "decided", "changed"]);
        assert_eq!((&said["event"], &said["edits"]), (&json!("not_saved"), &json!(n)), "{said}");
    }
    laptop.line(&json!({ "do": "show" }));
    let shown = laptop.until("document").expect("it is shown");
    assert_eq!(shown["reading"]["body"]["note"], "三。二。一。");
    limit_files(laptop.id(), None);
    // Nothing more is typed: it is tried again by itself.
    let said = laptop.next_but(&["link", "received", "decided", "changed"]);
    assert_eq!((&said["event"], &said["edits"]), (&json!("saved"), &json!(2)), "{said}");
    let (said, code) = laptop.leave().expect("it ends");
    let last = said.last().expect("it says so");
    assert_eq!((code, &last["event"], &last["pending"]), (0, &json!("left"), &json!(0)));
    stage.xunji("limou", &["sync"]).expect("in contact");
    for person in ["sunmou", "limou"] {
        assert_eq!(reading(&stage, person, &record)["body"]["note"], "三。二。一。", "{person}");
    }
}

#[test]
fn what_a_disk_full_to_the_end_did_not_take_is_given_back() {
    let stage = with(16, &["sunmou"]);
    let record = new_talk(&stage, "sunmou");
    let mut laptop = stage.join("sunmou", &record, &How::default()).expect("it runs");
    laptop.edit(&splice("一。"));
    laptop.until("saved").expect("there is room");
    limit_files(laptop.id(), Some(0));
    for words in ["二。", "三。"] {
        laptop.edit(&splice(words));
        laptop.until("not_saved").expect("it is said");
    }
    let (said, code) = laptop.leave().expect("it ends");
    let given: Vec<&Value> = said.iter().filter(|e| e["event"] == "unsaved").collect();
    assert_eq!((code, given.len()), (1, 1), "{said:?}");
    assert_eq!(reading(&stage, "sunmou", &record)["body"]["note"], "一。");

    // What came out goes in again as it is, once there is room.
    let mut laptop = stage.join("sunmou", &record, &How::default()).expect("it runs");
    laptop.line(&given[0]["again"]);
    assert_eq!(laptop.until("saved").expect("there is room")["edits"], 2);
    assert_eq!(laptop.leave().expect("it ends").1, 0);
    assert_eq!(reading(&stage, "sunmou", &record)["body"]["note"], "三。二。一。");
}

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The library by which a process sees another time.
fn other_time() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|e| e.path());
    folders.map(|f| f.join("faketime/libfaketime.so.1")).find(|f| f.exists())
}

#[test]
fn a_clock_ten_years_off_is_told_and_orders_nothing() {
    let library = other_time();
    if !tools::there("libfaketime", library.is_some()) {
        return;
    }
    let mut stage = stage(15);
    // Only a real round: laptops of a training round follow the server's clock.
    let today = system();
    let date = |days: i64| today.plus_millis(days * DAY).to_string()[..10].to_owned();
    let real = |text: &str| {
        let text = text.replace("training = true", "training = false");
        let text = text.replace("status = \"training\"", "status = \"official\"");
        // A stay that goes on today.
        text.replace("= 2026-05-06", &format!("= {}", date(-30)))
            .replace("= 2026-05-29", &format!("= {}", date(30)))
    };
    stage.open(real).expect("a server");
    let years = |by: &str| {
        let library = library.clone().unwrap_or_default();
        let env = vec![
            ("LD_PRELOAD".into(), library.into()),
            ("FAKETIME".into(), by.into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
        ];
        How { env, ..How::default() }
    };
    for person in ["sunmou", "limou"] {
        stage.enrol(person).expect("a laptop");
    }
    let mut record = String::new();
    for (person, by, sign) in [("sunmou", "+10y", 1), ("limou", "-10y", -1)] {
        let run = |args: &[&str]| {
            let ran = stage.run(person, args, &years(by)).expect("it runs");
            assert_eq!(ran.code, 0, "{person} {args:?}: {ran:?}");
            ran.out
        };
        if record.is_empty() {
            record = text(&run(&["interview", "new", "--name", "王某"])["record"]);
        }
        let synced = run(&["sync"]);
        let off = synced["clock_off_ms"].as_i64().unwrap_or_default();
        assert!((off * sign - 3652 * DAY).abs() < 3 * DAY, "it is told: {synced}");
        run(&["interview", "add-statement", &record, person]);
        let synced = run(&["sync"]);
        assert_eq!(synced["undecided"], json!(0), "{synced}");
    }
    let seen: Vec<Value> = ["sunmou", "limou"]
        .map(|person| {
            let synced = stage.xunji(person, &["sync"]).expect("in contact");
            assert_eq!(synced["clock_off_ms"], Value::Null, "right again: {synced}");
            reading(&stage, person, &record)
        })
        .into();
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0]["body"]["statements"].as_array().map(Vec::len), Some(2));
    let history = stage.xunji("limou", &["history", &record]).expect("a history");
    let now = system();
    let entries: Vec<Timestamp> = history
        .as_array()
        .expect("entries")
        .iter()
        .map(|row| serde_json::from_value(row["at"].clone()).expect("the server's time"))
        .collect();
    assert!(entries.len() >= 3, "{history}");
    assert!(entries.is_sorted(), "{history}");
    assert!(entries.iter().all(|at| now.since(*at).abs() < DAY), "{history}");
}
