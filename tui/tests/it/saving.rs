//! A long file saved from the screens' side of the laptop, and what the laptop remembers.
use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    crypto::Passphrase,
    journal::{frame::Reject, laptop::Note},
    model::{Digest, EvidenceId, SpaceId},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};
use tui::{
    app::{Effect, News, Said},
    laptop::FieldNode,
};

use crate::place::{PASSPHRASE, Place};

/// Longer than what comes by itself.
const LEN: usize = 17 * 1024 * 1024 + 5;
const PATIENCE: Duration = Duration::from_secs(240);

/// The laptop behind a screen.
struct Laptop {
    ask: UnboundedSender<Effect>,
    told: UnboundedReceiver<News>,
}

impl Laptop {
    async fn unlock(place: &Place, person: &str) -> Self {
        let (ask, asked) = unbounded_channel();
        let (tell, told) = unbounded_channel();
        // What no courier brings needs no sandbox.
        let trials = sandbox::PoolConfig::new("/bin/false".into(), Vec::new(), 1);
        tokio::spawn(tui::runtime::hold(place.path(person), trials, asked, tell));
        let mut laptop = Self { ask, told };
        laptop.ask(Effect::Unlock(PASSPHRASE.to_owned().into()));
        laptop.until(|news| matches!(news, News::Snapshot(_)).then_some(())).await;
        laptop
    }

    fn ask(&self, effect: Effect) {
        self.ask.send(effect).expect("the laptop is there");
    }

    /// Waits for news of one kind.
    async fn until<T>(&mut self, which: impl Fn(&News) -> Option<T>) -> T {
        let found = async {
            loop {
                let news = self.told.recv().await.expect("the laptop is there");
                if let Some(found) = which(&news) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("it came in time")
    }

    async fn lock(mut self) {
        self.ask(Effect::Lock);
        self.until(|news| matches!(news, News::Locked).then_some(())).await;
    }
}

fn said(news: &News) -> Option<Said> {
    match news {
        News::Said(said) => Some(said.clone()),
        News::Failed(failure) => Some(Said::Failed(failure.clone())),
        _ => None,
    }
}

fn id<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("an id")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_file_is_fetched_with_its_progress_and_written_when_it_is_whole() {
    let place = Place::new();
    for person in ["sunmou", "limou"] {
        place.enrol(person, &place.address);
        place.by(person, &["sync"]);
    }
    let content: Vec<u8> = (0..LEN).map(|n| (n * n / 7) as u8).collect();
    let (source, target) = (place.path("录音.m4a"), place.path("取回.m4a"));
    std::fs::write(&source, &content).expect("room on the disk");
    let source = source.to_string_lossy().into_owned();
    let add = ["evidence", "add", "谈话录音", "--origin", "甲局", "--on", "2026-05-07", "--file"];
    let added = place.by("sunmou", &[&add[..], &[&source]].concat());
    let evidence: EvidenceId = id(&added["evidence"]);
    place.by("sunmou", &["sync"]);
    place.by("limou", &["sync"]);
    let spaces = place.by("limou", &["status"])["spaces"].clone();
    let mut stays = spaces.as_array().into_iter().flatten();
    let stay = stays.find(|s| s["kind"] == "engagement").expect("a stay");
    let space: SpaceId = id(&stay["space"]);

    let mut laptop = Laptop::unlock(&place, "limou").await;
    let file = target.to_string_lossy().into_owned();
    let save = Effect::SaveFile { space, evidence, file: file.clone(), open: false };
    // On a hotspot nothing moves: it is asked for, and waits.
    laptop.ask(Effect::TextOnly(true));
    laptop.ask(Effect::Sync);
    laptop.until(|n| (said(n) == Some(Said::Synced)).then_some(())).await;
    laptop.ask(save.clone());
    let fetching = |n: &News| match n {
        News::Fetching(now) => Some(now.clone()),
        _ => None,
    };
    let now = laptop.until(fetching).await.expect("it is fetched");
    assert_eq!((now.evidence, now.got, &now.name[..]), (evidence, 0, "谈话录音"));
    assert!(now.of > LEN as u64);
    assert!(!target.exists(), "nothing half lies about");
    // Given up, and asked for again.
    laptop.ask(Effect::StopFetch(evidence));
    assert_eq!(laptop.until(fetching).await, None);
    laptop.until(|n| (said(n) == Some(Said::FetchStopped("谈话录音".into()))).then_some(())).await;
    laptop.ask(save);
    laptop.until(fetching).await.expect("it is fetched again");
    laptop.ask(Effect::TextOnly(false));
    let done = laptop.until(said).await;
    assert_eq!(done, Said::Written(file));
    assert!(std::fs::read(&target).expect("it is there") == content, "byte for byte");

    // The switch outlives the lock.
    laptop.ask(Effect::TextOnly(true));
    let on = |n: &News| match n {
        News::Snapshot(known) => known.link.text_only.then_some(()),
        _ => None,
    };
    laptop.until(on).await;
    laptop.lock().await;
    assert_eq!(place.by("limou", &["status"])["text_only"], true);
    let mut again = Laptop::unlock(&place, "limou").await;
    again.ask(Effect::Search { text: "录音".into() });
    again.ask(Effect::TextOnly(false));
    let off = |n: &News| match n {
        News::Snapshot(known) => (!known.link.text_only).then_some(()),
        _ => None,
    };
    again.until(off).await;
    again.lock().await;
    assert_eq!(place.by("limou", &["status"])["text_only"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_would_not_store_is_said_until_it_does() {
    let place = Place::new();
    place.enrol("sunmou", &place.address);
    place.by("sunmou", &["sync"]);
    assert_eq!(place.by("sunmou", &["status"])["not_taken"], Value::Null);
    place.by("sunmou", &["workpaper", "new", "甲局会议费报销依据不足"]);
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let mut node = FieldNode::open(&place.path("sunmou"), &passphrase).await.expect("it opens");
    node.seal().await.expect("the disk is well");
    let refused = Note::NotStored { envelope: Digest([1; 32]), why: Reject::Quota };
    node.note_not_taken(&[refused]).await.expect("the disk is well");
    node.lock().await.expect("the disk is well");
    let status = place.by("sunmou", &["status"]);
    assert_eq!(status["not_taken"]["why"], json!("quota"));
    assert_eq!(status["not_taken"]["envelopes"], json!(1));
    // The server takes it with the next contact, and nothing is left to say.
    assert_eq!(place.by("sunmou", &["sync"])["not_taken"], Value::Null);
    assert_eq!(place.by("sunmou", &["status"])["not_taken"], Value::Null);
}
