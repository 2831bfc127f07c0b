//! US-2, US-3, US-4: the gate, the three steps, conflicts, and what comes after signing.
use super::{
    super::{
        command::FieldNote,
        gate::{Accuracy, GateItem, gate},
        *,
    },
    bench::*,
};
use crate::model::{
    Body, FieldPath, Touch, TouchKind, Touched, Value,
    evidence::{EvidenceClass, EvidenceKind},
    interview::StatementTag,
    workpaper::{Criterion, Severity, WorkpaperReading},
};

const WP: crate::model::DocId = doc(20);

fn notes(text: &str) -> Command {
    let field = Some(FieldPath::top("when"));
    Command::Return { notes: vec![FieldNote { field, text: text.into() }] }
}

/// A paper with its evidence, nobody has signed.
fn drafted() -> Bench {
    let mut bench = Bench::new();
    bench.register(G3, SUN, contract(1));
    bench.register(G3, SUN, contract(2));
    bench.born(G3, SUN, WP, Body::Workpaper(paper()));
    bench
}

fn say_now(bench: &mut Bench, head: u8, paper: WorkpaperReading) {
    bench.docs.insert(WP, reading(head, Body::Workpaper(paper)));
}

#[test]
fn us2_the_gate_is_red_then_green_and_three_steps_admit_the_paper() {
    let mut bench = Bench::new();
    bench.register(G3, SUN, contract(1));
    let thin = WorkpaperReading {
        criteria: vec![Criterion { article: String::new(), ..paper().criteria[0].clone() }],
        facts: vec![fact(61, "第一次采购4.1万元", &[1]), fact(62, "同一供应商", &[])],
        exculpatory: String::new(),
        ..paper()
    };
    bench.born(G3, SUN, WP, Body::Workpaper(thin));
    let sign = bench.sign(G3, WP, Step::Maker);
    let refusal = bench.refused(G3, SUN, WP, sign, "gate_red");
    let instrument = "某市采购限额办法".to_owned();
    let red = vec![
        GateItem::CriterionWithoutArticle { criterion: item(60), instrument },
        GateItem::FactWithoutEvidence { fact: item(62), text: "同一供应商".into() },
        GateItem::TooFewItems { have: 1, need: 2 },
        GateItem::ExculpatoryEmpty,
    ];
    assert_eq!(refusal, Refusal::GateRed { red });

    bench.register(G3, SUN, contract(2));
    say_now(&mut bench, 2, paper());
    let number = bench.record_of(G3, WP).provisional.clone().expect("provisional");
    for who in [SUN, LI] {
        let sign = bench.sign(G3, WP, Step::Maker);
        bench.ask(G3, who, WP, sign);
    }
    assert_eq!(next_holder(bench.record_of(G3, WP)), Holder::Deputy);
    bench.ask(G3, QIAN, WP, notes("时间应写到月"));
    let today = waiting_for(bench.state(G3), SUN, bench.now);
    assert_eq!(today[0].kind, TaskKind::Returned);
    say_now(&mut bench, 3, WorkpaperReading { when: "2025年3月至9月".into(), ..paper() });
    for (who, step) in
        [(SUN, Step::Maker), (LI, Step::Maker), (QIAN, Step::Deputy), (ZHAO, Step::Leader)]
    {
        let sign = bench.sign(G3, WP, step);
        bench.ask(G3, who, WP, sign);
    }
    let record = bench.record_of(G3, WP);
    assert_eq!(record.official.as_deref(), Some("2026R2-G3-WP-001"));
    assert_eq!(bench.state(G3).by_number(&number).count(), 1, "both numbers find it");
    let state = record.matter.workpaper().expect("a workpaper");
    let finding = state.finding.expect("opens a finding");
    assert_eq!(bench.record_of(G3, finding).official.as_deref(), Some("2026R2-G3-FD-001"));
    let edition = bench.record_of(OFFICE, state.edition.expect("an edition"));
    let edition = &edition.matter.edition().expect("an edition").edition;
    assert_eq!(edition.rendering, record.standing().expect("stands").text);
    assert!(edition.reading.as_ref().expect("fields").heads.is_empty(), "no history");

    bench.refused(G3, ZHAO, WP, notes("再看"), "wrong_stage");
    assert_eq!(chain(bench.state(G3), finding).expect("a chain").holder, Holder::Leader);
    bench.ask(G3, ZHAO, finding, Command::ApproveFinding);
    bench.refused(G3, ZHAO, finding, Command::ApproveFinding, "wrong_stage");
    assert_eq!(chain(bench.state(G3), finding).expect("a chain").holder, Holder::Office);
}

