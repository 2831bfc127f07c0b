//! US-7: a notice from proposal to done during the stay, and what carries over at exit.
use jiff::civil::date;

use super::{
    super::{
        command::{DisputeOutcome, MeasureReply, OnPaper, Sample},
        event::DeskStage,
        finding::FindingStage,
        *,
    },
    bench::*,
};
use crate::model::{
    Body, Digest, DocId, ItemId, PersonId, Timestamp,
    evidence::{EvidenceClass, EvidenceKind},
    notice::PlannedMeasure,
    workpaper::{Severity, WorkpaperReading},
};

const WP: DocId = doc(20);
const NT: DocId = doc(40);

/// The notice is written on an approved workpaper.
fn written(severity: Severity) -> Bench {
    let mut bench = Bench::new();
    bench.now = time("05-12T09:00");
    for n in [1, 2] {
        bench.register(G3, SUN, contract(n));
    }
    bench.born(
        G3,
        SUN,
        WP,
        Body::Workpaper(WorkpaperReading { severity: Some(severity), ..paper() }),
    );
    for (who, step) in
        [(SUN, Step::Maker), (LI, Step::Maker), (QIAN, Step::Deputy), (ZHAO, Step::Leader)]
    {
        let sign = bench.sign(G3, WP, step);
        bench.ask(G3, who, WP, sign);
    }
    bench.born(G3, SUN, NT, Body::Notice(notice(&[WP])));
    bench
}

fn propose(bench: &Bench) -> Command {
    Command::ProposeNotice { pin: bench.pin(G3, NT) }
}

fn edition(bench: &Bench) -> DocId {
    bench.record_of(G3, NT).matter.notice().expect("a notice").edition.expect("an edition")
}

/// The notice lies on the desk; returns its record there.
fn issued(severity: Severity) -> (Bench, DocId) {
    let mut bench = written(severity);
    let command = propose(&bench);
    bench.ask(G3, ZHAO, NT, command);
    let put_up = edition(&bench);
    bench.ask(OFFICE, WU, put_up, Command::ApproveNotice);
    bench.ask(G3, ZHAO, NT, Command::IssueNotice { due: EXIT });
    let there = bench.record_of(G3, NT).matter.notice().expect("n").desk.expect("issued").1;
    (bench, there)
}

fn acknowledge(bench: &Bench, there: DocId) -> Command {
    let desk = bench.record_of(DESK, there).matter.desk().expect("on the desk");
    Command::Acknowledge { rendering: desk.notice.edition.rendering_hash, on_paper: None }
}

fn measure(n: u8, act: &str, owner: &str, due: &str) -> PlannedMeasure {
    PlannedMeasure { id: item(n), act: act.into(), owner: owner.into(), due: due.into() }
}

fn plan() -> Command {
    Command::SetPlan {
        measures: vec![
            measure(1, "取消复印要求", "刘某", "2026-05-15"),
            measure(2, "修改办事指南", "冯某", "2026-05-18"),
            measure(3, "培训窗口8人", "刘某", "2026-05-22"),
        ],
    }
}

fn report(measure: ItemId, evidence: &[u8]) -> Command {
    let evidence = evidence.iter().map(|n| ev(*n)).collect();
    Command::ReportMeasure { measure, evidence, note: String::new() }
}

fn check(checkers: &[PersonId], passed: u32, of: u32) -> Command {
    Command::Check {
        checkers: checkers.to_vec(),
        sample: Sample { passed, of },
        evidence: vec![],
        notes: String::new(),
    }
}

fn finding_stage(bench: &Bench) -> FindingStage {
    bench.state(G3).matters(Matter::finding).next().expect("a finding").1.stage.clone()
}

fn desk(bench: &Bench, there: DocId) -> &super::super::notice::DeskState {
    bench.record_of(DESK, there).matter.desk().expect("on the desk")
}

