//! One device, or one address, that asks for too much costs the others nothing.
use reqwest::{Method, StatusCode};
use shared::{
    api::{
        files::{CHUNK_LEN, HASH, HELD, OFFSET, TOTAL, chunk_hash},
        paths,
        session::Problem,
    },
    journal::{
        entry::Verdict,
        envelope::Envelope,
        frame::{Reject, Up},
    },
    model::{Digest, DocId},
    workflow::Command,
};
use sync_server::{Limits, limits::Rate};

use crate::{
    device::{Device, rejected},
    link::Link,
    place::{Place, Process},
};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// The example round under these limits.
async fn place(change: impl FnOnce(&mut Limits)) -> Place {
    let mut place = Place::new().await;
    place.stop().await;
    place.start(|config| change(&mut config.limits)).await;
    place
}

#[tokio::test]
async fn what_waits_for_others_is_bounded_for_each_device_and_goes_on_later() {
    let place = place(|limits| limits.undecided = 3).await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    // 李某 floods a document whose birth has not arrived: each edit would wait for it.
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let flood: Vec<Envelope> =
        (0..6).map(|n| li.write(space, doc, &mut document, &n.to_string())).collect();
    let heard = li.exchange(&[Up::Push { envelopes: flood.clone() }], 0).await;
    let taken = flood.iter().filter(|e| li.receipted(&heard, e)).count();
    assert_eq!(taken, 3);
    for over in &flood[3..] {
        assert_eq!(rejected(&heard, over), Some(&Reject::Quota));
    }
    // Others are not held up, and once the wait is over there is room again.
    sun.push(std::slice::from_ref(&birth)).await;
    assert_eq!(sun.verdict(&birth), Some(&Verdict::Main));
    li.push(&flood[3..]).await;
    let left: Vec<_> = flood.iter().filter(|e| li.verdict(e).is_none()).cloned().collect();
    if !left.is_empty() {
        li.push(&left).await;
    }
    assert!(flood.iter().all(|e| li.verdict(e) == Some(&Verdict::Main)), "nothing was lost");
}

#[tokio::test]
async fn bytes_are_counted_for_each_device_and_a_link_over_them_is_closed() {
    let mut place = place(|limits| limits.journal = Rate::new(64, DAY)).await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let long = "整改".repeat(4000);
    let mut all = vec![birth];
    all.extend((0..4).map(|_| sun.write(space, doc, &mut document, &long)));
    let mut link = Link::open(&sun).await;
    link.say(&Up::Push { envelopes: all.clone() }).await;
    let mut heard = Vec::new();
    while let Some(frame) = link.next().await {
        sun.take(&frame);
        heard.push(frame);
    }
    assert_eq!(link.closed_with, Some(1013), "come back later");
    assert!(sun.receipted(&heard, &all[0]));
    assert_eq!(rejected(&heard, &all[4]), Some(&Reject::Quota));
    // What is stored is answered again for nothing; the rest still waits.
    let heard = sun.exchange(&[Up::Push { envelopes: all.clone() }], 0).await;
    assert!(sun.receipted(&heard, &all[0]));
    assert_eq!(rejected(&heard, &all[4]), Some(&Reject::Quota));
    let (_, _, other) = li.workpaper(space, 8);
    li.push(std::slice::from_ref(&other)).await;
    assert_eq!(li.verdict(&other), Some(&Verdict::Main), "another device has its own");

    place.restart().await;
    sun.url = place.url();
    sun.log_in().await;
    sun.catch_up().await;
    let left: Vec<_> = all.iter().filter(|e| sun.verdict(e).is_none()).cloned().collect();
    sun.push(&left).await;
    assert!(all.iter().all(|e| sun.verdict(e) == Some(&Verdict::Main)));
}

#[tokio::test]
async fn tries_sessions_and_exchanges_are_counted() {
    let minute = std::time::Duration::from_secs(3600);
    let place = place(|limits| {
        limits.enrol = Rate::new(3, minute);
        limits.sessions = Rate::new(2, minute);
        limits.exchanges = Rate::new(4, minute);
    })
    .await;
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    let guess =
        |device: Device| async move { device.enrol_status("AAAA-AAAA-AAAA-AAAA-AAAA").await };
    assert_eq!(guess(Device::new(place.url(), 3)).await, StatusCode::FORBIDDEN);
    assert_eq!(guess(Device::new(place.url(), 3)).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(sun.try_log_in().await, StatusCode::OK);
    assert_eq!(sun.try_log_in().await, StatusCode::TOO_MANY_REQUESTS);
    for _ in 0..4 {
        sun.catch_up().await;
    }
    let answer = sun.post(paths::EXCHANGE, &()).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("retry-after"));
    li.catch_up().await;
}

