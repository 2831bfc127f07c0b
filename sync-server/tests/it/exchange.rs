//! Envelopes up, entries down.
use std::time::Duration;

use reqwest::StatusCode;
use shared::{
    api::{frames, paths},
    journal::{
        entry::Verdict,
        envelope::Codec,
        frame::{Down, Reject, Up},
    },
    model::{ChangeHash, DocId, SpaceId},
    workflow::{Command, Event, ids},
};
use sync_server::admin::seed;

use crate::{
    device::{Device, rejected},
    place::Place,
};

#[tokio::test]
async fn content_gets_a_receipt_and_then_its_entry() {
    let place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let (_, doc, birth) = sun.workpaper(space, 7);
    let heard = sun.push(std::slice::from_ref(&birth)).await;
    assert!(sun.receipted(&heard, &birth));
    assert_eq!(sun.verdict(&birth), Some(&Verdict::Main));
    let receipt = heard.iter().position(|f| matches!(f, Down::Receipt(_)));
    let entry = heard.iter().rposition(|f| matches!(f, Down::Entries { .. }));
    assert!(receipt < entry, "stored comes before decided");
    let opened = sun.entries.iter().flat_map(|e| &e.body().events).any(|event| {
        event.doc == Some(doc)
            && matches!(event.read().map(|e| e.event), Some(Event::RecordOpened { .. }))
    });
    assert!(opened);
    assert!(!sun.bodies.contains_key(&birth.hash()), "who sent it is not sent it back");

    // Others of the group read it, with its bytes.
    let mut li = place.device("limou", 2).await;
    li.catch_up().await;
    assert_eq!(li.bodies.get(&birth.hash()), Some(&birth));
    // Another group knows nothing of it.
    let mut wei = place.device("weimou", 3).await;
    wei.catch_up().await;
    assert!(!wei.cursors.contains_key(&space));
    assert!(wei.cursors.contains_key(&ids::control_space(place.person("weimou"))));
}

#[tokio::test]
async fn sending_twice_is_harmless() {
    let place = Place::new().await;
    let mut sun = place.device("sunmou", 1).await;
    let (_, _, birth) = sun.workpaper(place.engagement(), 7);
    let both = [birth.clone(), birth.clone()];
    sun.push(&both).await;
    let entries = sun.entries.len();
    let heard = sun.push(&both).await;
    assert!(sun.receipted(&heard, &birth), "its receipt may have been lost");
    sun.catch_up().await;
    assert_eq!(sun.entries.len(), entries);
}

#[tokio::test]
async fn a_gap_says_from_where_to_send_and_a_fork_is_told() {
    let place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let first = sun.write(space, doc, &mut document, "一");
    let second = sun.write(space, doc, &mut document, "二");
    let heard = sun.push(std::slice::from_ref(&second)).await;
    assert_eq!(rejected(&heard, &second), Some(&Reject::ChainGap { expected: 0 }));
    let heard = sun.push(&[birth.clone(), second.clone()]).await;
    assert_eq!(rejected(&heard, &second), Some(&Reject::ChainGap { expected: 1 }));
    sun.push(&[birth, first.clone(), second.clone()]).await;
    assert_eq!(sun.verdict(&second), Some(&Verdict::Main));

    // The same disk on a second machine.
    let mut copy = Device::new(place.url(), 1);
    copy.server = sun.server;
    copy.log_in().await;
    let (mut document, doc, birth) = copy.workpaper(space, 7);
    let other = copy.write(space, doc, &mut document, "另一台机器上的");
    let heard = copy.push(&[birth, other.clone()]).await;
    let why = rejected(&heard, &other);
    assert!(matches!(why, Some(Reject::ChainForked { .. })), "{why:?}");
}

#[tokio::test]
async fn no_right_looks_like_no_space() {
    let place = Place::new().await;
    let mut wei = place.device("weimou", 3).await;
    let (_, _, foreign) = wei.workpaper(place.engagement(), 7);
    let (_, _, nowhere) = wei.workpaper(SpaceId::from_bytes([9; 16]), 7);
    let heard = wei.push(&[foreign.clone(), nowhere.clone()]).await;
    assert_eq!(rejected(&heard, &foreign), Some(&Reject::NoSpace));
    assert_eq!(rejected(&heard, &nowhere), Some(&Reject::NoSpace));
}

#[tokio::test]
async fn the_office_writes_no_text_of_a_group_and_a_refused_command_is_told() {
    let place = Place::new().await;
    let office = seed::office_space(place.plan.round.id);
    let mut zheng = place.device("zhengmou", 4).await;
    let (_, doc, birth) = zheng.workpaper(office, 7);
    let drop = zheng.ask(office, doc, Command::Drop { reason: "不再需要".into() });
    let heard = zheng.push(&[birth.clone(), drop.clone()]).await;
    assert!(zheng.receipted(&heard, &birth), "whatever the verdict, it is stored");
    assert!(matches!(zheng.verdict(&birth), Some(Verdict::Aside(_))));
    assert!(matches!(zheng.verdict(&drop), Some(Verdict::Declined(_))));
}