#[test]
fn us7_a_notice_is_put_right_and_checked_during_the_stay() {
    let (mut bench, there) = issued(Severity::Medium);
    let on_desk = bench.record_of(DESK, there);
    assert_eq!(on_desk.number(), Some("2026R2-G3-NT-001"));
    let shown = serde_json::to_string(on_desk).expect("JSON");
    assert!(!shown.contains(&WP.to_string()), "the desk never sees the papers behind it");
    assert_eq!(finding_stage(&bench), FindingStage::InRectification);
    assert_eq!(next_holder(on_desk), Holder::UnitHead);
    let today = waiting_for(bench.state(DESK), WANG, bench.now);
    assert_eq!(
        (today[0].kind, today[0].due.as_ref().map(|d| d.date)),
        (TaskKind::Acknowledge, Some(date(2026, 5, 14)))
    );

    let ack = acknowledge(&bench, there);
    bench.ask(DESK, WANG, there, ack);
    bench.ask(DESK, FENG, there, plan());
    bench.register(DESK, FENG, of_class(11, EvidenceKind::Record, EvidenceClass::Intent));
    bench.register(DESK, FENG, of_class(12, EvidenceKind::Document, EvidenceClass::Intent));
    for n in 1..=3 {
        bench.ask(DESK, FENG, there, report(item(n), &[11, 12]));
    }
    let refusal = bench.refused(DESK, FENG, there, Command::RequestCheck, "intent_only");
    assert_eq!(refusal, Refusal::IntentOnly { have: vec![EvidenceClass::Intent] });
    bench.register(DESK, FENG, of_class(13, EvidenceKind::Photo, EvidenceClass::Act));
    bench.ask(DESK, FENG, there, report(item(2), &[13]));
    bench.ask(DESK, FENG, there, Command::RequestCheck);

    bench.now = time("05-25T15:00");
    bench.ask(DESK, SUN, there, check(&[SUN, ZHOU], 2, 3));
    assert_eq!(desk(&bench, there).stage, DeskStage::Returned);
    assert_eq!(finding_stage(&bench), FindingStage::InRectification);
    bench.ask(DESK, FENG, there, Command::RequestCheck);
    bench.now = time("05-28T15:00");
    bench.ask(DESK, SUN, there, check(&[SUN, ZHOU], 3, 3));
    assert_eq!(desk(&bench, there).stage, DeskStage::Done);
    assert_eq!(finding_stage(&bench), FindingStage::Rectified);
    let id = bench.state(G3).matters(Matter::finding).next().expect("a finding").0.doc;
    let chain = chain(bench.state(G3), id).expect("a chain");
    let days = |from: Timestamp, to: Timestamp| to.since(from) / 86_400_000;
    let issued = chain.milestones.iter().find(|m| m.what == finding::MilestoneKind::NoticeIssued);
    assert_eq!(days(issued.expect("issued").at, chain.since), 16, "issued to done");
    assert_eq!(desk(&bench, there).measures[2].number, "2026R2-JIA-MS-003");
    bench.now = time("06-02T09:00");
    assert_eq!(bench.timers(), vec![], "nothing is left to carry over");
}