#[tokio::test]
async fn files_have_a_bound_and_leave_the_journal_room() {
    let chunk = |device: &Device, place: &Place| {
        let (bytes, name) = (vec![7; CHUNK_LEN], Digest([9; 32]));
        let url = format!("{}{}", device.url, paths::file(place.engagement(), &name));
        let offset = 0_u64;
        let request = device.client.put(url).bearer_auth(&device.token);
        let request = request.header(OFFSET, offset).header(TOTAL, 10 * CHUNK_LEN);
        let hash = chunk_hash(&name, offset, &bytes).to_string();
        request.header(HASH, hash).body(bytes).send()
    };
    let little = place(|limits| limits.files = Rate::new(100, DAY)).await;
    let sun = little.device("sunmou", 1).await;
    let answer = chunk(&sun, &little).await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()[HELD], "0");
    assert_eq!(answer.json::<Problem>().await.unwrap().error, "too_many");

    let full = place(|limits| limits.reserve = u64::MAX).await;
    let mut sun = full.device("sunmou", 1).await;
    let answer = chunk(&sun, &full).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(answer.json::<Problem>().await.unwrap().error, "full");
    let (_, _, birth) = sun.workpaper(full.engagement(), 7);
    sun.push(std::slice::from_ref(&birth)).await;
    assert_eq!(sun.verdict(&birth), Some(&Verdict::Main), "text goes before files");
}

#[tokio::test]
async fn an_operator_sets_what_a_device_may_bring() {
    let mut place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    place.stop().await;
    let mut process = Process::with(place.folder.path(), |command| {
        command.args(["--device-text", "1", "--keep-free", "4000000000"]);
    })
    .await;
    sun.url.clone_from(&process.url);
    sun.log_in().await;
    let long = || Command::Drop { reason: "长".repeat(400 * 1024 / "长".len()) };
    let asked: Vec<Envelope> =
        (0..3).map(|_| sun.ask(space, DocId::from_bytes([7; 16]), long())).collect();
    let heard = sun.push(&asked).await;
    let taken: Vec<bool> = asked.iter().map(|e| sun.receipted(&heard, e)).collect();
    assert_eq!(taken, [true, true, false], "two fit into a MiB");
    assert_eq!(rejected(&heard, &asked[2]), Some(&Reject::Quota));

    let name = Digest([9; 32]);
    let file = sun.client.put(format!("{}{}", sun.url, paths::file(space, &name)));
    let file = file.bearer_auth(&sun.token).header(OFFSET, "0").header(TOTAL, "3");
    let file = file.header(HASH, chunk_hash(&name, 0, "甲".as_bytes()).to_string());
    let answer = file.body("甲").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::INSUFFICIENT_STORAGE, "so much is not free anywhere");
    assert_eq!(process.terminate().await, Some(0));
}

#[tokio::test]
async fn every_refusal_has_the_same_form() {
    let place = Place::new().await;
    let sun = place.device("sunmou", 1).await;
    let ask = |method: Method, path: &str| {
        sun.client.request(method, format!("{}{path}", sun.url)).bearer_auth(&sun.token)
    };
    let json =
        |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    let file = paths::file(place.engagement(), &Digest([9; 32]));
    let cases = [
        (ask(Method::GET, "/v2/nothing"), 404, "not_found"),
        (ask(Method::DELETE, paths::EXCHANGE), 405, "method"),
        (json(ask(Method::POST, paths::ENROL)).body("{"), 400, "bad_request"),
        (json(ask(Method::POST, paths::ENROL)).body("{}"), 422, "bad_request"),
        (ask(Method::POST, paths::SESSION).body("{}"), 415, "bad_request"),
        (json(ask(Method::POST, paths::ENROL)).body(vec![b' '; 100_000]), 413, "too_long"),
        (ask(Method::POST, "/v1/exchange?wait=soon"), 400, "bad_request"),
        (ask(Method::POST, paths::EXCHANGE).body("frames"), 400, "bad_request"),
        (
            sun.client.post(format!("{}{}", sun.url, paths::EXCHANGE)).bearer_auth("wrong"),
            401,
            "no_session",
        ),
        (ask(Method::GET, &file), 404, "no_space"),
        (ask(Method::PUT, &file).body("bytes"), 400, "chunk"),
        (ask(Method::GET, paths::LINK), 400, "bad_request"),
    ];
    for (n, (request, status, code)) in cases.into_iter().enumerate() {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "case {n}");
        let body = answer.text().await.unwrap();
        let problem: Problem =
            serde_json::from_str(&body).unwrap_or_else(|_| panic!("case {n}: {body}"));
        assert_eq!(problem.error, code, "case {n}");
    }
}
