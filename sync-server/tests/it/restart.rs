//! What a server keeps when it ends, well or badly.
use shared::journal::{entry::Verdict, frame::Reject};
use sync_server::{
    ServeError,
    admin::{Answer, Request, channel},
    store::StoreError,
};

use crate::{
    device::{Device, rejected},
    place::{Place, Process, config},
};

#[tokio::test]
async fn a_restart_keeps_everything_and_sends_it_again() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    sun.push(std::slice::from_ref(&birth)).await;
    let (before, certificate) = (sun.cursors.clone(), place.running().certificate());

    place.restart().await;
    assert_eq!(place.running().certificate(), certificate, "it is pinned");
    sun.url = place.url();
    sun.log_in().await;
    sun.catch_up().await;
    assert_eq!(sun.cursors, before, "nothing new, nothing lost");
    let mut li = place.device("limou", 2).await;
    li.catch_up().await;
    assert_eq!(li.bodies.get(&birth.hash()), Some(&birth));
    let edit = sun.write(space, doc, &mut document, "续：");
    sun.push(std::slice::from_ref(&edit)).await;
    assert_eq!(sun.verdict(&edit), Some(&Verdict::Main), "the chain goes on");
}

#[tokio::test]
async fn a_second_server_on_the_folder_is_refused_and_says_why() {
    let place = Place::new().await;
    let second = sync_server::start(config(place.folder.path())).await;
    assert!(matches!(second, Err(ServeError::Store(StoreError::InUse(_)))));
}

#[tokio::test]
async fn a_full_disk_keeps_nothing_half_and_later_works() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    place.stop().await;
    // As many pages as there are: the next commit finds no room.
    let size = std::fs::metadata(place.folder.path().join("journal.sqlite")).unwrap().len();
    let pages = u32::try_from(size / 4096).unwrap() + 2;
    place.start(|config| config.store.max_pages = Some(pages)).await;
    sun.url = place.url();
    sun.log_in().await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let edit = sun.write(space, doc, &mut document, &"整改".repeat(8000));
    let heard = sun.push(&[birth.clone(), edit.clone()]).await;
    assert_eq!(rejected(&heard, &birth), Some(&Reject::Full));
    assert_eq!(rejected(&heard, &edit), Some(&Reject::Full));
    let answer = place.ask(Request::Health).await;
    assert!(matches!(answer, Answer::Health { undecided: 0, .. }), "{answer:?}");

    place.restart().await;
    sun.url = place.url();
    sun.log_in().await;
    let heard = sun.push(&[birth.clone(), edit.clone()]).await;
    assert!(sun.receipted(&heard, &birth));
    assert_eq!(sun.verdict(&edit), Some(&Verdict::Main));
}

#[tokio::test]
async fn a_killed_server_has_kept_every_receipt() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let code = place.code("sunmou").await;
    place.stop().await;
    let mut process = Process::start(place.folder.path()).await;
    let mut sun = Device::new(process.url.clone(), 1);
    sun.enrol(&code).await.unwrap();
    sun.log_in().await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let mut all = vec![birth];
    for n in 0..20 {
        all.push(sun.write(space, doc, &mut document, &n.to_string()));
    }
    // No wait for decisions: the process dies in the middle of them.
    let heard =
        sun.exchange(&[shared::journal::frame::Up::Push { envelopes: all.clone() }], 0).await;
    process.kill();
    assert!(all.iter().all(|e| sun.receipted(&heard, e)));

    let process = Process::start(place.folder.path()).await;
    sun.url.clone_from(&process.url);
    sun.log_in().await;
    let heard = sun.push(&all).await;
    assert!(all.iter().all(|e| sun.receipted(&heard, e)), "it has them");
    assert!(all.iter().all(|e| sun.verdict(e) == Some(&Verdict::Main)));
    let health = channel::ask_running(place.folder.path(), Request::Health).await.unwrap();
    assert!(matches!(health, Answer::Health { undecided: 0, .. }), "{health:?}");
}
