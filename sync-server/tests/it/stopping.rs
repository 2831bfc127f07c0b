//! How a server ends when it is told to, and what it has logged by then.
use shared::{
    journal::{
        entry::Verdict,
        frame::{Down, Up},
    },
    workflow::Command,
};

use crate::{
    device::Device,
    link::Link,
    place::{Place, Process, json, run},
};

#[tokio::test]
async fn a_server_that_is_told_to_stop_ends_well() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    place.stop().await;
    let mut process = Process::start(place.folder.path()).await;
    for device in [&mut sun, &mut li] {
        device.url.clone_from(&process.url);
        device.log_in().await;
        device.catch_up().await;
    }
    // One waits for news on a live link, one in an exchange, while commits are under way.
    let mut link = Link::open(&li).await;
    link.say(&li.have()).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let mut all = vec![birth];
    all.extend((0..50).map(|n| sun.write(space, doc, &mut document, &n.to_string())));
    let push = [Up::Push { envelopes: all.clone() }];
    let (heard, code) = tokio::join!(sun.exchange(&push, 0), async {
        // The stop comes when the first of it is decided: so all of it was taken, in one commit,
        // and most of it is still to be decided.
        link.until(&mut li, |_, f| matches!(f, Down::Entries { .. })).await;
        process.terminate().await
    });
    assert_eq!(code, Some(0));
    while link.next().await.is_some() {}
    assert_eq!(link.closed_with, Some(1001), "the link is closed, not cut");
    assert!(!place.folder.path().join("admin.json").exists());
    assert!(all.iter().all(|e| sun.receipted(&heard, e)), "what was taken is answered");

    let process = Process::start(place.folder.path()).await;
    sun.url.clone_from(&process.url);
    sun.log_in().await;
    // Nothing is sent again: what was receipted is decided by itself.
    while !all.iter().all(|e| sun.verdict(e) == Some(&Verdict::Main)) {
        let have = sun.have();
        let heard = sun.exchange(&[have], 20_000).await;
        let news = heard.iter().any(|f| matches!(f, Down::Entries { .. }));
        assert!(news, "none was lost");
    }
}

#[tokio::test]
async fn the_log_names_ids_and_never_what_was_written() {
    let mut place = Place::new().await;
    place.stop().await;
    let folder = &place.folder;
    let mut process = Process::with(folder.path(), |command| {
        command.env("XUNJI_LOG", "debug");
    })
    .await;
    let space = place.engagement();
    let invited = json(&run(&["admin", "invite", "sunmou"], folder.path()));
    let code = invited["code"].as_str().unwrap().to_owned();
    let mut sun = Device::new(process.url.clone(), 1);
    sun.enrol(&code).await.unwrap();
    sun.log_in().await;
    const CANARY: &str = "金丝雀-7319";
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let edit = sun.write(space, doc, &mut document, CANARY);
    let drop_it = sun.ask(space, doc, Command::Drop { reason: CANARY.into() });
    sun.push(&[birth, edit.clone(), drop_it]).await;
    assert_eq!(sun.verdict(&edit), Some(&Verdict::Main));
    // What does not read is not quoted either: a request, an envelope, a code, a path.
    let url = |path: &str| format!("{}{path}", sun.url);
    let post = |path: &str| sun.client.post(url(path)).header("content-type", "application/json");
    let quoted = format!("{{\"code\":\"{CANARY}\"}}");
    for path in ["/v1/enrol", "/v1/session", "/v1/exchange"] {
        post(path).bearer_auth(&sun.token).body(quoted.clone()).send().await.unwrap();
    }
    assert!(sun.enrol(CANARY).await.is_err());
    let revoked = sun.key.verifying_key().device_id().to_string();
    assert!(
        run(&["admin", "revoke", &revoked, "--reason", CANARY], folder.path()).status.success()
    );
    assert_eq!(process.terminate().await, Some(0));
    let log = process.whole_log();
    assert!(log.contains("listening") && log.contains("stopping"));
    for secret in
        [CANARY, "采购拆分", "孙某", "测试笔记本", &code, &code.replace('-', ""), &sun.token]
    {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
