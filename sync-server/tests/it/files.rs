//! Files in chunks.
use reqwest::{Method, Response, StatusCode};
use shared::{
    api::{files, paths, session::Problem},
    crypto::{
        Context,
        hash::{self, ContentHasher},
        manifest::SEALED,
    },
    journal::entry::Verdict,
    model::{
        Digest, DocId, EvidenceId, SpaceId, Timestamp,
        evidence::{Evidence, EvidenceClass, EvidenceKind, FileKey, FileRef},
    },
    workflow::Command,
};

use sync_server::admin::{Answer, Request};

use crate::{device::Device, place::Place};

async fn request(device: &Device, method: Method, space: SpaceId, name: &Digest) -> Response {
    let url = format!("{}{}", device.url, paths::file(space, name));
    device.client.request(method, url).bearer_auth(&device.token).send().await.unwrap()
}

async fn put(
    device: &Device,
    space: SpaceId,
    name: &Digest,
    offset: usize,
    bytes: &[u8],
    total: usize,
) -> Response {
    let hash = files::chunk_hash(name, offset as u64, bytes).to_string();
    let url = format!("{}{}", device.url, paths::file(space, name));
    let request = device.client.put(url).bearer_auth(&device.token);
    let request = request.header(files::OFFSET, offset.to_string());
    let request = request.header(files::TOTAL, total.to_string()).header(files::HASH, hash);
    request.body(bytes.to_vec()).send().await.unwrap()
}

fn held(answer: &Response) -> Option<u64> {
    answer.headers().get(files::HELD)?.to_str().ok()?.parse().ok()
}

#[tokio::test]
async fn a_file_goes_up_in_chunks_is_resumed_and_comes_down_whole() {
    let place = Place::new().await;
    let space = place.engagement();
    let sun = place.device("sunmou", 1).await;
    let name = hash::hash(Context("xunji test file"), &[b"1"]);
    let file: Vec<u8> = (0..files::CHUNK_LEN * 2 + 10).map(|i| (i % 251) as u8).collect();
    let chunk = |i: usize| &file[i * files::CHUNK_LEN..file.len().min((i + 1) * files::CHUNK_LEN)];
    let total = file.len();

    assert_eq!(held(&request(&sun, Method::HEAD, space, &name).await), Some(0));
    assert_eq!(put(&sun, space, &name, 0, chunk(0), total).await.status(), StatusCode::OK);
    let skipped = put(&sun, space, &name, 2 * files::CHUNK_LEN, chunk(2), total).await;
    assert_eq!(skipped.status(), StatusCode::CONFLICT);
    assert_eq!(held(&skipped), Some(files::CHUNK_LEN as u64), "it says where to go on");
    let none = request(&sun, Method::GET, space, &name).await.status();
    assert_eq!(none, StatusCode::NOT_FOUND, "half a file is none");
    let again = put(&sun, space, &name, 0, chunk(0), total).await;
    assert_eq!((again.status(), held(&again)), (StatusCode::OK, Some(files::CHUNK_LEN as u64)));
    for i in 1..3 {
        let answer = put(&sun, space, &name, i * files::CHUNK_LEN, chunk(i), total).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }

    let li = place.device("limou", 2).await;
    let mut read = Vec::new();
    while read.len() < total {
        let url = format!("{}{}?offset={}", li.url, paths::file(space, &name), read.len());
        let answer = li.client.get(url).bearer_auth(&li.token).send().await.unwrap();
        let hash: Digest = answer.headers()[files::HASH].to_str().unwrap().parse().unwrap();
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(hash, files::chunk_hash(&name, read.len() as u64, &bytes));
        read.extend_from_slice(&bytes);
    }
    assert_eq!(read, file);
}

/// An item of the evidence index whose file is these bytes.
fn evidence(place: &Place, name: Digest, sealed: &[u8]) -> Command {
    let mut hasher = ContentHasher::new(SEALED);
    hasher.update(sealed);
    let evidence = Evidence {
        id: EvidenceId::from_bytes([5; 16]),
        name: "采购合同".into(),
        kind: EvidenceKind::Document,
        class: EvidenceClass::Base,
        origin: "甲局财务科".into(),
        obtained_by: vec![place.person("sunmou")],
        obtained_on: "2026-05-07".into(),
        original_kept_at: String::new(),
        conclusive: false,
        size: sealed.len() as u64,
        content: Some(Digest([2; 32])),
        file: Some(FileRef {
            address: name,
            key: FileKey::from_bytes([3; 32]),
            len: sealed.len() as u64,
            chunk: 16,
            content: Digest([2; 32]),
            sealed: hasher.finish(),
        }),
    };
    Command::RegisterEvidence { evidence }
}

