//! Nothing is lost because it is long: long texts, and a server that lost much.
use std::{path::Path, time::Duration};

use shared::{
    crypto::Passphrase,
    doc::{Birth, Edit},
    journal::entry::Verdict,
    model::{Body, DocId, DocKind, FieldPath, SpaceId},
    workflow::{Command, SpaceKind},
};
use tui::laptop::{
    FieldNode,
    link::{Client, sync},
};

use crate::place::{PASSPHRASE, Place};

const PATIENCE: Duration = Duration::from_secs(60);

async fn open(place: &Place, who: &str) -> FieldNode {
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    FieldNode::open(&place.path(who), &passphrase).await.expect("it opens")
}

fn client(place: &Place, node: &FieldNode) -> Client {
    let url = format!("https://{}", place.address);
    Client::new(&url, Some(node.identity().certificate)).expect("a client")
}

fn engagement(node: &FieldNode) -> SpaceId {
    let mut spaces = node.core().spaces();
    let found = spaces.find(|(_, s)| s.state().kind() == Some(SpaceKind::Engagement));
    *found.expect("a group has one").0
}

async fn condition(node: &mut FieldNode, space: SpaceId, doc: DocId) -> String {
    match node.reading(space, doc).await.expect("it can be read").body {
        Body::Workpaper(paper) => paper.condition,
        other => panic!("a workpaper reads as one, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_paste_is_there_after_a_lock_and_is_decided() {
    let place = Place::new();
    place.enrol("sunmou", &place.address);
    let mut sun = open(&place, "sunmou").await;
    let mut road = client(&place, &sun);
    sync(&mut sun, &mut road, PATIENCE).await.expect("the server answers");
    let space = engagement(&sun);
    let birth = Birth::new().text("title", "甲局会议费报销依据不足");
    let doc = sun.begin(space, DocKind::Workpaper, &birth).await.expect("it is saved");

    let field = FieldPath::top("condition");
    let splice = |at, delete, insert: String| {
        let field = field.clone();
        Edit::SpliceText { field, at, delete, insert }
    };
    let pasted = "查".repeat(60_000);
    sun.edit(space, doc, &[splice(0, 0, pasted)]).await.expect("it is saved");
    let instead: String = ["甲a", "乙b"].repeat(7_500).concat();
    sun.edit(space, doc, &[splice(10, 30_000, instead.clone())]).await.expect("it is saved");
    sun.edit(space, doc, &[splice(0, 0, "经查，".into())]).await.expect("it is saved");
    let said = format!("经查，{}{instead}{}", "查".repeat(10), "查".repeat(29_990));
    assert_eq!(condition(&mut sun, space, doc).await, said);
    sun.lock().await.expect("it is locked");

    let mut sun = open(&place, "sunmou").await;
    assert_eq!(condition(&mut sun, space, doc).await, said);
    let mut road = client(&place, &sun);
    while sync(&mut sun, &mut road, PATIENCE).await.expect("the server answers").undecided > 0 {}
    let held = sun.space(space).expect("it is here");
    let main =
        |k: &shared::journal::laptop::Kept| matches!(&k.decided, Some((_, Some(Verdict::Main))));
    assert!(held.about(doc).all(|(_, k)| main(k)), "all of it is in the document");
    assert_eq!(condition(&mut sun, space, doc).await, said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_server_gets_back_more_than_one_frame_holds() {
    let mut place = Place::new();
    place.enrol("sunmou", &place.address);
    let mut sun = open(&place, "sunmou").await;
    let mut road = client(&place, &sun);
    sync(&mut sun, &mut road, PATIENCE).await.expect("the server answers");
    let space = engagement(&sun);
    let birth = Birth::new().text("title", "甲局会议费报销依据不足");
    let doc = sun.begin(space, DocKind::Workpaper, &birth).await.expect("it is saved");
    sync(&mut sun, &mut road, PATIENCE).await.expect("the server answers");
    place.stop();
    copy(&place.path("server"), &place.path("backup"));

    place.start();
    let mut road = client(&place, &sun);
    // Whatever becomes of them: their entries carry them.
    for n in 0..12 {
        let reason = format!("{n}{}", "另案处理".repeat(37_500));
        sun.ask(space, doc, Command::Drop { reason }).await.expect("it is saved");
    }
    while sync(&mut sun, &mut road, PATIENCE).await.expect("the server answers").undecided > 0 {}
    let head = sun.space(space).expect("it is here").head();
    place.stop();
    std::fs::remove_dir_all(place.path("server")).expect("it was there");
    std::fs::rename(place.path("backup"), place.path("server")).expect("it is there");

    place.start();
    let mut road = client(&place, &sun);
    sync(&mut sun, &mut road, PATIENCE).await.expect("the server answers");
    assert!(sun.space(space).expect("it is here").holds(&head), "no word was taken back");
    // Whoever comes now gets all of it from the server.
    place.enrol("limou", &place.address);
    let mut li = open(&place, "limou").await;
    let mut road = client(&place, &li);
    sync(&mut li, &mut road, PATIENCE).await.expect("the server answers");
    assert!(li.space(space).expect("it is here").holds(&head));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("room on the disk");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("a name");
        let to = to.join(entry.file_name());
        match entry.file_type().expect("a kind").is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).expect("room on the disk")),
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_leaves_no_core_file() {
    let place = Place::new();
    let path = format!("/proc/{}/limits", place.server_id());
    let limits = std::fs::read_to_string(path).expect("it can be read");
    let core = limits.lines().find(|l| l.starts_with("Max core file size")).expect("a line");
    let bytes: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(bytes, ["0", "0"]);
}
