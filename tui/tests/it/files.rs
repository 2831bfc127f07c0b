//! Files of evidence over the network, between real processes.
use std::time::Duration;

use serde_json::Value;
use shared::{
    crypto::Passphrase,
    doc::{Birth, Edit},
    journal::laptop::Note,
    model::{
        Digest, DocId, DocKind, EvidenceId, FieldPath, SpaceId,
        evidence::{Evidence, EvidenceClass, EvidenceKind},
    },
    workflow::{Command, SpaceKind},
};
use tui::laptop::{
    FieldNode,
    evidence::attach,
    link::{Client, HttpRoad, LinkError, Live, Traffic, carry, sync},
};

use crate::{
    place::{PASSPHRASE, Place},
    proxy::{Proxy, Way},
};

const LEN: u64 = 50_000_000;
const CUTS: u64 = 20;

/// Counts spread over the whole length, so that cuts fall anywhere in a chunk.
fn cuts() -> impl Iterator<Item = u64> {
    (1..=CUTS).map(|n| n * (LEN / (CUTS + 1)) - n * n * 777)
}

/// Bytes in which nothing repeats.
fn content(len: u64, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let word = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(word).collect();
    bytes.truncate(usize::try_from(len).expect("it fits"));
    bytes
}

fn engagement(node: &FieldNode) -> SpaceId {
    let kind = |s: &shared::journal::laptop::LaptopSpace| s.state().kind();
    let mut spaces = node.core().spaces();
    let found = spaces.find(|(_, s)| kind(s) == Some(SpaceKind::Engagement));
    *found.expect("a group has one").0
}

/// Registers a file as evidence, as `xunji evidence add --file` does.
async fn register(node: &mut FieldNode, space: SpaceId, file: std::fs::File) -> EvidenceId {
    let now = node.now();
    let id = EvidenceId::mint(now, node.rng());
    let mut evidence = Evidence {
        id,
        name: "采购现场录像".into(),
        kind: EvidenceKind::Record,
        class: EvidenceClass::Base,
        origin: "甲局财务科".into(),
        obtained_by: vec![node.identity().person],
        obtained_on: "2026-05-07".into(),
        original_kept_at: String::new(),
        conclusive: false,
        size: 0,
        content: None,
        file: None,
    };
    attach(&node.vault().files(), file, &mut evidence).await.expect("it is sealed");
    let doc = DocId::mint(now, node.rng());
    node.ask(space, doc, Command::RegisterEvidence { evidence }).await.expect("it is saved");
    id
}

/// Says something new and returns the envelope.
async fn note(node: &mut FieldNode, space: SpaceId, title: &str) -> (DocId, Digest) {
    let birth = Birth::new().text("title", title);
    let doc = node.begin(space, DocKind::Workpaper, &birth).await.expect("it is saved");
    (doc, sealed(node).await)
}

async fn sealed(node: &mut FieldNode) -> Digest {
    node.take_notes();
    node.seal().await.expect("it is saved");
    let envelope = node.take_notes().into_iter().find_map(|n| match n {
        Note::Sealed { envelope, .. } => Some(envelope),
        _ => None,
    });
    envelope.expect("there was something to seal")
}

fn received(node: &FieldNode, space: SpaceId, envelope: &Digest) -> bool {
    let kept = node.space(space).ok().and_then(|s| s.envelope(envelope));
    kept.is_some_and(|k| k.received.is_some())
}

