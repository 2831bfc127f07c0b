//! A server restored from an older copy of its folder.
use shared::{
    journal::{
        entry::Verdict,
        envelope::Envelope,
        frame::{Down, Up},
    },
    workflow::Command,
};
use tempfile::TempDir;

use crate::{
    device::Device,
    place::{Place, Process, json, run},
};

fn news(frame: &Down) -> bool {
    matches!(frame, Down::Entries { .. })
}

async fn move_to(device: &mut Device, process: &Process) {
    device.url.clone_from(&process.url);
    device.log_in().await;
}

#[tokio::test]
async fn laptops_bring_back_what_a_restored_server_lost() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    // A laptop of another group, which will not be heard of for long.
    let mut wei = place.device("weimou", 3).await;
    wei.catch_up().await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    sun.push(std::slice::from_ref(&birth)).await;
    place.stop().await;
    let old = TempDir::new().unwrap();
    let copy = old.path().join("journal.sqlite");
    assert!(run(&["backup", copy.to_str().unwrap()], place.folder.path()).status.success());

    // What the copy does not have: edits, a record that was dropped, and a new laptop.
    place.start(|_| {}).await;
    for device in [&mut sun, &mut li] {
        device.url = place.url();
        device.log_in().await;
        device.catch_up().await;
    }
    let mut zhao = place.device("zhaomou", 4).await;
    zhao.catch_up().await;
    let (_, doomed, other) = sun.workpaper(space, 9);
    sun.push(std::slice::from_ref(&other)).await;
    let drop_it = zhao.ask(space, doomed, Command::Drop { reason: "另案处理".into() });
    zhao.push(std::slice::from_ref(&drop_it)).await;
    assert_eq!(zhao.verdict(&drop_it), Some(&Verdict::Accepted));
    let lost: Vec<Envelope> =
        (0..3).map(|n| sun.write(space, doc, &mut document, &n.to_string())).collect();
    sun.push(&lost).await;
    assert!(lost.iter().all(|e| sun.verdict(e) == Some(&Verdict::Main)));
    li.catch_up().await;
    let told = li.cursors[&space];
    place.stop().await;

    let mut process = Process::start(old.path()).await;
    let health = |folder: &TempDir| json(&run(&["healthcheck"], folder.path()));
    let before = health(&old);
    assert_eq!(before["recovering"], false);
    move_to(&mut li, &process).await;
    assert!(li.contact().await > 0, "whoever gives back is told to come again");
    let now = health(&old);
    assert_eq!(now["recovering"], true);
    assert_eq!(now["epoch"].as_u64(), before["epoch"].as_u64().map(|e| e + 1));
    // 赵某's laptop is newer than the copy; what others brought back vouches for it.
    move_to(&mut zhao, &process).await;
    zhao.contact().await;
    move_to(&mut sun, &process).await;
    sun.contact().await;
    for device in [&sun, &li] {
        let since = device.entries.iter().find(|e| e.cursor() == told);
        assert!(since.is_some(), "what was said stands");
    }

    // Text goes on at once, a request waits until recovery is over.
    let edit = sun.write(space, doc, &mut document, "恢复期间：");
    let said = [sun.have(), Up::Push { envelopes: vec![edit.clone()] }];
    let mut heard = sun.exchange(&said, 0).await;
    assert!(sun.receipted(&heard, &edit));
    while sun.verdict(&edit).is_none() {
        let have = sun.have();
        heard = sun.exchange(&[have], 20_000).await;
        assert!(heard.iter().any(news), "it comes in time");
    }
    assert_eq!(sun.verdict(&edit), Some(&Verdict::Main));
    let request = zhao.ask(space, doc, Command::Drop { reason: "不再需要".into() });
    let said = [zhao.have(), Up::Push { envelopes: vec![request.clone()] }];
    heard = zhao.exchange(&said, 0).await;
    assert!(zhao.receipted(&heard, &request));
    assert_eq!(zhao.verdict(&request), None);
    assert_eq!(health(&old)["recovering"], true, "卫某 was not heard of");
    assert!(run(&["admin", "end-recovery"], old.path()).status.success());
    assert_eq!(health(&old)["recovering"], false);
    while zhao.verdict(&request).is_none() {
        let have = zhao.have();
        heard = zhao.exchange(&[have], 20_000).await;
        assert!(heard.iter().any(news), "it comes in time");
    }
    assert_eq!(zhao.verdict(&request), Some(&Verdict::Accepted));

    // The silent one comes, and everything that anybody was told is there for a reader who
    // begins anew, also after another restart.
    move_to(&mut wei, &process).await;
    wei.contact().await;
    process.kill();
    let mut process = Process::start(old.path()).await;
    let mut reader = Device::new(process.url.clone(), 5);
    let code = json(&run(&["admin", "invite", "zhoumou"], old.path()));
    reader.enrol(code["code"].as_str().unwrap()).await.unwrap();
    reader.log_in().await;
    reader.catch_up().await;
    let all = [birth, other, drop_it, edit, request];
    for envelope in all.iter().chain(&lost) {
        assert_eq!(reader.bodies.get(&envelope.hash()), Some(envelope));
    }
    let same = li.entries.iter().filter(|e| e.body().space == space);
    let stands = |e: &&shared::journal::entry::Entry| reader.entries.contains(e);
    assert!(same.into_iter().all(|e| stands(&e)), "no word was taken back");
    process.kill();
    assert!(!process.whole_log().contains("decided otherwise"), "no verdict clashes");
}
