//! Who gets in.
use reqwest::StatusCode;
use shared::{
    api::{
        enrol::{EnrolRequest, pin_words},
        paths,
    },
    workflow::ids,
};
use sync_server::admin::{Answer, Request};

use crate::{device::Device, place::Place};

#[tokio::test]
async fn a_code_enrols_one_device_once() {
    let place = Place::new().await;
    let mut device = Device::new(place.url(), 1);
    assert_eq!(device.try_log_in().await, StatusCode::UNAUTHORIZED, "not enrolled");
    let code = place.code("sunmou").await;
    let enrolled = device.enrol(&code.to_lowercase().replace('-', " ")).await.unwrap();
    assert_eq!(enrolled.person, place.person("sunmou"));
    assert_eq!(enrolled.name, "孙某");
    assert_eq!(enrolled.device, device.key.verifying_key().device_id());
    assert_eq!(enrolled.control_space, ids::control_space(enrolled.person));
    assert_eq!(enrolled.certificate, place.running().certificate());
    assert!(enrolled.training);
    device.log_in().await;

    let refused = Device::new(place.url(), 2).enrol(&code).await.unwrap_err();
    assert_eq!(refused.0, StatusCode::FORBIDDEN, "a code is spent by its use");
}

#[tokio::test]
async fn wrong_spent_and_late_codes_are_answered_alike() {
    let place = Place::new().await;
    let code = place.code("limou").await;
    // The open half is right, the secret half is not.
    let wrong = format!("{}{}", &code[..5], "AAAA-AAAA-AAAA-AAAA");
    let mut device = Device::new(place.url(), 1);
    let answer = device.enrol(&wrong).await.unwrap_err();
    let unknown = device.enrol("AAAA-AAAA-AAAA-AAAA-AAAA").await.unwrap_err();
    let senseless = device.enrol("谈话").await.unwrap_err();
    assert_eq!((&answer, &answer), (&unknown, &senseless));
    for _ in 1..5 {
        assert_eq!(device.enrol(&wrong).await.unwrap_err(), answer);
    }
    assert_eq!(device.enrol(&code).await.unwrap_err(), answer, "five wrong guesses were made");

    let code = place.code("limou").await;
    let clock = |minutes: i64| {
        let now = place.running().office().now().plus_millis(minutes * 60_000);
        place.ask(Request::SetClock { to: now })
    };
    clock(11).await;
    assert_eq!(device.enrol(&code).await.unwrap_err(), answer, "ten minutes are over");
    let code = place.code("limou").await;
    clock(9).await;
    device.enrol(&code).await.expect("nine are not");
}

#[tokio::test]
async fn a_proof_for_another_key_does_not_enrol() {
    let place = Place::new().await;
    let device = Device::new(place.url(), 1);
    let code = place.code("sunmou").await;
    let other = Device::new(place.url(), 2);
    let mut request = EnrolRequest::sign(&code, "", "甲", &device.key);
    request.key = EnrolRequest::sign(&code, "", "甲", &other.key).key;
    let answer = device.post(paths::ENROL, &request).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_machine_without_network_is_enrolled_by_file() {
    let place = Place::new().await;
    let mut device = Device::new(place.url(), 1);
    let request = EnrolRequest::sign("", "limou", "李某的离线机", &device.key);
    let answer = place.ask(Request::Enrol { request, person: None }).await;
    let Answer::Enrolled { grant, pin, .. } = answer else { panic!("{answer:?}") };
    let enrolled = grant.open().expect("the server signed it");
    assert_eq!(enrolled.person, place.person("limou"));
    assert_eq!(pin, pin_words(&enrolled.certificate));
    assert_eq!(grant.url, place.url());
    device.log_in().await;
}

#[tokio::test]
async fn a_revoked_device_reads_nothing_more_and_cannot_come_back() {
    let place = Place::new().await;
    let mut device = place.device("sunmou", 1).await;
    device.catch_up().await;
    assert!(device.cursors.contains_key(&place.engagement()));
    let id = device.key.verifying_key().device_id().to_string();
    let revoke = Request::Revoke { device: id[..8].into(), reason: "遗失".into() };
    assert!(matches!(place.ask(revoke).await, Answer::Done));
    let before = device.cursors.clone();
    device.catch_up().await;
    assert_eq!(device.cursors, before);
    let code = place.code("sunmou").await;
    assert_eq!(device.enrol(&code).await.unwrap_err().0, StatusCode::FORBIDDEN);
}
