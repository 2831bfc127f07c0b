//! US-6: a question of 第五组 is settled the same day, on papers shown for a time.
use super::{
    super::{
        command::{AgreedAction, DeadlineKind, Guest, TriageOutcome, Urgency},
        consultation::{ConsultationStage, ExhibitEnd},
        *,
    },
    bench::*,
};
use crate::model::{
    Body, DocId, DocKind, SpaceId, Touched, consultation::ConsultationReading, round::Role,
};

const WP: DocId = doc(20);
const QUESTION: DocId = doc(30);

fn raise() -> Command {
    Command::Raise {
        title: "拆分采购定性".into(),
        question: "违规采购还是以权谋私?".into(),
        urgency: Urgency::Urgent,
    }
}

/// 陈某 has raised the question; returns the consultation's space and record.
fn raised() -> (Bench, SpaceId, DocId) {
    let mut bench = Bench::new();
    bench.now = time("05-12T10:05");
    bench.born(G5, CHEN, WP, Body::Workpaper(paper()));
    bench.ask(G5, CHEN, QUESTION, raise());
    let question = bench.record_of(G5, QUESTION).matter.question().expect("a question").clone();
    (bench, question.space, question.consultation)
}

fn guest(person: crate::model::PersonId, name: &str, role: Role) -> Guest {
    Guest { person, name: name.into(), post: String::new(), roles: vec![role] }
}

fn grant() -> Command {
    Command::GrantExhibit {
        consultation: QUESTION,
        rendering: "某单位三次拆分采购".into(),
        reading: None,
        masked: true,
        unmasked_reason: None,
        left_out: vec![],
        until: time("05-12T18:00"),
    }
}

fn conclude() -> Command {
    Command::Conclude {
        characterisation: "规避招标".into(),
        sufficiency: "未见私利证据".into(),
        disposition: "补充调取银行流水".into(),
        actions: vec![AgreedAction {
            who: "第五组".into(),
            what: "调取银行流水".into(),
            due: None,
        }],
    }
}

#[test]
fn us6_a_question_is_settled_the_same_day_and_the_grants_end() {
    let (mut bench, space, talk) = raised();
    assert!(
        bench.state(space).may_read(ZHENG, bench.now)
            && bench.state(space).may_read(CHEN, bench.now)
    );
    assert!(!bench.state(space).may_read(ZHAO, bench.now), "not yet invited");
    assert_eq!(bench.record_of(space, talk).number(), bench.record_of(G5, QUESTION).number());
    assert!(bench.state(space).info.as_ref().expect("info").unit.is_none(), "no unit is named");
    assert!(bench.spaces[&ids::control_space(CHEN)].grants.contains_key(&space));
    assert_eq!(waiting_for(bench.state(space), ZHENG, bench.now)[0].kind, TaskKind::Triage);

    bench.ask(G5, CHEN, WP, grant());
    let exhibit = bench.record_of(G5, QUESTION).matter.question().expect("q").exhibits[0].exhibit;
    bench.now = time("05-12T10:40");
    bench.ask(space, ZHENG, talk, Command::Triage { outcome: TriageOutcome::Convened });
    let guests = vec![guest(HE, "何某", Role::Expert), guest(QIAN, "钱某", Role::DeputyLeader)];
    bench.ask(space, ZHENG, talk, Command::Invite { guests });
    let birth = Some(DocKind::Consultation);
    let said = reading(1, Body::Consultation(ConsultationReading::default()));
    bench.docs.insert(talk, said);
    bench.write(space, CHEN, talk, Touched { birth, touches: vec![] }).expect("begins the text");
    let twice = bench.write(space, HE, talk, Touched { birth, touches: vec![] });
    assert_eq!(twice, Err(AsideReason::BornTwice));
    bench.write(space, HE, talk, edit("positions")).expect("every participant writes");

    bench.ask(space, ZHENG, talk, conclude());
    bench.ask(space, QIAN, talk, Command::Dissent { text: "严重程度应为高".into() });
    bench.now = time("05-12T16:20");
    for who in [QIAN, CHEN] {
        let pin = bench.pin(space, talk);
        bench.ask(space, who, talk, Command::SignMinutes { pin });
    }
    bench.refused(space, ZHENG, talk, Command::CloseConsultation, "minutes_unsigned");
    assert_eq!(bench.write(space, HE, talk, edit("minutes")), Err(AsideReason::Late));
    let pin = bench.pin(space, talk);
    bench.ask(space, WU, talk, Command::SignMinutes { pin });
    let state = bench.record_of(space, talk).matter.consultation().expect("c").clone();
    assert_eq!(state.stage, ConsultationStage::Minuted);
    assert_eq!(state.dissents[0].0, QIAN);

    bench.refused(space, ZHAO, exhibit, Command::OpenExhibit, "not_a_member");
    bench.ask(space, HE, exhibit, Command::OpenExhibit);
    let opened = &bench.record_of(space, exhibit).matter.exhibit().expect("an exhibit").opened;
    assert_eq!(opened[..], [(HE, time("05-12T16:20"))], "who read what");
    bench.now = time("05-12T18:01");
    assert!(bench.timers().contains(&Command::ExpireExhibit));
    bench.refused(space, HE, exhibit, Command::OpenExhibit, "wrong_stage");
    let shown = bench.record_of(space, exhibit).matter.exhibit().expect("an exhibit");
    assert_eq!(shown.ended.map(|(_, end)| end), Some(ExhibitEnd::Expired));
    assert!(shown.edition.is_none(), "no longer to be opened");

    bench.refused(space, ZHENG, talk, Command::CloseConsultation, "actions_open");
    let done = |action| Command::ActionDone { action, note: String::new() };
    bench.refused(space, CHEN, talk, done(item(99)), "unknown_action");
    bench.ask(space, CHEN, talk, done(state.actions[0].id));
    bench.refused(space, CHEN, talk, done(state.actions[0].id), "wrong_stage");
    bench.ask(space, ZHENG, talk, Command::CloseConsultation);
    let closed = bench.record_of(G5, QUESTION).matter.question().expect("q").closed.clone();
    assert_eq!(closed.expect("closed").1, "规避招标");
    assert_eq!(bench.write(space, CHEN, talk, edit("minutes")), Err(AsideReason::Closed));
    bench.refused(G5, CHEN, WP, grant(), "wrong_stage");
}