/// Synchronises text over a road that may be cut, until it got through.
async fn text(node: &mut FieldNode, client: &mut Client, traffic: &Traffic) {
    let _first = traffic.text();
    loop {
        match sync(node, client, Duration::from_secs(20)).await {
            Ok(_) => return,
            Err(LinkError::Unreachable(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// Sends what waits on a live link, and listens until a receipt came.
async fn live(
    node: &mut FieldNode,
    client: &Client,
    traffic: &Traffic,
    space: SpaceId,
    envelope: &Digest,
) {
    let _first = traffic.text();
    while !received(node, space, envelope) {
        let mut live = Live::open(client).await.expect("the session stands");
        node.connected().await.expect("the disk is well");
        while !received(node, space, envelope) {
            let mut whole = true;
            for frame in node.take_outgoing() {
                whole &= live.send(&frame).await.is_ok();
            }
            let Ok(frame) = live.next().await else { break };
            node.heard(frame).await.expect("the disk is well");
            if !whole {
                break;
            }
        }
        node.disconnected().await.expect("the disk is well");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_cut_twenty_times_arrives_whole_and_a_note_written_meanwhile_is_first() {
    let place = Place::new();
    let (up, down) = (Proxy::new(&place.address).await, Proxy::new(&place.address).await);
    place.enrol("sunmou", &up.address.to_string());
    place.enrol("limou", &down.address.to_string());
    let file = place.path("录像.mp4");
    let bytes = content(LEN, 7);
    std::fs::write(&file, &bytes).expect("room on the disk");

    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let mut sun = FieldNode::open(&place.path("sunmou"), &passphrase).await.expect("it opens");
    let identity = sun.identity().clone();
    let mut client =
        Client::new(&identity.server_url, Some(identity.certificate)).expect("a client");
    let traffic = Traffic::default();
    text(&mut sun, &mut client, &traffic).await;
    let space = engagement(&sun);
    let source = std::fs::File::open(&file).expect("it is there");
    let id = register(&mut sun, space, source).await;
    text(&mut sun, &mut client, &traffic).await;

    up.cut(Way::Up, cuts());
    let wanted = sun.outstanding().await.expect("the disk is well").up;
    assert_eq!(wanted.len(), 1);
    let (files, on_road) = (sun.vault().files(), traffic.clone());
    let road = HttpRoad::new(&client, &identity, &traffic);
    let going = tokio::spawn(async move { carry(&files, wanted, &road, &on_road).await });
    let mut moving = traffic.moving();
    let on_its_way = moving.wait_for(|m| (1..LEN * 3 / 4).contains(&m.up.bytes)).await;
    assert_eq!(on_its_way.expect("it is told").up.files, 1);

    let (doc, first) = note(&mut sun, space, "甲局会议费").await;
    text(&mut sun, &mut client, &traffic).await;
    assert!(received(&sun, space, &first), "the note is received");
    assert_eq!(traffic.moving().borrow().up.files, 1, "while the file is under way");

    let edit =
        Edit::ReplaceText { field: FieldPath::top("condition"), text: "见凭证。".into() };
    sun.edit(space, doc, &[edit]).await.expect("it is saved");
    let second = sealed(&mut sun).await;
    live(&mut sun, &client, &traffic, space, &second).await;
    assert_eq!(traffic.moving().borrow().up.files, 1, "and so it is on the live link");

    let carried = going.await.expect("it comes to an end");
    assert!(carried.left.is_empty() && carried.done.len() == 1);
    assert_eq!(up.made() as u64, CUTS);
    let sent = up.bytes(Way::Up);
    assert!(sent * 100 < LEN * 110, "{sent} bytes for {LEN}");
    sun.confirmed(&carried.confirmed()).await.expect("the disk is well");
    assert!(sun.outstanding().await.expect("the disk is well").up.is_empty());
    sun.lock().await.expect("it is locked");

    let report = place.by("limou", &["sync"]);
    let left = &report["files"]["left"]["on_demand"];
    assert_eq!(left["files"], 1, "too long to come by itself: {report}");
    down.cut(Way::Down, cuts());
    let copy = place.path("取出.mp4");
    let (id, out) = (id.to_string(), copy.to_string_lossy().into_owned());
    let got = place.by("limou", &["evidence", "get", &id, "--out", &out]);
    assert_eq!((got["here"].as_bool(), got["bytes"].as_u64()), (Some(true), Some(LEN)));
    assert_eq!(down.made() as u64, CUTS);
    let came = down.bytes(Way::Down);
    assert!(came * 100 < LEN * 110, "{came} bytes for {LEN}");
    assert!(std::fs::read(&copy).expect("it is there") == bytes, "byte for byte");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_only_moves_no_file_and_says_what_is_left() {
    let place = Place::new();
    let proxy = Proxy::new(&place.address).await;
    place.enrol("sunmou", &proxy.address.to_string());
    place.enrol("limou", &place.address);
    let (file, len) = (place.path("合同.pdf"), 3_000_000);
    std::fs::write(&file, content(len, 9)).expect("room on the disk");
    place.by("sunmou", &["sync"]);
    place.by("limou", &["sync"]);
    let path = file.to_string_lossy().into_owned();
    let add = ["evidence", "add", "合同扫描件", "--origin", "甲局", "--on", "2026-05-07", "--file"];
    let args: Vec<&str> = add.into_iter().chain([path.as_str()]).collect();
    let item = place.by("sunmou", &args)["evidence"].as_str().expect("an id").to_owned();
    let amount = |value: &Value, way: &str| value["left"][way]["files"].as_u64();

    proxy.cut(Way::Up, []);
    let report = place.by("sunmou", &["sync", "--text-only"]);
    assert_eq!((amount(&report["files"], "up"), report["undecided"].as_u64()), (Some(1), Some(0)));
    assert!(proxy.bytes(Way::Up) < 100_000, "only text went");
    let status = place.by("sunmou", &["status"]);
    assert_eq!(status["files"]["up"]["files"], 1);

    let report = place.by("limou", &["sync"]);
    assert_eq!(amount(&report["files"], "down"), Some(1), "it is awaited: {report}");
    let verified = place.by("limou", &["verify"]);
    assert_eq!(verified["files"]["missing"][0]["evidence"].as_str(), Some(item.as_str()));
    let out = place.path("副本.pdf");
    let get = ["evidence", "get", &item, "--out", &out.to_string_lossy()];
    let failed = place.command("limou").args(get).output().expect("it runs");
    let error: Value = serde_json::from_slice(&failed.stderr).expect("JSON");
    assert_eq!((failed.status.code(), &error["error"]), (Some(1), &"file_not_here".into()));
    assert!(!out.exists());

    let report = place.by("sunmou", &["sync"]);
    assert_eq!(
        (report["files"]["sent"].as_u64(), amount(&report["files"], "up")),
        (Some(1), Some(0))
    );
    let report = place.by("limou", &["sync", "--text-only"]);
    assert_eq!(amount(&report["files"], "down"), Some(1));
    let report = place.by("limou", &["sync"]);
    assert_eq!(
        (report["files"]["got"].as_u64(), amount(&report["files"], "down")),
        (Some(1), Some(0))
    );
    place.by("limou", &get);
    assert!(std::fs::read(&out).expect("it is there") == content(len, 9), "byte for byte");
    assert_eq!(place.by("limou", &["verify"])["files"]["whole"], 1);

    // What both sides have costs nothing any more.
    proxy.cut(Way::Up, []);
    let report = place.by("sunmou", &["sync"]);
    assert_eq!(
        (report["files"]["sent_bytes"].as_u64(), amount(&report["files"], "up")),
        (Some(0), Some(0))
    );
}