#[test]
fn a_notice_is_approved_by_the_delegate_before_it_is_issued() {
    let mut bench = written(Severity::Low);
    bench.refused(G3, ZHAO, NT, Command::IssueNotice { due: EXIT }, "wrong_stage");
    let command = propose(&bench);
    bench.refused(G3, QIAN, NT, command.clone(), "not_allowed");
    bench.docs.insert(NT, reading(2, Body::Notice(notice(&[doc(77)]))));
    let on_nothing = propose(&bench);
    bench.refused(G3, ZHAO, NT, on_nothing, "workpaper_not_approved");
    bench.docs.insert(NT, reading(2, Body::Notice(notice(&[]))));
    let on_nothing = propose(&bench);
    bench.refused(G3, ZHAO, NT, on_nothing, "field_missing");
    bench.docs.insert(NT, reading(1, Body::Notice(notice(&[WP]))));
    bench.ask(G3, ZHAO, NT, command);
    assert_eq!(bench.write(G3, SUN, NT, edit("request")), Err(AsideReason::Late));

    let first = edition(&bench);
    bench.refused(OFFICE, ZHENG, first, Command::ApproveNotice, "not_allowed");
    bench.refused(G3, ZHAO, NT, Command::ApproveNotice, "wrong_space");
    let back = |text: &str| Command::Return {
        notes: vec![command::FieldNote { field: None, text: text.into() }],
    };
    bench.refused(OFFICE, WU, first, back(" "), "reason_missing");
    bench.ask(OFFICE, WU, first, back("期限太紧"));
    bench.refused(OFFICE, WU, first, Command::ApproveNotice, "wrong_stage");
    assert_eq!(waiting_for(bench.state(G3), ZHAO, bench.now)[0].kind, TaskKind::Returned);
    bench.write(G3, SUN, NT, edit("request")).expect("open again");

    let command = propose(&bench);
    bench.ask(G3, ZHAO, NT, command);
    let second = edition(&bench);
    bench.ask(OFFICE, WU, second, Command::ApproveNotice);
    let (who, role, _) =
        bench.record_of(G3, NT).matter.notice().expect("n").approved.expect("approved");
    assert_eq!((who, role), (WU, crate::model::round::Role::Delegate));
    bench.refused(G3, ZHAO, NT, Command::IssueNotice { due: date(2026, 5, 30) }, "due_after_exit");
    bench.refused(G3, ZHAO, NT, Command::IssueNotice { due: date(2026, 5, 11) }, "due_in_the_past");
    bench.ask(G3, ZHAO, NT, Command::IssueNotice { due: EXIT });
    bench.refused(G3, ZHAO, NT, back("再改"), "wrong_stage");
    let give_up = Command::Drop { reason: "并入".into() };
    bench.refused(G3, ZHAO, WP, give_up, "wrong_stage");
}

#[test]
fn the_unit_acknowledges_what_was_issued_and_plans_by_person_and_date() {
    let (mut bench, there) = issued(Severity::Low);
    bench.refused(DESK, FENG, there, plan(), "wrong_stage");
    let ack = acknowledge(&bench, there);
    bench.refused(DESK, FENG, there, ack, "not_allowed");
    let other = Command::Acknowledge { rendering: Digest([1; 32]), on_paper: None };
    bench.refused(DESK, WANG, there, other, "scan_of_another_version");
    bench.register(DESK, SUN, of_class(14, EvidenceKind::Scan, EvidenceClass::Base));
    let rendering = desk(&bench, there).notice.edition.rendering_hash;
    let on_paper = |printed, witnesses: &[PersonId]| Command::Acknowledge {
        rendering,
        on_paper: Some(OnPaper { scan: ev(14), rendering: printed, witnesses: witnesses.to_vec() }),
    };
    let stale = on_paper(Digest([2; 32]), &[SUN, LI]);
    bench.refused(DESK, SUN, there, stale, "scan_of_another_version");
    bench.refused(DESK, SUN, there, on_paper(rendering, &[SUN]), "two_witnesses");
    bench.ask(DESK, SUN, there, on_paper(rendering, &[SUN, LI]));

    let set = |measures: &[PlannedMeasure]| Command::SetPlan { measures: measures.to_vec() };
    bench.refused(DESK, FENG, there, set(&[]), "measure_incomplete");
    for incomplete in [
        measure(1, "", "刘某", "2026-05-15"),
        measure(1, "取消复印要求", " ", "2026-05-15"),
        measure(1, "取消复印要求", "刘某", "尽快"),
        measure(1, "取消复印要求", "刘某", "2026-06-15"),
    ] {
        bench.refused(DESK, FENG, there, set(&[incomplete]), "measure_incomplete");
    }
    bench.ask(DESK, FENG, there, plan());
    bench.refused(DESK, FENG, there, report(item(9), &[]), "unknown_measure");
    bench.refused(DESK, FENG, there, report(item(1), &[99]), "unknown_evidence");
    bench.refused(DESK, FENG, there, Command::RequestCheck, "measure_not_reported");
}