#[test]
fn the_gate_names_everything_a_reader_would_ask_for() {
    let mut bench = Bench::new();
    bench.born(G3, SUN, doc(10), Body::Interview(talk()));
    let pin = bench.pin(G3, doc(10));
    bench.ask(G3, SUN, doc(10), Command::ConfirmInterview { pin });
    bench.register(G3, SUN, contract(1));
    let copy = crate::model::evidence::Evidence { id: ev(3), ..contract(1) };
    bench.register(G3, SUN, copy);
    let check = |paper: WorkpaperReading, item: GateItem| {
        let gate = gate(&reading(1, Body::Workpaper(paper)), &bench.state(G3).gate_facts());
        assert!(gate.red.contains(&item), "{item:?} not in {gate:?}");
    };
    let on = |statements: &[u8]| {
        let mut fact = fact(61, "不合适", &[]);
        let named = |n: &u8| format!("{}/{}", doc(10), item(*n));
        fact.statements = statements.iter().map(named).collect();
        WorkpaperReading { facts: vec![fact], ..paper() }
    };
    check(on(&[2]), GateItem::OnlyOpinion { fact: item(61), text: "不合适".into() });
    let statement = format!("{}/{}", doc(10), item(9));
    check(on(&[9]), GateItem::StatementNotConfirmed { fact: item(61), statement });
    check(paper(), GateItem::EvidenceUnknown { evidence: ev(2) });
    // The same file under two ids is one item.
    let twice = WorkpaperReading { facts: vec![fact(61, "同一", &[1, 3])], ..paper() };
    check(twice, GateItem::TooFewItems { have: 1, need: 2 });
    check(WorkpaperReading { facts: vec![], ..paper() }, GateItem::NoFacts);
    check(WorkpaperReading { condition: " ".into(), ..paper() }, GateItem::ConditionEmpty);
    check(WorkpaperReading { severity: None, ..paper() }, GateItem::SeverityEmpty);
    for (paper, accuracy) in [
        (WorkpaperReading { method: String::new(), ..paper() }, Accuracy::Method),
        (WorkpaperReading { responsible: String::new(), ..paper() }, Accuracy::Responsible),
        (WorkpaperReading { when: String::new(), ..paper() }, Accuracy::When),
        (WorkpaperReading { place: String::new(), ..paper() }, Accuracy::Place),
        (WorkpaperReading { criteria: vec![], ..paper() }, Accuracy::Rule),
    ] {
        check(paper, GateItem::AccuracyMissing { accuracy });
    }
    assert_eq!(bench.state(G3).statements[&item(1)].tag, Some(StatementTag::Fact));
}

#[test]
fn a_red_gate_is_signed_over_only_with_a_reason_that_shows() {
    let mut bench = drafted();
    say_now(&mut bench, 2, WorkpaperReading { exculpatory: String::new(), ..paper() });
    let over = |bench: &Bench, reason: &str| Command::Sign {
        step: Step::Maker,
        pin: bench.pin(G3, WP),
        gate_override: Some(reason.into()),
    };
    let blank = over(&bench, " ");
    bench.refused(G3, SUN, WP, blank, "gate_red");
    let reasoned = over(&bench, "被巡察单位尚未答复");
    bench.ask(G3, SUN, WP, reasoned);
    let signature = &bench.record_of(G3, WP).standing().expect("stands").signatures[0];
    assert_eq!(signature.gate_override.as_deref(), Some("被巡察单位尚未答复"));
}

#[test]
fn the_steps_come_in_order_and_nobody_takes_two() {
    let mut bench = drafted();
    let sign = |bench: &Bench, step| bench.sign(G3, WP, step);
    let early = sign(&bench, Step::Deputy);
    bench.refused(G3, QIAN, WP, early, "makers_missing");
    let first = sign(&bench, Step::Maker);
    bench.ask(G3, SUN, WP, first.clone());
    bench.refused(G3, SUN, WP, first, "already_signed");
    let deputy = sign(&bench, Step::Deputy);
    bench.refused(G3, SUN, WP, deputy.clone(), "two_steps");
    bench.refused(G3, ZHOU, WP, deputy, "not_allowed");
    let maker = sign(&bench, Step::Maker);
    bench.ask(G3, LI, WP, maker);
    let leader = sign(&bench, Step::Leader);
    bench.refused(G3, ZHAO, WP, leader, "step_not_reached");
    bench.refused(G3, ZHAO, WP, Command::CloseInterview, "wrong_kind");
    bench.refused(G3, WP_READER, WP, Command::ApproveFinding, "not_a_member");
}

