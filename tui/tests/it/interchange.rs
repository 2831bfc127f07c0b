//! People's data is theirs: an exported document opens without Xunji.
use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::place::Place;

/// The folder of the script that reads, with its package.
fn reader() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interchange")
}

/// Tells whether Node and the package are here. Where they must be, it is an error that they
/// are not.
fn found() -> bool {
    let node = Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success());
    let package = reader().join("node_modules/@automerge/automerge").is_dir();
    let required = std::env::var_os("XUNJI_REQUIRE_TOOLS").is_some();
    assert!(node || !required, "node is not installed");
    assert!(package || !required, "run `npm ci` in tests/interchange");
    node && package
}

#[test]
fn an_exported_document_says_the_same_to_javascript() {
    if !found() {
        println!("not checked: needs node, and `npm ci` in tests/interchange");
        return;
    }
    let place = Place::new();
    for person in ["sunmou", "limou", "zhoumou"] {
        place.enrol(person, &place.address);
        place.by(person, &["sync"]);
    }
    // Characters outside the first plane: two hanzi, a family of joined faces, a flag.
    let new = place.by(
        "sunmou",
        &[
            "workpaper",
            "new",
            "𠮷某与𡈽某的会议费👩‍👩‍👧",
            "effect=影响采购公平🇨🇳。增加财政支出。",
            "condition=𠮷某签字。",
        ],
    );
    let paper = new["record"].as_str().expect("an id");
    for person in ["sunmou", "limou", "zhoumou"] {
        place.by(person, &["sync"]);
    }
    // Nobody sees the others' words before all have written.
    for (person, effect, severity) in [
        ("limou", "影响采购公平🇨🇳。增加财政支出。群众有反映😟。", "severity=high"),
        ("zhoumou", "影响采购公平竞争𡈽秩序🇨🇳。增加财政支出。", "severity=medium"),
        ("sunmou", "据𠮷某反映，影响采购公平🇨🇳。增加财政支出。", "when=2025年3月"),
    ] {
        let effect = format!("effect={effect}");
        place.by(person, &["workpaper", "set", paper, &effect, severity]);
    }
    for person in ["limou", "zhoumou", "sunmou", "limou"] {
        place.by(person, &["sync"]);
    }

    let file = place.path("底稿.automerge");
    let out = file.to_string_lossy().into_owned();
    place.by("limou", &["export", paper, "--format", "automerge", "--out", &out]);
    let read = Command::new("node").arg(reader().join("read.mjs")).arg(&file).output();
    let read = read.expect("node runs");
    let failed = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{failed}");
    let theirs: Value = serde_json::from_slice(&read.stdout).expect("JSON");

    let shown = place.by("limou", &["workpaper", "show", paper]);
    let ours = &shown["reading"]["body"];
    let merged = "据𠮷某反映，影响采购公平竞争𡈽秩序🇨🇳。增加财政支出。群众有反映😟。";
    assert_eq!(ours["effect"], merged, "{shown}");
    for field in ["title", "effect", "condition"] {
        assert_eq!(theirs[field], ours[field], "{field}: {theirs}");
    }
    assert_eq!(theirs["codePoints"], merged.chars().count());
    assert_eq!(theirs["severity"], serde_json::json!(["high", "medium"]), "both stand");
    let conflicts = shown["reading"]["conflicts"][0]["values"].as_array().map(Vec::len);
    assert_eq!(conflicts, Some(2), "as they do here");
    // The birth and three edits, by three people: 孙某 wrote in two sessions.
    assert_eq!(theirs["actors"], 4);
    assert_eq!(theirs["kind"], "workpaper");
}

#[test]
fn a_document_exported_as_json_says_what_the_screen_says() {
    let place = Place::new();
    place.enrol("sunmou", &place.address);
    place.by("sunmou", &["sync"]);
    let new = place.by("sunmou", &["workpaper", "new", "𠮷某的会议费👩‍👩‍👧", "condition=见凭证。"]);
    let paper = new["record"].as_str().expect("an id");
    let file = place.path("底稿.json");
    let out = file.to_string_lossy().into_owned();
    place.by("sunmou", &["export", paper, "--format", "json", "--out", &out]);
    let exported = std::fs::read(&file).expect("it is there");
    let exported: Value = serde_json::from_slice(&exported).expect("JSON");
    let shown = place.by("sunmou", &["workpaper", "show", paper]);
    assert_eq!(exported, shown["reading"]);
    assert_eq!(exported["body"]["title"], "𠮷某的会议费👩‍👩‍👧");
}
