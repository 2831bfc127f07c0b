//! What time the server goes by when its machine's clock jumps.
use super::*;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A member whose right ends on the second day from now, and the time of day with it.
fn with_an_end(bench: &mut Bench) -> (SpaceId, SigningKey) {
    let (person, _, space, laptop) = with_a_member(bench);
    let until = Event::MemberSet {
        person,
        name: "张某".into(),
        post: String::new(),
        roles: vec![crate::model::round::Role::Member],
        from: NOW,
        until: Some(NOW.plus_millis(2 * DAY)),
    };
    bench.feed(Input::Say(vec![(space, vec![DocEvent::space(until)])]));
    (space, laptop)
}

fn ended(bench: &Bench, space: SpaceId) -> bool {
    let state = bench.server.space(space).map(|s| s.state());
    state.is_some_and(|s| s.members.values().any(|m| m.ended.is_some()))
}

fn jumped(effects: &[Effect]) -> bool {
    effects.iter().any(|e| matches!(e, Effect::Alarm(Alarm::ClockJump { .. })))
}

/// The time of the next entry of a space.
fn says(bench: &mut Bench, space: SpaceId) -> Timestamp {
    let title = opened(space, SpaceKind::Engagement);
    bench.feed(Input::Say(vec![(space, vec![title])]));
    bench.disk.entries.last().map(|e| e.body().at).unwrap_or_default()
}

#[test]
fn entries_go_on_by_the_time_that_passes_while_the_clock_is_wrong() {
    let mut bench = Bench::new();
    let (space, _) = with_an_end(&mut bench);
    bench.now = NOW.plus_millis(5 * 365 * DAY);
    assert!(jumped(&bench.feed(Input::Tick)));
    assert_eq!(says(&mut bench, space), NOW);
    bench.now = bench.now.plus_millis(MINUTE);
    assert!(!jumped(&bench.feed(Input::Tick)), "it is said once");
    assert_eq!(says(&mut bench, space), NOW.plus_millis(MINUTE));
    bench.now = NOW.plus_millis(2 * MINUTE);
    assert_eq!(says(&mut bench, space), bench.now, "it is right again");
}

#[test]
fn what_rests_rests_on_after_a_restart_until_it_is_confirmed() {
    let mut bench = Bench::new();
    let (space, _) = with_an_end(&mut bench);
    bench.now = NOW.plus_millis(3 * DAY);
    bench.feed(Input::Tick);
    assert!(!ended(&bench, space));
    bench.restart();
    bench.now = bench.now.plus_millis(MINUTE);
    assert!(jumped(&bench.feed(Input::Tick)), "the log of the new run says so too");
    assert!(!ended(&bench, space));
    bench.feed(Input::ConfirmClock);
    bench.feed(Input::Tick);
    assert!(ended(&bench, space));

    bench.restart();
    bench.now = bench.now.plus_millis(3 * DAY);
    assert!(!jumped(&bench.feed(Input::Tick)), "nothing rested: it was down for so long");
}

#[test]
fn a_core_that_is_loaded_anew_goes_on_from_the_time_of_the_one_before() {
    let mut bench = Bench::new();
    let (space, _) = with_an_end(&mut bench);
    bench.feed(Input::Tick);
    let before = std::mem::replace(&mut bench.server, Server::load(key(1), Loaded::default()));
    bench.restart();
    bench.server.go_on_from(&before);
    bench.now = NOW.plus_millis(3 * DAY);
    assert!(jumped(&bench.feed(Input::Tick)));
    assert!(!ended(&bench, space));
}

#[test]
fn a_clock_that_stands_before_the_last_time_takes_no_right_away() {
    let mut bench = Bench::new();
    let (space, laptop) = with_an_end(&mut bench);
    bench.restart();
    bench.now = Timestamp(0);
    assert!(jumped(&bench.feed(Input::Tick)));
    let conn = Conn(1);
    bench.feed(Input::Connected { conn, device: laptop.verifying_key().device_id() });
    let done = bench.feed(Input::Frame { conn, frame: Up::Have { spaces: Vec::new() } });
    let sent = |e: &Effect| matches!(e, Effect::Stream { space: s, .. } if *s == space);
    assert!(done.iter().any(sent));
    assert_eq!(bench.server.time(bench.now), NOW);
}

#[test]
fn a_training_rounds_clock_is_moved_at_will() {
    let mut bench = Bench::new();
    bench.server.trust_clock();
    let (space, _) = with_an_end(&mut bench);
    bench.now = NOW.plus_millis(3 * DAY);
    assert!(!jumped(&bench.feed(Input::Tick)));
    assert!(ended(&bench, space));
    bench.now = NOW.plus_millis(DAY);
    assert!(!jumped(&bench.feed(Input::Tick)));
    assert_eq!(bench.server.time(bench.now), bench.now);
    assert_eq!(bench.disk.clock, None, "there is nothing to keep");
}
