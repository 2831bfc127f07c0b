//! Stand-ins: the group asks, the office names one, and the signature shows it.
use shared::workflow::{Command, Event, Step};

use super::{en, matrix, screen, sheets, sheets::act, zh};
use crate::{
    app::Tab,
    app::{
        Effect, Message, Model, Snapshot,
        fixture::{self, Length, REQUEST, UNREVIEWED, at, say},
        list::{What, rows},
        offer::Deed,
        update,
        verb::Verb,
    },
    input::Action,
};

fn group(me: u8) -> Snapshot {
    fixture::unreviewed(fixture::snapshot(me, Length::Usual))
}

fn asked(mut known: Snapshot) -> Snapshot {
    let event = Event::StandInAsked {
        step: Step::Deputy,
        by: fixture::person(3),
        reason: "副组长为承办人".into(),
        request: fixture::doc(REQUEST),
    };
    say(&mut known.spaces[0], Some(fixture::doc(UNREVIEWED)), event);
    known
}

fn named(known: Snapshot) -> Snapshot {
    let mut known = asked(known);
    say(&mut known.spaces[0], Some(fixture::doc(UNREVIEWED)), fixture::stand_in_named());
    known
}

fn office() -> Snapshot {
    let mut known = fixture::snapshot(20, Length::Usual);
    let info = known.spaces[0].state.info.as_mut().unwrap();
    info.links.engagements = vec![fixture::space(1)];
    say(&mut known.spaces[0], Some(fixture::doc(REQUEST)), fixture::stand_in_wanted());
    known
}

fn answered() -> Snapshot {
    let mut known = office();
    say(&mut known.spaces[0], Some(fixture::doc(REQUEST)), fixture::stand_in_named());
    known
}

/// Opens the paper of whose text nothing is known here beside what was signed.
fn paper(known: Snapshot) -> Model {
    sheets::opened(known, at(1, UNREVIEWED), None)
}

/// Chooses a step in the menu of the open record.
fn choose(model: &mut Model, verb: Verb) {
    act(model, &[Action::Steps]);
    let menu = model.desk_mut().unwrap().menu.as_mut().unwrap();
    menu.selected = menu.offers.iter().position(|o| o.deed == Deed::Step(verb)).unwrap();
    act(model, &[Action::Enter]);
}

#[test]
fn the_group_is_told_that_nobody_may_sign_and_asks() {
    matrix::snap_all(
        "stand-in-group",
        &[
            ("today", &|| fixture::model(group(3))),
            ("vacant", &|| paper(group(3))),
            ("asked", &|| paper(asked(group(3)))),
            ("named", &|| paper(named(group(5)))),
            ("signed", &|| {
                let mut known = named(group(3));
                let why = Some("副组长为承办人");
                fixture::signed(&mut known.spaces[0], 5, Step::Deputy, why);
                paper(known)
            }),
        ],
    );
    let mut model = paper(group(3));
    choose(&mut model, Verb::AskStandIn);
    update(&mut model, Message::Text("副组长为承办人".into()));
    let effects = act(&mut model, &[Action::NextField, Action::Enter]);
    let [Effect::Ask { command, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let reason = "副组长为承办人".to_owned();
    assert_eq!(**command, Command::AskStandIn { step: Step::Deputy, reason });
    // Where the deputy may still review, nothing of the sort is offered.
    let mut model = sheets::opened(
        fixture::snapshot(3, Length::Usual),
        at(1, 13),
        Some(fixture::paper(Length::Usual)),
    );
    act(&mut model, &[Action::Steps]);
    let menu = model.desk().unwrap().menu.as_ref().unwrap();
    assert!(menu.offers.iter().all(|o| o.deed != Deed::Step(Verb::AskStandIn)));
}

#[test]
fn the_director_names_one_of_those_who_are_left() {
    let open = |known| sheets::opened(known, at(9, REQUEST), None);
    let naming = || {
        let mut model = open(office());
        choose(&mut model, Verb::NameStandIn);
        model
    };
    matrix::snap_all(
        "stand-in-office",
        &[
            ("today", &|| fixture::model(office())),
            ("request", &|| open(office())),
            ("naming", &naming),
            ("answered", &|| open(answered())),
        ],
    );
    let mut model = naming();
    // 赵某 is the leader; the one after next is 周某.
    act(&mut model, &[Action::Right, Action::Right, Action::Enter]);
    for _ in 0..10 {
        act(&mut model, &[Action::Backspace]);
    }
    update(&mut model, Message::Text("五月二十日".into()));
    let effects = act(&mut model, &[Action::NextField, Action::NextField, Action::Enter]);
    assert!(effects.is_empty(), "that is no day");
    for _ in 0..10 {
        act(&mut model, &[Action::Backspace]);
    }
    update(&mut model, Message::Text("2026-05-20".into()));
    let effects = act(&mut model, &[Action::NextField, Action::NextField, Action::Enter]);
    let [Effect::Ask { command, at: asked }] = effects.as_slice() else { panic!("{effects:?}") };
    let Command::NameStandIn { space, step, person, from, until, reason } = command.as_ref() else {
        panic!("{command:?}")
    };
    assert_eq!((*asked, *space, *step), (at(9, REQUEST), fixture::space(1), Step::Deputy));
    assert_eq!((*person, *from), (fixture::person(5), fixture::NOW));
    let midnight = fixture::NOW.plus_millis((8 * 24 + 13) * 3_600_000 + 20 * 60_000);
    assert_eq!((*until, &reason[..]), (midnight, "副组长为承办人"));
}

#[test]
fn the_board_keeps_the_request_and_its_answer() {
    let stand_in = |known: &Snapshot| {
        let all = rows(known, Tab::Board, "");
        all.into_iter().find_map(|r| match r.what {
            What::StandIn(step, named) => Some((r.number, step, named)),
            _ => None,
        })
    };
    let number = || "2026R2-G3-WP-~B7KF".to_owned();
    assert_eq!(stand_in(&office()), Some((number(), Step::Deputy, false)));
    assert_eq!(stand_in(&answered()), Some((number(), Step::Deputy, true)));
    let mut model = fixture::model(answered());
    model.desk_mut().unwrap().tab = Tab::Board;
    let seen = screen(&mut model, &zh(), 80, 24) + &screen(&mut model, &en(), 80, 24);
    assert!(seen.contains("已指定代行人") && seen.contains("Stand-in named"), "{seen}");
}