#[tokio::test]
async fn a_file_that_is_not_the_one_in_the_index_is_set_aside_and_can_be_sent_again() {
    let place = Place::new().await;
    let space = place.engagement();
    let mut sun = place.device("sunmou", 1).await;
    let name = hash::hash(Context("xunji test file"), &[b"5"]);
    let right: Vec<u8> = (0..files::CHUNK_LEN + 10).map(|i| (i % 251) as u8).collect();
    let mut wrong = right.clone();
    wrong[7] ^= 1;
    let (first, last) = (..files::CHUNK_LEN, files::CHUNK_LEN..);
    let command = evidence(&place, name, &right);
    let entry = sun.ask(space, DocId::from_bytes([8; 16]), command);
    sun.push(std::slice::from_ref(&entry)).await;
    assert_eq!(sun.verdict(&entry), Some(&Verdict::Accepted));

    // As from a laptop whose disk has changed a byte: each chunk arrives as it was sent.
    let total = wrong.len();
    let begun = put(&sun, space, &name, 0, &wrong[first], total).await;
    assert_eq!(begun.status(), StatusCode::OK);
    let ended = put(&sun, space, &name, files::CHUNK_LEN, &wrong[last.clone()], total).await;
    assert_eq!((ended.status(), held(&ended)), (StatusCode::UNPROCESSABLE_ENTITY, Some(0)));
    let problem: Problem = ended.json().await.unwrap();
    assert_eq!(problem.error, "file_differs");
    let none = request(&sun, Method::GET, space, &name).await.status();
    assert_eq!(none, StatusCode::NOT_FOUND, "nobody gets it");
    assert_eq!(held(&request(&sun, Method::HEAD, space, &name).await), Some(0));
    let folder = place.folder.path().join("files").join(space.to_string());
    let aside = folder.join(&name.to_string()[..2]).join(format!("{name}.wrong"));
    assert_eq!(std::fs::read(aside).unwrap(), wrong, "and it is not lost");

    // Somebody else has it whole.
    let li = place.device("limou", 2).await;
    for (offset, bytes) in [(0, &right[first]), (files::CHUNK_LEN, &right[last])] {
        let answer = put(&li, space, &name, offset, bytes, total).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    assert_eq!(request(&sun, Method::GET, space, &name).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_damaged_chunk_and_a_stranger_are_refused() {
    let place = Place::new().await;
    let space = place.engagement();
    let sun = place.device("sunmou", 1).await;
    let name = hash::hash(Context("xunji test file"), &[b"2"]);
    let url = format!("{}{}", sun.url, paths::file(space, &name));
    let hash = files::chunk_hash(&name, 0, "甲".as_bytes()).to_string();
    let damaged = sun.client.put(url).bearer_auth(&sun.token);
    let damaged = damaged.header(files::OFFSET, "0").header(files::TOTAL, "3");
    let answer = damaged.header(files::HASH, hash).body("乙").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(put(&sun, space, &name, 0, "甲".as_bytes(), 3).await.status(), StatusCode::OK);

    let wei = place.device("weimou", 3).await;
    for method in [Method::GET, Method::HEAD] {
        let answer = request(&wei, method, space, &name).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    let answer = put(&wei, space, &name, 0, "甲".as_bytes(), 3).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let nowhere = put(&wei, SpaceId::from_bytes([9; 16]), &name, 0, "甲".as_bytes(), 3).await;
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_loses_the_right_in_the_middle_of_a_file_gets_no_further_chunk() {
    let place = Place::new().await;
    let set = async |day: &str| {
        let at = format!("{day}T09:00:00+08:00").parse::<jiff::Timestamp>().unwrap();
        let to = Timestamp(at.as_millisecond());
        assert!(matches!(place.ask(Request::SetClock { to }).await, Answer::Done));
    };
    set("2026-05-09").await;
    let mut plan = place.plan.clone();
    let li = place.person("limou");
    let held = plan.appointments.iter_mut().find(|a| a.person == li).unwrap();
    held.until = Some("2026-05-10".parse().unwrap());
    let answer = place.ask(Request::Apply { plan: Box::new(plan), clock: None }).await;
    assert!(matches!(answer, Answer::Changes { .. }), "{answer:?}");

    let space = place.engagement();
    let sun = place.device("sunmou", 1).await;
    let li = place.device("limou", 2).await;
    let name = hash::hash(Context("xunji test file"), &[b"3"]);
    let total = files::CHUNK_LEN * 3;
    let chunk = vec![7; files::CHUNK_LEN];
    for i in 0..2 {
        let answer = put(&sun, space, &name, i * files::CHUNK_LEN, &chunk, total).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let last = put(&li, space, &name, 2 * files::CHUNK_LEN, &chunk, total).await;
    assert_eq!(last.status(), StatusCode::OK, "any member may go on with it");
    let from = async |device: &Device, offset: usize| {
        let url = format!("{}{}?offset={offset}", device.url, paths::file(space, &name));
        device.client.get(url).bearer_auth(&device.token).send().await.unwrap().status()
    };
    assert_eq!(from(&li, 0).await, StatusCode::OK);

    set("2026-05-11").await;
    assert_eq!(from(&li, files::CHUNK_LEN).await, StatusCode::NOT_FOUND);
    let asked = request(&li, Method::HEAD, space, &name).await.status();
    assert_eq!(asked, StatusCode::NOT_FOUND);
    let other = hash::hash(Context("xunji test file"), &[b"4"]);
    let sent = put(&li, space, &other, 0, "甲".as_bytes(), 3).await.status();
    assert_eq!(sent, StatusCode::NOT_FOUND, "nor is anything taken");
    assert_eq!(from(&sun, files::CHUNK_LEN).await, StatusCode::OK);
}
