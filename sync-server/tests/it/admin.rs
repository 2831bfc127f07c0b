//! What an administrator does, by the command line and to the spaces.
use shared::{
    journal::frame::Down,
    model::{Timestamp, round::Role},
    workflow::{DocEvent, Event, SpaceKind, SpaceState, ids},
};
use sync_server::{
    admin::{Answer, Request, channel, seed},
    store::{SqliteOptions, SqliteStore, Store},
};

use crate::{
    device::Device,
    place::{Place, Process, example, json, run},
};

fn example_path() -> String {
    format!("{}/../docs/examples/round-2026R2.toml", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn the_command_line_works_with_and_without_a_running_server() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = example_path();
    let checked = run(&["admin", "check", &file], folder.path());
    assert!(checked.status.success());
    assert!(!json(&checked)["changes"].as_array().unwrap().is_empty());
    assert!(run(&["admin", "apply", &file], folder.path()).status.success());
    let again = run(&["admin", "check", &file], folder.path());
    assert!(json(&again)["changes"].as_array().unwrap().is_empty(), "it is applied");
    assert!(!run(&["healthcheck"], folder.path()).status.success(), "none runs");

    let mut process = Process::start(folder.path()).await;
    let invited = json(&run(&["admin", "invite", "sunmou"], folder.path()));
    assert_eq!(invited["person"], "孙某");
    assert_eq!(invited["url"], process.url.as_str());
    let mut device = Device::new(process.url.clone(), 1);
    device.enrol(invited["code"].as_str().unwrap()).await.unwrap();
    let health = json(&run(&["healthcheck"], folder.path()));
    assert_eq!(health["training"], true);
    let moved = run(&["admin", "clock", "set", "2026-05-20T09:00:00+08:00"], folder.path());
    assert!(moved.status.success());
    let health = json(&run(&["healthcheck"], folder.path()));
    let now = health["now"].as_i64().unwrap();
    assert!((1_779_238_800_000..1_779_238_860_000).contains(&now), "{now}");

    let copy = folder.path().join("copy.sqlite");
    assert!(run(&["backup", copy.to_str().unwrap()], folder.path()).status.success());
    process.kill();
    // The copy is a whole server.
    let restored = tempfile::TempDir::new().unwrap();
    std::fs::rename(copy, restored.path().join("journal.sqlite")).unwrap();
    let process = Process::start(restored.path()).await;
    device.url.clone_from(&process.url);
    device.log_in().await;

    let nobody = run(&["admin", "invite", "niemand"], restored.path());
    assert_eq!(nobody.status.code(), Some(3));
    assert_eq!(json(&nobody)["why"], "no_person");
}

async fn state(place: &Place, space: shared::model::SpaceId) -> SpaceState {
    place.running().office().state(space).await.expect("the space is there")
}

#[tokio::test]
async fn a_round_opens_a_space_for_every_audience() {
    let place = Place::new().await;
    let round = place.plan.round.id;
    let engagement = state(&place, place.engagement()).await;
    let info = engagement.info.as_ref().unwrap();
    assert_eq!((info.title.as_str(), info.prefix.as_str()), ("第三组·甲局", "2026R2-G3"));
    assert_eq!(info.links.desk, Some(seed::desk_space(round, "JIA")));
    assert!(engagement.rule_pack.is_some() && engagement.calendar.is_some());
    let names: Vec<_> = engagement.members.values().map(|m| m.name.as_str()).collect();
    assert_eq!(names.len(), 5, "the group and nobody else: {names:?}");
    let guests: Vec<_> = info.office_people.iter().map(|g| g.name.as_str()).collect();
    assert_eq!(guests, ["吴某", "郑某"]);

    let desk = state(&place, seed::desk_space(round, "JIA")).await;
    let holds = |person: &str, role| desk.members[&place.person(person)].roles.contains(&role);
    assert!(holds("wangmou", Role::UnitHead) && holds("fengmou", Role::Liaison));
    assert!(holds("zhaomou", Role::GroupLeader) && holds("wumou", Role::Delegate));
    assert!(!desk.members.contains_key(&place.person("shenmou")), "乙镇 has a desk of its own");

    let office = state(&place, seed::office_space(round)).await;
    assert!(!office.members.contains_key(&place.person("xumou")), "no content for operators");
    let control = state(&place, ids::control_space(place.person("sunmou"))).await;
    assert!(control.grants.contains_key(&place.engagement()));
    assert!(control.grants.values().all(|g| g.kind != SpaceKind::Office));
}

/// What applying this plan would say now, in words of events.
async fn words(place: &Place, plan: &sync_server::admin::round_file::RoundPlan) -> Vec<Event> {
    let mut states = std::collections::BTreeMap::new();
    let round = plan.round.id;
    let mut ids: Vec<_> = plan.people.iter().map(|p| ids::control_space(p.id)).collect();
    ids.push(seed::office_space(round));
    ids.extend(plan.groups.iter().map(|g| seed::group_space(round, &g.code)));
    ids.extend(plan.engagements.iter().map(|e| seed::engagement_space(round, &e.code)));
    ids.extend(plan.units.iter().map(|u| seed::desk_space(round, &u.code)));
    for id in ids {
        if let Some(state) = place.running().office().state(id).await {
            states.insert(id, state);
        }
    }
    let now = place.running().office().now();
    let words = seed::words(plan, |id| states.get(&id), now).unwrap();
    words.into_iter().flat_map(|(_, e)| e).map(|DocEvent { event, .. }| event).collect()
}

#[tokio::test]
async fn applying_again_says_only_what_differs() {
    let place = Place::new().await;
    let mut plan = example();
    assert_eq!(words(&place, &plan).await, []);

    // 孙某 leaves the group on the 10th; the stay is prolonged.
    let sun = place.person("sunmou");
    let held = plan.appointments.iter_mut().find(|a| a.person == sun).unwrap();
    held.until = Some("2026-05-10".parse().unwrap());
    plan.engagements[0].exit_on = "2026-06-05".parse().unwrap();
    let said = words(&place, &plan).await;
    let about_sun = said
        .iter()
        .filter(|e| matches!(e, Event::MemberSet { person, until: Some(_), .. } if *person == sun));
    assert_eq!(about_sun.count(), 3, "group, engagement and desk");
    let moved = said.iter().filter(|e| matches!(e, Event::EngagementSet { .. })).count();
    assert_eq!(moved, 1);
    assert_eq!(said.len(), 4, "{said:?}");

    let answer = place.ask(Request::Apply { plan: Box::new(plan.clone()), clock: None }).await;
    assert!(matches!(answer, Answer::Changes { changes, .. } if !changes.is_empty()));
    assert_eq!(words(&place, &plan).await, []);
    let engagement = state(&place, place.engagement()).await;
    assert_eq!(engagement.moved_exits.len(), 1, "the old day stays visible");

    // On the 11th the server itself ends what is over, once, and applying says nothing more.
    let to =
        Timestamp("2026-05-11T09:00:00+08:00".parse::<jiff::Timestamp>().unwrap().as_millisecond());
    assert!(matches!(place.ask(Request::SetClock { to }).await, Answer::Done));
    let engagement = state(&place, place.engagement()).await;
    assert!(engagement.members[&sun].ended.is_some());
    assert_eq!(words(&place, &plan).await, []);
}

#[tokio::test]
async fn the_clock_of_a_real_round_is_nobody_s_to_move_and_rounds_do_not_mix() {
    let place = Place::new().await;
    let mut other = example();
    other.round.training = false;
    other.round.id = shared::model::RoundId::from_bytes([1; 16]);
    let apply = Request::Apply { plan: Box::new(other.clone()), clock: None };
    let answer = place.ask(apply).await;
    assert!(matches!(answer, Answer::Refused { why } if why == "other_round"));

    let folder = tempfile::TempDir::new().unwrap();
    let refused = |answer| matches!(answer, Answer::Refused { why } if why == "not_training");
    let clock = Some(Timestamp(1));
    let plan = Box::new(other);
    let apply = |clock| channel::ask(folder.path(), Request::Apply { plan: plan.clone(), clock });
    assert!(refused(apply(clock).await.unwrap()));
    apply(None).await.unwrap();
    let server = sync_server::start(crate::place::config(folder.path())).await.unwrap();
    let office = server.office();
    assert!(refused(office.carry_out(Request::SetClock { to: Timestamp(1) }).await));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_fell_due_while_the_server_was_off_is_said_at_its_start_once() {
    let mut place = Place::new().await;
    let mut plan = example();
    let sun = place.person("sunmou");
    let held = plan.appointments.iter_mut().find(|a| a.person == sun).unwrap();
    held.until = Some("2026-05-10".parse().unwrap());
    place.ask(Request::Apply { plan: Box::new(plan), clock: None }).await;
    let space = place.engagement();
    let mut li = place.device("limou", 2).await;
    li.catch_up().await;
    let ended = |li: &Device| {
        let events = li.entries.iter().filter(|e| e.body().space == space);
        let events = events.flat_map(|e| e.body().events.iter().filter_map(|r| r.read()));
        events
            .filter(|e| matches!(&e.event, Event::MemberEnded { person, .. } | Event::AuthorisationLapsed { person } if *person == sun))
            .count()
    };
    assert_eq!(ended(&li), 0);
    place.stop().await;
    // A week passes.
    let store = SqliteStore::open(place.folder.path(), &SqliteOptions::default()).await.unwrap();
    let offset = store.meta("clock_offset").await.unwrap().unwrap();
    let offset = i64::from_be_bytes(offset.try_into().unwrap()) + 7 * 24 * 60 * 60 * 1000;
    store.set_meta("clock_offset", &offset.to_be_bytes()).await.unwrap();
    store.close().await;
    drop(store);

    place.start(|_| {}).await;
    li.url = place.url();
    li.log_in().await;
    while ended(&li) == 0 {
        let have = li.have();
        let heard = li.exchange(&[have], 20_000).await;
        assert!(heard.iter().any(|f| matches!(f, Down::Entries { .. })), "it comes by itself");
    }
    place.restart().await;
    li.url = place.url();
    li.log_in().await;
    li.catch_up().await;
    assert_eq!(ended(&li), 1, "once");
}