const WP_READER: crate::model::PersonId = CHEN;

#[test]
fn a_stand_in_signs_only_where_nobody_eligible_is_there() {
    let mut bench = drafted();
    // 钱某 signs as a maker, so nobody is left to review.
    for who in [SUN, QIAN] {
        let sign = bench.sign(G3, WP, Step::Maker);
        bench.ask(G3, who, WP, sign);
    }
    let name = |space, until| Command::NameStandIn {
        space,
        step: Step::Deputy,
        person: ZHOU,
        from: time("05-11T08:00"),
        until,
        reason: "副组长为承办人".into(),
    };
    let until = time("05-20T00:00");
    bench.refused(OFFICE, ZHENG, doc(201), name(G3, until), "not_allowed");
    bench.refused(OFFICE, WU, doc(201), name(space(77), until), "not_configured");
    bench.refused(OFFICE, WU, doc(201), name(G3, time("05-10T00:00")), "time_passed");
    bench.ask(OFFICE, WU, doc(201), name(G3, until));
    let review = bench.sign(G3, WP, Step::Deputy);
    bench.ask(G3, ZHOU, WP, review);
    let signature = &bench.record_of(G3, WP).standing().expect("stands").signatures[2];
    assert_eq!(signature.stand_in.as_deref(), Some("副组长为承办人"));

    let other = doc(21);
    bench.born(G3, SUN, other, Body::Workpaper(paper()));
    for who in [SUN, LI] {
        let sign = bench.sign(G3, other, Step::Maker);
        bench.ask(G3, who, other, sign);
    }
    let review = bench.sign(G3, other, Step::Deputy);
    bench.refused(G3, ZHOU, other, review, "holder_exists");
}

/// What 周某 is named for: to review, from Monday morning.
fn named(person: crate::model::PersonId) -> Command {
    Command::NameStandIn {
        space: G3,
        step: Step::Deputy,
        person,
        from: time("05-11T08:00"),
        until: time("05-20T00:00"),
        reason: "副组长为承办人".into(),
    }
}

