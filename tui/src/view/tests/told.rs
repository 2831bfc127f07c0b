//! What a screen has to tell before somebody decides, and after it was decided.
use shared::workflow::{
    Matter, SpaceKind, command::DisputeOutcome, event::DeskStage, notice::DisputeMade,
};

use super::{screen, sheets, zh};
use crate::{
    app::{
        Effect, Message, Model, Phase, Snapshot,
        dialog::{Dialog, Intent},
        fixture::{self, Length, at},
        update,
        verb::{self, Verb},
    },
    input::Action,
};

fn known(me: u8) -> Snapshot {
    fixture::snapshot(me, Length::Usual)
}

fn see(model: &mut Model) -> String {
    screen(model, &zh(), 100, 30)
}

/// Opens the dialogue of a step.
fn ask(model: &mut Model, verb: Verb) -> String {
    let desk = model.desk_mut().unwrap();
    let place = desk.place().unwrap();
    let fields = verb::fields(verb, &desk.about(place).unwrap());
    desk.dialog = Some(Dialog::new(Intent::Ask(place, verb), fields));
    see(model)
}

#[test]
fn the_unit_reads_how_its_objection_was_decided() {
    let mut known = known(1);
    for record in known.spaces[1].state.records.values_mut() {
        if let Matter::Desk(desk) = &mut record.matter {
            let request = "只改窗口".to_owned();
            let outcome = DisputeOutcome::Amended { request: request.clone() };
            desk.disputes = vec![DisputeMade {
                by: fixture::person(30),
                at: fixture::NOW,
                reason: "与事实不符".into(),
                before: DeskStage::Received,
                decided: Some((fixture::person(1), fixture::NOW, outcome, "部分属实".into())),
            }];
            desk.amended_request = Some(request);
        }
    }
    let mut model = sheets::opened(known, at(2, 40), None);
    let seen = screen(&mut model, &zh(), 120, 40);
    assert!(seen.contains("答复：调整要求。部分属实"), "{seen}");
    assert!(seen.contains("调整后的要求") && seen.contains("只改窗口"), "{seen}");
}

#[test]
fn a_conflict_is_settled_with_its_field_and_its_holders_in_sight() {
    let paper = fixture::paper(Length::Usual);
    let mut model = sheets::opened(known(2), at(1, 11), Some(paper));
    let open = model.desk_mut().unwrap().open.as_mut().unwrap();
    open.authors.insert("aa".into(), fixture::person(4));
    let seen = ask(&mut model, Verb::Resolve);
    assert!(seen.contains("裁定判断冲突：严重程度"), "{seen}");
    assert!(seen.contains("严重（李某）"), "{seen}");
}

#[test]
fn late_content_is_seen_before_it_is_adopted() {
    let paper = fixture::paper(Length::Usual);
    let mut model = sheets::opened(known(2), at(1, 13), Some(paper));
    let seen = ask(&mut model, Verb::AdoptLate);
    assert!(seen.contains("事实概述：改为“2025年3月至7月公车使用登记缺12次。”"), "{seen}");
    assert!(seen.contains("采纳后原有签字失效，须重新签字。"), "{seen}");
}

#[test]
fn the_units_own_people_are_not_asked_in() {
    let session = fixture::session(Length::Usual);
    let mut model = sheets::opened(known(2), at(3, 31), Some(session));
    let seen = ask(&mut model, Verb::Invite);
    assert!(seen.contains("李某 组员·第三组"), "{seen}");
    assert!(!seen.contains("王某") && !seen.contains("冯某"), "{seen}");
}

#[test]
fn a_text_that_was_not_sent_has_no_mark() {
    let known = known(3);
    assert_eq!(known.spaces[0].mark(fixture::doc(fixture::BEGUN)), None);
    assert!(known.spaces[0].mark(fixture::doc(12)).is_some());
}

#[test]
fn for_which_unit_is_asked_where_there_are_two() {
    let mut known = known(3);
    let mut other = known.spaces[0].clone();
    other.id = fixture::space(8);
    let unit = other.state.info.as_mut().and_then(|i| i.unit.as_mut()).unwrap();
    unit.name = "乙局".into();
    known.spaces.push(other);
    let mut model = fixture::model(known);
    sheets::act(&mut model, &[Action::Screen(3), Action::New, Action::Right]);
    let seen = see(&mut model);
    assert!(seen.contains("被巡察单位") && seen.contains("乙局"), "{seen}");
    sheets::act(&mut model, &[Action::NextField]);
    update(&mut model, Message::Text("乙局公车".into()));
    sheets::act(&mut model, &[Action::NextField]);
    let effects = update(&mut model, Message::Act(Action::Enter));
    let [Effect::Begin { space, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(*space, fixture::space(8));
}

#[test]
fn the_one_unit_is_named() {
    let mut model = fixture::model(known(3));
    sheets::act(&mut model, &[Action::Screen(2), Action::New]);
    assert!(see(&mut model).contains("新建谈话记录：甲局"));
}

#[test]
fn a_group_without_a_stay_is_told_what_it_lacks() {
    let mut known = fixture::nothing(3);
    known.spaces[0].state.info.as_mut().unwrap().kind = SpaceKind::Group;
    let mut model = fixture::model(known);
    sheets::act(&mut model, &[Action::Screen(2), Action::New]);
    assert!(matches!(model.phase, Phase::Open(_)));
    let seen = see(&mut model);
    assert!(seen.contains("请先由巡察办指派驻点任务。"), "{seen}");
}

#[test]
fn what_is_no_amount_is_given_up_by_a_second_esc() {
    let mut model = sheets::opened(known(3), at(1, 11), Some(fixture::paper(Length::Usual)));
    sheets::focus(&mut model, "amount_fen");
    sheets::act(&mut model, &[Action::Enter]);
    update(&mut model, Message::Text("约".into()));
    sheets::act(&mut model, &[Action::Back]);
    assert!(see(&mut model).contains("按 Esc 放弃这次改动"));
    let effects = update(&mut model, Message::Act(Action::Back));
    assert!(effects.iter().all(|e| !matches!(e, Effect::Edit { .. })), "{effects:?}");
    assert!(model.desk().unwrap().open.as_ref().unwrap().edit.is_none());
}

#[test]
fn somebody_unknown_is_named_as_such() {
    let known = known(3);
    assert_eq!(zh().person(&known, fixture::person(0x33)), "未知人员（3333）");
}