#[tokio::test]
async fn a_bomb_hurts_nobody() {
    let place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let (_, _, birth) = sun.workpaper(space, 7);
    // The head of a deflated change chunk, and of a whole document: both may inflate without
    // end, and neither is what an honest build sends.
    let hash = ChangeHash([1; 32]);
    let mut all = vec![birth.clone()];
    for kind in [0_u8, 2] {
        let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83, 1, 2, 3, 4, kind, 100];
        bytes.extend_from_slice(&[0xff; 100]);
        let doc = DocId::from_bytes([8 + kind; 16]);
        all.push(sun.seal(Codec::Content, space, doc, Some((hash, hash)), &bytes));
    }
    let heard = sun.push(&all).await;
    assert_eq!(sun.verdict(&birth), Some(&Verdict::Main));
    assert!(matches!(rejected(&heard, &all[1]), Some(Reject::BadBody { .. })));
    let mut li = place.device("limou", 2).await;
    let (_, _, next) = li.workpaper(space, 10);
    li.push(std::slice::from_ref(&next)).await;
    assert_eq!(li.verdict(&next), Some(&Verdict::Main));
}

/// What this comes to, long before an exchange would have waited for its full time.
async fn soon<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), answer).await.expect("it does not wait")
}

#[tokio::test]
async fn what_has_had_its_last_word_is_not_waited_for() {
    let place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    sun.push(std::slice::from_ref(&birth)).await;
    assert_eq!(sun.verdict(&birth), Some(&Verdict::Main));
    sun.catch_up().await;
    let said = [sun.have(), Up::Push { envelopes: vec![birth.clone()] }];
    let heard = soon(sun.exchange(&said, 60_000)).await;
    assert!(sun.receipted(&heard, &birth), "the entry is known: {heard:?}");

    // Held, because what it rests on has not arrived: that was said when it was.
    let missing = sun.write(space, doc, &mut document, "孙某：");
    let edit = li.write(space, doc, &mut document, "李某：");
    li.push(std::slice::from_ref(&edit)).await;
    let said = [li.have(), Up::Push { envelopes: vec![edit.clone()] }];
    let heard = soon(li.exchange(&said, 60_000)).await;
    assert!(li.receipted(&heard, &edit));
    assert_eq!(li.verdict(&edit), None);
    sun.push(std::slice::from_ref(&missing)).await;
    while li.verdict(&edit).is_none() {
        let have = li.have();
        assert!(li.exchange(&[have], 20_000).await.len() > 1, "news comes in time");
    }
}

#[tokio::test]
async fn an_edit_may_arrive_before_what_it_rests_on() {
    let place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let mut li = place.device("limou", 2).await;
    let (mut document, doc, birth) = sun.workpaper(space, 7);
    let edit = li.write(space, doc, &mut document, "李某补充：");
    let heard = li.push(std::slice::from_ref(&edit)).await;
    assert!(li.receipted(&heard, &edit));
    let missing = heard.iter().find_map(|frame| match frame {
        Down::Held { envelope, missing } if *envelope == edit.hash() => Some(missing.clone()),
        _ => None,
    });
    assert_eq!(missing, birth.header().last.map(|hash| vec![hash]));
    sun.push(std::slice::from_ref(&birth)).await;
    while li.verdict(&edit).is_none() {
        let have = li.have();
        assert!(li.exchange(&[have], 20_000).await.len() > 1, "news comes in time");
    }
    assert_eq!(li.verdict(&edit), Some(&Verdict::Main));
}

#[tokio::test]
async fn an_exchange_needs_a_session_and_whole_frames() {
    let place = Place::new().await;
    let mut sun = place.device("sunmou", 1).await;
    let mut body = Vec::new();
    frames::push(&mut body, &sun.have());
    let post = |token: &str, body: Vec<u8>| {
        let url = format!("{}{}", sun.url, paths::EXCHANGE);
        sun.client.post(url).bearer_auth(token).body(body).send()
    };
    let status = post("falsch", body.clone()).await.unwrap().status();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let status = post(&sun.token, body[..body.len() - 1].to_vec()).await.unwrap().status();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let heard = sun.exchange(&[Up::Have { spaces: Vec::new() }], 0).await;
    assert!(matches!(heard[0], Down::Welcome { .. }));
    assert!(matches!(heard.last(), Some(Down::Head { .. })));
}