#[test]
fn a_group_whose_step_nobody_may_take_asks_the_office_for_a_stand_in() {
    let mut bench = drafted();
    let tasks = |bench: &Bench, space, who| {
        let all = waiting_for(bench.state(space), who, bench.now);
        all.into_iter().map(|t| t.kind).collect::<Vec<_>>()
    };
    let ask = |step| Command::AskStandIn { step, reason: "副组长为承办人".into() };
    bench.refused(G3, SUN, WP, ask(Step::Deputy), "wrong_stage");
    let sign = bench.sign(G3, WP, Step::Maker);
    bench.ask(G3, SUN, WP, sign.clone());
    bench.ask(G3, LI, WP, sign);
    bench.refused(G3, SUN, WP, ask(Step::Deputy), "holder_exists");
    assert!(!tasks(&bench, G3, SUN).contains(&TaskKind::AskStandIn));

    let mut bench = drafted();
    for who in [SUN, QIAN] {
        let sign = bench.sign(G3, WP, Step::Maker);
        bench.ask(G3, who, WP, sign);
    }
    // 钱某 signed as a maker: everybody in the group is told that nobody may review.
    for who in [SUN, QIAN, LI, ZHAO] {
        assert_eq!(tasks(&bench, G3, who), [TaskKind::AskStandIn], "{who}");
    }
    assert_eq!(tasks(&bench, OFFICE, WU), []);
    bench.refused(G3, SUN, WP, ask(Step::Leader), "step_not_reached");
    let no_reason = Command::AskStandIn { step: Step::Deputy, reason: " ".into() };
    bench.refused(G3, SUN, WP, no_reason, "reason_missing");
    bench.ask(G3, SUN, WP, ask(Step::Deputy));
    bench.refused(G3, LI, WP, ask(Step::Deputy), "wrong_stage");
    assert_eq!(tasks(&bench, G3, LI), [], "it is asked for");
    assert_eq!(next_holder(bench.record_of(G3, WP)), Holder::Office);

    // The director sees who may be named, and nothing of the text.
    assert_eq!(tasks(&bench, OFFICE, WU), [TaskKind::NameStandIn]);
    assert_eq!(tasks(&bench, OFFICE, ZHENG), []);
    let (request, wanted) = {
        let mut all = bench.state(OFFICE).matters(|m| m.stand_in());
        let (record, state) = all.next().expect("a request");
        (record.doc, state.wanted.clone())
    };
    let number = bench.record_of(G3, WP).number().expect("a number");
    assert_eq!((wanted.step, &wanted.number[..], &wanted.name[..]), (Step::Deputy, number, "孙某"));
    let people: Vec<_> = wanted.people.iter().map(|p| &p.name[..]).collect();
    assert_eq!(people, ["赵某", "李某", "周某"], "neither of the makers");
    let other = Command::NameStandIn {
        space: G5,
        step: Step::Deputy,
        person: ZHOU,
        from: time("05-11T08:00"),
        until: time("05-20T00:00"),
        reason: "副组长为承办人".into(),
    };
    bench.refused(OFFICE, WU, request, other, "wrong_kind");
    bench.ask(OFFICE, WU, request, named(ZHOU));
    assert_eq!(tasks(&bench, OFFICE, WU), []);
    assert_eq!(next_holder(bench.record_of(OFFICE, request)), Holder::Nobody);

    assert_eq!(tasks(&bench, G3, ZHOU), [TaskKind::SignDeputy]);
    assert_eq!(tasks(&bench, G3, LI), []);
    assert_eq!(next_holder(bench.record_of(G3, WP)), Holder::Deputy);
    bench.refused(G3, LI, WP, ask(Step::Deputy), "holder_exists");
    let review = bench.sign(G3, WP, Step::Deputy);
    bench.refused(G3, LI, WP, review.clone(), "not_allowed");
    bench.ask(G3, ZHOU, WP, review);
    let signature = &bench.record_of(G3, WP).standing().expect("stands").signatures[2];
    assert_eq!(signature.stand_in.as_deref(), Some("副组长为承办人"));
}

#[test]
fn a_stand_in_whose_time_is_over_signs_no_more_and_is_asked_for_anew() {
    let mut bench = drafted();
    for who in [SUN, QIAN] {
        let sign = bench.sign(G3, WP, Step::Maker);
        bench.ask(G3, who, WP, sign);
    }
    bench.ask(OFFICE, WU, doc(201), named(ZHOU));
    bench.now = time("05-20T00:00");
    let review = bench.sign(G3, WP, Step::Deputy);
    bench.refused(G3, ZHOU, WP, review, "not_allowed");
    let waiting = waiting_for(bench.state(G3), ZHOU, bench.now);
    assert_eq!(waiting.first().map(|t| t.kind), Some(TaskKind::AskStandIn));
}

