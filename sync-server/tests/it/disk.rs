//! A server without room: nothing received is lost, and it goes on once there is room.
use std::path::Path;

use reqwest::StatusCode;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use shared::{
    api::paths,
    journal::{
        entry::Verdict,
        envelope::Envelope,
        frame::{Down, Reject, Up},
    },
};

use crate::{
    device::{Device, rejected},
    place::{Place, Process, json, run},
};

/// How long files may become for a process; no bound if none is given.
fn bound(process: &Process, bytes: Option<u64>) {
    let pid = Pid::from_raw(process.id().try_into().unwrap());
    prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

fn length(folder: &Path, file: &str) -> u64 {
    std::fs::metadata(folder.join(file)).map_or(0, |m| m.len())
}

/// Edits of 16 KiB each, one after the other.
struct Writer {
    device: Device,
    received: Vec<Envelope>,
    waiting: Vec<Envelope>,
}

impl Writer {
    /// Pushes the next edits until one finds no room.
    async fn until_full(&mut self, edits: impl Iterator<Item = Envelope>) {
        for edit in edits {
            let push = Up::Push { envelopes: vec![edit.clone()] };
            let heard = self.device.exchange(&[push], 0).await;
            if self.device.receipted(&heard, &edit) {
                self.received.push(edit);
                continue;
            }
            self.waiting.push(edit.clone());
            // A commit that failed closes the connection, perhaps before it said why.
            if rejected(&heard, &edit) == Some(&Reject::Full) {
                return;
            }
        }
        panic!("there was room for everything");
    }

    /// Pushes all that waits until all is decided.
    async fn until_decided(&mut self) {
        let all: Vec<Envelope> = self.received.iter().chain(&self.waiting).cloned().collect();
        loop {
            self.device.catch_up().await;
            let left: Vec<Envelope> =
                all.iter().filter(|e| self.device.verdict(e).is_none()).cloned().collect();
            if left.is_empty() {
                break;
            }
            let said = [self.device.have(), Up::Push { envelopes: left }];
            let heard = self.device.exchange(&said, 2_000).await;
            let full = heard.iter().any(|f| matches!(f, Down::Rejected { why: Reject::Full, .. }));
            if full {
                // News will come no sooner; the server looks at the disk again by itself.
                let have = self.device.have();
                self.device.exchange(&[have], 1_000).await;
            }
        }
        assert!(all.iter().all(|e| self.device.verdict(e) == Some(&Verdict::Main)));
    }
}

async fn writer(place: &mut Place) -> (Device, Vec<Envelope>) {
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    sun.push(std::slice::from_ref(&birth)).await;
    assert_eq!(sun.verdict(&birth), Some(&Verdict::Main));
    let text = "整改".repeat(2700);
    let edits = (0..40).map(|_| sun.write(space, doc, &mut document, &text)).collect();
    place.stop().await;
    (sun, edits)
}

async fn ready(device: &Device) -> (StatusCode, StatusCode) {
    let get = async |path: &str| {
        device.client.get(format!("{}{path}", device.url)).send().await.unwrap().status()
    };
    (get(paths::HEALTH).await, get(paths::READY).await)
}

#[tokio::test]
async fn a_bound_on_the_length_of_files_is_borne_until_it_is_raised() {
    let mut place = Place::new().await;
    let (mut sun, edits) = writer(&mut place).await;
    let folder = place.folder.path();
    let mut process = Process::start(folder).await;
    sun.url.clone_from(&process.url);
    sun.log_in().await;
    sun.catch_up().await;
    assert_eq!(ready(&sun).await, (StatusCode::OK, StatusCode::OK));
    let longest = length(folder, "journal.sqlite").max(length(folder, "journal.sqlite-wal"));
    bound(&process, Some(longest + 100 * 1024));
    let mut writer = Writer { device: sun, received: Vec::new(), waiting: Vec::new() };
    writer.until_full(edits.into_iter()).await;
    assert!(!writer.received.is_empty(), "there was some room");

    let (alive, ready_now) = ready(&writer.device).await;
    assert_eq!(alive, StatusCode::OK);
    assert_eq!(ready_now, StatusCode::INSUFFICIENT_STORAGE);
    // What is left after that may be room for little things; then there is none at all.
    bound(&process, Some(1));
    let refused = run(&["admin", "invite", "limou"], folder);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert_eq!(json(&refused)["why"], "full");
    assert!(run(&["healthcheck"], folder).status.success(), "it answers all the same");

    bound(&process, None);
    writer.until_decided().await;
    assert!(run(&["admin", "invite", "limou"], folder).status.success());
    assert_eq!(ready(&writer.device).await.1, StatusCode::OK);
    assert_eq!(process.terminate().await, Some(0));
    assert!(process.whole_log().contains("the disk is full"));

    let process = Process::start(folder).await;
    let mut li = Device::new(process.url.clone(), 2);
    let code = json(&run(&["admin", "invite", "limou"], folder));
    li.enrol(code["code"].as_str().unwrap()).await.unwrap();
    li.log_in().await;
    li.catch_up().await;
    let all = writer.received.iter().chain(&writer.waiting);
    assert!(all.into_iter().all(|e| li.bodies.get(&e.hash()) == Some(e)), "all of it is there");
}

#[tokio::test]
async fn a_bound_on_pages_keeps_what_was_received_and_is_raised_by_a_restart() {
    let mut place = Place::new().await;
    let (mut sun, edits) = writer(&mut place).await;
    let folder = place.folder.path();
    let pages = length(folder, "journal.sqlite") / 4096 + 30;
    let mut process = Process::with(folder, |command| {
        command.args(["--max-pages", &pages.to_string()]);
    })
    .await;
    sun.url.clone_from(&process.url);
    sun.log_in().await;
    let mut writer = Writer { device: sun, received: Vec::new(), waiting: Vec::new() };
    writer.until_full(edits.into_iter()).await;
    assert!(!writer.received.is_empty(), "there was some room");
    // A power cut while it is full.
    process.kill();

    let process = Process::start(folder).await;
    writer.device.url.clone_from(&process.url);
    writer.device.log_in().await;
    let heard = writer.device.exchange(&[Up::Push { envelopes: writer.received.clone() }], 0).await;
    assert!(writer.received.iter().all(|e| writer.device.receipted(&heard, e)), "it has them");
    writer.until_decided().await;
}