#[test]
fn only_the_raising_leader_shows_papers_and_names_are_masked() {
    let (mut bench, space, _) = raised();
    let with = |change: &dyn Fn(&mut Command)| {
        let mut command = grant();
        change(&mut command);
        command
    };
    let bare = with(&|c| {
        if let Command::GrantExhibit { masked, .. } = c {
            *masked = false;
        }
    });
    bench.refused(G5, CHEN, WP, bare, "unmasked_without_reason");
    let past = with(&|c| {
        if let Command::GrantExhibit { until, .. } = c {
            *until = time("05-12T09:00");
        }
    });
    bench.refused(G5, CHEN, WP, past, "time_passed");
    bench.refused(G5, CHEN, doc(77), grant(), "unknown_record");
    // Another leader takes over: the papers are still not hers to show.
    bench.say(G5, DocEvent::space(member(HE, Role::GroupLeader)));
    bench.refused(G5, HE, WP, grant(), "not_the_raising_leader");
    bench.ask(G5, CHEN, WP, grant());
    let exhibit = bench.record_of(G5, QUESTION).matter.question().expect("q").exhibits[0].exhibit;
    let revoke = |exhibit| Command::RevokeExhibit { exhibit, reason: "误发".into() };
    bench.refused(G5, HE, WP, revoke(exhibit), "not_the_raising_leader");
    bench.refused(G5, CHEN, WP, revoke(doc(88)), "unknown_record");
    bench.ask(G5, CHEN, WP, revoke(exhibit));
    bench.refused(G5, CHEN, WP, revoke(exhibit), "wrong_stage");
    let shown = bench.record_of(space, exhibit).matter.exhibit().expect("an exhibit");
    assert_eq!(shown.ended.map(|(_, end)| end), Some(ExhibitEnd::Revoked));
    let server = bench.try_as(space, Actor::Server, exhibit, Command::ExpireExhibit);
    assert_eq!(server, Err(Refusal::NotDue { what: None }));
    bench.refused(space, CHEN, exhibit, Command::ExpireExhibit, "server_only");
}

fn member(person: crate::model::PersonId, role: Role) -> Event {
    Event::MemberSet {
        person,
        name: String::new(),
        post: String::new(),
        roles: vec![role],
        from: time("05-11T09:00"),
        until: None,
    }
}

#[test]
fn the_office_convenes_and_a_recusal_holds_in_the_consultation() {
    let mut bench = Bench::new();
    bench.say(G5, DocEvent::space(Event::Recused { person: LI, reason: "亲属".into() }));
    bench.refused(
        G5,
        CHEN,
        QUESTION,
        Command::Raise {
            title: String::new(),
            question: String::new(),
            urgency: Urgency::Ordinary,
        },
        "field_missing",
    );
    bench.refused(G3, SUN, QUESTION, raise(), "not_allowed");
    bench.ask(G5, CHEN, QUESTION, raise());
    bench.refused(G5, CHEN, QUESTION, raise(), "wrong_stage");
    let q = bench.record_of(G5, QUESTION).matter.question().expect("q").clone();
    let (space, talk) = (q.space, q.consultation);
    bench.refused(
        space,
        CHEN,
        talk,
        Command::Triage { outcome: TriageOutcome::Convened },
        "not_allowed",
    );
    bench.refused(space, ZHENG, talk, conclude(), "wrong_stage");
    let invite = |guest| Command::Invite { guests: vec![guest] };
    bench.refused(space, ZHENG, talk, invite(guest(LI, "李某", Role::Member)), "recused");
    let director = guest(HE, "何某", Role::OfficeDirector);
    bench.refused(space, ZHENG, talk, invite(director), "not_allowed");
    bench.refused(space, CHEN, talk, invite(guest(HE, "何某", Role::Expert)), "not_allowed");

    // Nobody triages in time: recorded once.
    bench.now = bench.now.plus_millis(5 * 3_600_000);
    let passed = bench.timers();
    assert_eq!(passed, vec![Command::RecordOverdue { deadline: DeadlineKind::Triage }]);
    let answer = TriageOutcome::AnsweredDirectly { answer: "按规避招标定性".into() };
    bench.ask(space, ZHENG, talk, Command::Triage { outcome: answer });
    bench.ask(space, CHEN, talk, Command::CloseConsultation);
    assert_eq!(next_holder(bench.record_of(space, talk)), Holder::Nobody);
    bench.refused(space, CHEN, talk, Command::Dissent { text: "不同意".into() }, "wrong_stage");
}