#[test]
fn us3_concurrent_judgements_block_signing_until_a_named_role_settles_them() {
    let mut bench = drafted();
    let values = [("1@aa", "high"), ("1@bb", "medium")];
    let mut now = reading(2, Body::Workpaper(paper()));
    now.conflicts = vec![conflict_of("severity", &values)];
    bench.docs.insert(WP, now.clone());
    let sign = bench.sign(G3, WP, Step::Maker);
    let refusal = bench.refused(G3, SUN, WP, sign, "conflicted");
    assert_eq!(refusal, Refusal::Conflicted { fields: vec![FieldPath::top("severity")] });
    let by_hand = Touched {
        birth: None,
        touches: vec![Touch {
            field: FieldPath::top("severity"),
            kind: TouchKind::SetOverConflict,
        }],
    };
    let field = FieldPath::top("severity");
    assert_eq!(bench.write(G3, SUN, WP, by_hand), Err(AsideReason::OverConflict { field }));

    let settle = |field: &str, ops: &[&str], chosen: &str, reason: &str| Command::ResolveConflict {
        field: FieldPath::top(field),
        ops: ops.iter().map(|op| (*op).into()).collect(),
        chosen: Value::Text(chosen.into()),
        reason: reason.into(),
    };
    let both = ["1@bb", "1@aa"];
    bench.refused(G3, LI, WP, settle("severity", &both, "high", "金额大"), "not_allowed");
    bench.refused(G3, QIAN, WP, settle("severity", &both, "high", ""), "reason_missing");
    bench.refused(G3, QIAN, WP, settle("severity", &both[..1], "high", "金额大"), "values_differ");
    bench.refused(
        G3,
        QIAN,
        WP,
        settle("severity", &both, "low", "金额大"),
        "not_one_of_the_values",
    );
    bench.refused(G3, QIAN, WP, settle("amount_fen", &both, "high", "金额大"), "not_a_conflict");
    bench.ask(G3, QIAN, WP, settle("severity", &both, "high", "金额大"));

    // A third value undoes the resolution until it is named too.
    now.conflicts = vec![conflict_of("severity", &[values[0], values[1], ("1@cc", "low")])];
    bench.docs.insert(WP, now.clone());
    let sign = bench.sign(G3, WP, Step::Maker);
    bench.refused(G3, SUN, WP, sign, "conflicted");
    now.conflicts = vec![conflict_of("severity", &values)];
    bench.docs.insert(WP, now);
    for (who, step) in
        [(SUN, Step::Maker), (LI, Step::Maker), (QIAN, Step::Deputy), (ZHAO, Step::Leader)]
    {
        let sign = bench.sign(G3, WP, step);
        bench.ask(G3, who, WP, sign);
    }
    let record = bench.record_of(G3, WP);
    assert_eq!(record.matter.workpaper().expect("paper").severity, Some(Severity::High));
    assert_eq!(record.resolutions[&FieldPath::top("severity")].by, QIAN);
}

#[test]
fn us4_signed_stays_signed_and_adoption_makes_signatures_stale() {
    let mut bench = Bench::new();
    bench.approved_workpaper(WP);
    assert_eq!(bench.write(G3, ZHOU, WP, edit("condition")), Err(AsideReason::Late));
    assert_eq!(bench.write(G3, ZHOU, WP, edit("effect")), Err(AsideReason::Late));
    let signed = bench.record_of(G3, WP).standing().expect("stands").clone();
    assert_eq!(rendering_digest(&signed.text), signed.rendering, "its hash still verifies");
    let late: Vec<_> = bench.record_of(G3, WP).late.iter().map(|l| l.envelope).collect();
    assert!(
        waiting_for(bench.state(G3), QIAN, bench.now)
            .iter()
            .any(|t| t.doc == WP && t.kind == TaskKind::LateArrivals)
    );

    let adopt = |envelopes: &[_]| Command::AdoptLate { envelopes: envelopes.to_vec() };
    bench.refused(G3, SUN, WP, adopt(&late[..1]), "not_allowed");
    let strange = crate::model::Digest([3; 32]);
    bench.refused(G3, QIAN, WP, adopt(&[strange]), "not_late");
    bench.refused(G3, QIAN, WP, adopt(&[]), "not_closed_set");
    bench.ask(G3, QIAN, WP, adopt(&late[..1]));
    let decline =
        |reason: &str| Command::DeclineLate { envelopes: vec![late[1]], reason: reason.into() };
    bench.refused(G3, QIAN, WP, decline(""), "reason_missing");
    bench.ask(G3, QIAN, WP, decline("与附件不符"));
    let record = bench.record_of(G3, WP);
    assert!(record.amended_after_signing() && record.standing().is_none());
    assert_eq!(record.versions[0].text, signed.text, "the signed version stays");
    assert_eq!(record.versions[0].signatures.len(), 4);
    assert_eq!(next_holder(record), Holder::Makers);
    assert!(
        waiting_for(bench.state(G3), LI, bench.now)
            .iter()
            .any(|t| t.doc == WP && t.kind == TaskKind::SignAgain)
    );

    say_now(&mut bench, 5, WorkpaperReading { cause: "内控缺失".into(), ..paper() });
    let swap = bench.sign(G3, WP, Step::Maker);
    bench.refused(G3, QIAN, WP, swap, "two_steps");
    for (who, step) in
        [(SUN, Step::Maker), (LI, Step::Maker), (QIAN, Step::Deputy), (ZHAO, Step::Leader)]
    {
        let sign = bench.sign(G3, WP, step);
        bench.ask(G3, who, WP, sign);
    }
    let record = bench.record_of(G3, WP);
    assert_eq!(record.official.as_deref(), Some("2026R2-G3-WP-001"), "the number stays");
    let findings = bench.state(G3).matters(Matter::finding).count();
    assert_eq!(findings, 1, "no second finding");
    let replaced =
        bench.state(OFFICE).matters(Matter::edition).filter(|(_, e)| e.replaced_by.is_some());
    assert_eq!(replaced.count(), 1, "the office sees which edition is the newest");
}