#[test]
fn a_reply_on_paper_is_entered_with_the_scan_of_the_notice_as_issued() {
    let (mut bench, there) = issued(Severity::Low);
    let ack = acknowledge(&bench, there);
    bench.ask(DESK, WANG, there, ack);
    bench.register(DESK, SUN, of_class(13, EvidenceKind::Record, EvidenceClass::Intent));
    bench.register(DESK, SUN, of_class(14, EvidenceKind::Scan, EvidenceClass::Base));
    bench.register(DESK, FENG, of_class(15, EvidenceKind::Photo, EvidenceClass::Act));
    let standing = desk(&bench, there).notice.edition.rendering_hash;
    let reply = |printed, witnesses: &[PersonId], shows: u8, check| Command::ReplyOnPaper {
        on_paper: OnPaper { scan: ev(14), rendering: printed, witnesses: witnesses.to_vec() },
        measures: vec![measure(1, "取消复印要求", "刘某", "2026-05-15")],
        reports: vec![MeasureReply {
            measure: item(1),
            evidence: vec![ev(shows)],
            note: "已取消".into(),
        }],
        check,
    };
    let another = reply(Digest([2; 32]), &[SUN, LI], 15, true);
    bench.refused(DESK, SUN, there, another, "scan_of_another_version");
    bench.refused(DESK, SUN, there, reply(standing, &[SUN], 15, true), "two_witnesses");
    bench.refused(DESK, SUN, there, reply(standing, &[SUN, LI], 13, true), "intent_only");
    assert_eq!(desk(&bench, there).stage, DeskStage::Received, "nothing was entered so far");
    bench.ask(DESK, SUN, there, reply(standing, &[SUN, LI], 15, true));
    let entered = desk(&bench, there);
    assert_eq!(entered.stage, DeskStage::Reported);
    assert_eq!(entered.replies[0].on_paper.scan, ev(14), "marked as recorded on paper");
    assert_eq!(entered.measures[0].reports[0].evidence, [ev(15)]);
    let told = bench.record_of(G3, NT).matter.notice().expect("a notice").on_desk;
    assert_eq!(told, Some(DeskStage::Reported), "the source is told");
}

#[test]
fn a_grave_matter_is_done_only_with_effect_and_two_checkers() {
    let (mut bench, there) = issued(Severity::High);
    let ack = acknowledge(&bench, there);
    bench.ask(DESK, WANG, there, ack);
    bench.ask(DESK, FENG, there, plan());
    bench.register(DESK, FENG, of_class(13, EvidenceKind::Photo, EvidenceClass::Act));
    for n in 1..=3 {
        bench.ask(DESK, FENG, there, report(item(n), &[13]));
    }
    bench.ask(DESK, FENG, there, Command::RequestCheck);
    bench.refused(DESK, SUN, there, check(&[SUN], 1, 1), "two_checkers");
    bench.refused(DESK, SUN, there, check(&[SUN, SUN], 1, 1), "two_checkers");
    bench.refused(DESK, SUN, there, check(&[SUN, WANG], 1, 1), "two_checkers");
    bench.refused(DESK, SUN, there, check(&[LI, ZHOU], 1, 1), "two_checkers");
    bench.refused(DESK, SUN, there, check(&[SUN, ZHOU], 0, 0), "sample_empty");
    bench.refused(DESK, SUN, there, check(&[SUN, ZHOU], 4, 3), "sample_empty");
    bench.refused(DESK, SUN, there, check(&[SUN, ZHOU], 3, 3), "effect_missing");
    let sample = crate::model::evidence::Evidence {
        obtained_by: vec![SUN, ZHOU],
        ..of_class(15, EvidenceKind::SiteNote, EvidenceClass::Effect)
    };
    bench.register(DESK, SUN, sample);
    let with_effect = Command::Check {
        checkers: vec![SUN, ZHOU],
        sample: Sample { passed: 3, of: 3 },
        evidence: vec![ev(15)],
        notes: "现场体验3次".into(),
    };
    bench.ask(DESK, SUN, there, with_effect);
    assert_eq!(desk(&bench, there).stage, DeskStage::Done);
}

