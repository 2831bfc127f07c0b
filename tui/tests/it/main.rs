//! The program as people and scripts meet it: arguments, exit codes, the whole demo.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]
#[cfg(feature = "demo")]
mod files;
#[cfg(feature = "demo")]
mod handover;
#[cfg(feature = "demo")]
mod interchange;
#[cfg(feature = "demo")]
mod loss;
#[cfg(feature = "demo")]
mod place;
#[cfg(feature = "demo")]
mod proxy;
#[cfg(feature = "demo")]
mod saving;
#[cfg(feature = "demo")]
mod stand_in;

use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs the program with a passphrase file.
fn xunji(dir: &Path, passphrase: &str, args: &[&str]) -> Output {
    let file = dir.join("passphrase");
    std::fs::write(&file, passphrase).expect("a file");
    Command::new(env!("CARGO_BIN_EXE_xunji"))
        .args(args)
        .env("XUNJI_PASSPHRASE_FILE", file)
        .env_remove("XUNJI_HOME")
        .output()
        .expect("the program runs")
}

fn error(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let value: serde_json::Value = serde_json::from_str(text.trim()).expect("JSON");
    value["error"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_usage_error_ends_with_2() {
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(xunji(dir.path(), "甲", &["fly"]).status.code(), Some(2));
    let no_home = xunji(dir.path(), "甲", &["status", "--json"]);
    assert_eq!((no_home.status.code(), error(&no_home)), (Some(2), "no_home".to_owned()));
}

#[test]
fn a_folder_that_was_never_enrolled_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().join("home");
    let home = home.to_string_lossy();
    let output = xunji(dir.path(), "甲", &["status", "--json", "--home", &home]);
    assert_eq!((output.status.code(), error(&output)), (Some(1), "not_enrolled".to_owned()));
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, request) = (dir.path().join("home"), dir.path().join("request.json"));
    let (home, request) = (home.to_string_lossy(), request.to_string_lossy());
    let ask = ["enrol", "--request", &request, "--person", "limou", "--json", "--home", &home];
    assert_eq!(xunji(dir.path(), "甲乙丙丁", &ask).status.code(), Some(0));
    let accept = ["enrol", "--accept", &request, "--json", "--home", &home];
    let output = xunji(dir.path(), "戊己庚辛", &accept);
    assert_eq!((output.status.code(), error(&output)), (Some(1), "wrong_passphrase".to_owned()));
}

/// Every refusal in the play is checked there to end with 3 and its code.
#[cfg(feature = "demo")]
#[test]
fn the_demo_plays_to_its_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = xunji(dir.path(), "甲", &["demo", "--script"]);
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}\n{failed}");
}