#[test]
fn what_is_adopted_is_causally_closed() {
    let mut bench = Bench::new();
    bench.approved_workpaper(WP);
    let (first, second) = (crate::model::Digest([1; 32]), crate::model::Digest([2; 32]));
    for (envelope, rests_on) in [(first, vec![]), (second, vec![first])] {
        let event = Event::ContentAside {
            envelope,
            by: ZHOU,
            reason: AsideReason::Late,
            rests_on,
            birth: None,
        };
        bench.say(G3, DocEvent::of(WP, event));
    }
    let only = Command::AdoptLate { envelopes: vec![second] };
    let refusal = bench.refused(G3, ZHAO, WP, only, "not_closed_set");
    assert_eq!(refusal, Refusal::NotClosedSet { missing: vec![first] });
    bench.ask(G3, ZHAO, WP, Command::AdoptLate { envelopes: vec![second, first] });
}

#[test]
fn a_dropped_paper_takes_its_finding_along_and_no_more_text() {
    let mut bench = Bench::new();
    bench.approved_workpaper(WP);
    let give_up = || Command::Drop { reason: "并入其他底稿".into() };
    bench.refused(G3, QIAN, WP, give_up(), "not_allowed");
    bench.refused(G3, ZHAO, WP, Command::Drop { reason: String::new() }, "reason_missing");
    bench.ask(G3, ZHAO, WP, give_up());
    bench.refused(G3, ZHAO, WP, give_up(), "wrong_stage");
    assert_eq!(bench.write(G3, SUN, WP, edit("cause")), Err(AsideReason::Closed));
    let (finding, state) = bench.state(G3).matters(Matter::finding).next().expect("a finding");
    assert_eq!(state.stage, finding::FindingStage::Withdrawn);
    let finding = finding.doc;
    assert_eq!(chain(bench.state(G3), finding).expect("a chain").broken, vec![WP]);
    let withdraw = Command::WithdrawFinding { reason: "重复".into() };
    bench.refused(G3, ZHAO, finding, withdraw, "wrong_stage");
}

#[test]
fn evidence_is_entered_once_and_says_where_it_came_from() {
    let mut bench = Bench::new();
    let register = |evidence| Command::RegisterEvidence { evidence };
    for missing in [
        crate::model::evidence::Evidence { name: String::new(), ..contract(1) },
        crate::model::evidence::Evidence { origin: " ".into(), ..contract(1) },
        crate::model::evidence::Evidence { obtained_by: vec![], ..contract(1) },
        crate::model::evidence::Evidence { content: None, ..contract(1) },
    ] {
        bench.refused(G3, SUN, WP, register(missing), "evidence_incomplete");
    }
    let photo = of_class(1, EvidenceKind::Photo, EvidenceClass::Base);
    bench.refused(G3, SUN, WP, register(photo.clone()), "two_obtainers");
    let two = crate::model::evidence::Evidence { obtained_by: vec![SUN, LI], ..photo };
    bench.ask(G3, SUN, WP, register(two));
    bench.refused(G3, SUN, WP, register(contract(1)), "evidence_exists");
    assert_eq!(bench.state(G3).evidence[&ev(1)].number, "2026R2-G3-EV-001");
    bench.refused(OFFICE, ZHENG, WP, register(contract(2)), "wrong_space");
}

#[test]
fn a_paper_born_aside_is_opened_for_its_author_when_it_is_adopted() {
    let mut bench = Bench::new();
    bench.say(G3, DocEvent::space(Event::MemberEnded { person: ZHOU, reason: "调离".into() }));
    let birth = Some(crate::model::DocKind::Workpaper);
    let lost = bench.write(G3, ZHOU, WP, Touched { birth, touches: vec![] });
    assert_eq!(lost, Err(AsideReason::Lapsed));
    let envelopes = vec![bench.record_of(G3, WP).late[0].envelope];
    bench.ask(G3, ZHAO, WP, Command::AdoptLate { envelopes });
    assert_eq!(bench.record_of(G3, WP).by, Some(ZHOU));
    assert!(bench.record_of(G3, WP).matter.workpaper().is_some());
}