#[test]
fn an_objection_stops_the_clock_and_a_moved_day_leaves_the_original_visible() {
    let mut bench = written(Severity::Low);
    let command = propose(&bench);
    bench.ask(G3, ZHAO, NT, command);
    let put_up = edition(&bench);
    bench.ask(OFFICE, WU, put_up, Command::ApproveNotice);
    bench.ask(G3, ZHAO, NT, Command::IssueNotice { due: date(2026, 5, 20) });
    let there = bench.record_of(G3, NT).matter.notice().expect("n").desk.expect("issued").1;
    bench.refused(DESK, FENG, there, Command::Dispute { reason: String::new() }, "reason_missing");
    bench.ask(DESK, FENG, there, Command::Dispute { reason: "不属本局职责".into() });
    assert_eq!(next_holder(bench.record_of(DESK, there)), Holder::Leader);
    bench.now = time("05-14T10:00");
    let decide = |outcome| Command::DecideDispute { outcome, reason: "职责清单载明".into() };
    bench.refused(DESK, WANG, there, decide(DisputeOutcome::Upheld), "not_allowed");
    bench.ask(DESK, ZHAO, there, decide(DisputeOutcome::Upheld));
    assert_eq!(desk(&bench, there).due, date(2026, 5, 22), "two days do not count");
    let extend = |due| Command::ExtendDeadline { due, reason: "系统改造".into() };
    bench.refused(DESK, ZHAO, there, extend(date(2026, 5, 21)), "not_later");
    bench.refused(DESK, ZHAO, there, extend(date(2026, 6, 1)), "due_after_exit");
    bench.refused(DESK, FENG, there, extend(date(2026, 5, 26)), "not_allowed");
    bench.ask(DESK, ZHAO, there, extend(date(2026, 5, 26)));
    assert_eq!(desk(&bench, there).original_due(), date(2026, 5, 20));
    assert_eq!(desk(&bench, there).extensions(), 1);
    assert_eq!(
        bench.record_of(G3, NT).matter.notice().expect("n").due,
        Some(date(2026, 5, 26)),
        "the source is told"
    );
}

#[test]
fn what_is_undone_at_exit_goes_into_the_plan_even_after_downtime() {
    let (mut bench, there) = issued(Severity::Low);
    bench.refused(DESK, ZHAO, there, Command::CarryToPlan, "server_only");
    let early = bench.try_as(DESK, Actor::Server, there, Command::CarryToPlan);
    assert_eq!(early, Err(Refusal::NotDue { what: None }));
    // The stay is prolonged by two days; the old day stays visible.
    let prolonged = Event::EngagementSet {
        engagement: crate::model::EngagementId::from_bytes(*G3.as_bytes()),
        exit_on: date(2026, 5, 31),
        reason: "经批准延长".into(),
    };
    for space in [G3, DESK] {
        bench.say(space, DocEvent::space(prolonged.clone()));
    }
    assert_eq!(bench.state(G3).moved_exits[0].was, EXIT);
    bench.now = time("05-30T12:00");
    let passed = bench.timers();
    assert!(!passed.contains(&Command::CarryToPlan), "the stay is not over");
    bench.now = time("06-05T00:00");
    assert_eq!(bench.timers(), vec![Command::CarryToPlan]);
    assert_eq!(finding_stage(&bench), FindingStage::CarriedToPlan);
    let id = bench.state(G3).matters(Matter::finding).next().expect("a finding").0.doc;
    assert_eq!(chain(bench.state(G3), id).expect("a chain").holder, Holder::Unit, "never lost");
}
