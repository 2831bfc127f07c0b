//! US-1: a talk of two, confirmed by both, reviewed, closed; and what is refused on the way.
use super::{
    super::{
        command::{Correction, OnPaper, ReviewOutcome},
        *,
    },
    bench::*,
};
use crate::model::{
    Body, ChangeHash, Digest, FieldPath, Touch, TouchKind, Touched,
    evidence::{EvidenceClass, EvidenceKind},
    interview::{InterviewReading, StatementTag},
};

const TALK: crate::model::DocId = doc(10);

fn confirm(bench: &Bench) -> Command {
    Command::ConfirmInterview { pin: bench.pin(G3, TALK) }
}

fn review(outcome: ReviewOutcome, corrections: Vec<Correction>) -> Command {
    Command::RecordReview { outcome, corrections, on_paper: None }
}

fn begun() -> Bench {
    let mut bench = Bench::new();
    bench.born(G3, LI, TALK, Body::Interview(talk()));
    bench
}

#[test]
fn us1_a_talk_closes_once_both_confirm_and_the_review_is_recorded() {
    let mut bench = begun();
    let number = bench.record_of(G3, TALK).provisional.clone().expect("a provisional number");
    assert!(number.starts_with("2026R2-G3-IN-~"), "{number}");

    let refusal = bench.refused(G3, SUN, TALK, Command::CloseInterview, "two_interviewers");
    assert_eq!(refusal, Refusal::TwoInterviewers { confirmed: vec![] });
    let first = confirm(&bench);
    bench.ask(G3, LI, TALK, first);
    bench.refused(G3, LI, TALK, Command::CloseInterview, "two_interviewers");
    assert_eq!(waiting_for(bench.state(G3), SUN, bench.now)[0].kind, TaskKind::ConfirmInterview);
    let second = confirm(&bench);
    bench.ask(G3, SUN, TALK, second);
    bench.refused(G3, SUN, TALK, Command::CloseInterview, "review_missing");

    // 张某 corrects 3.2万 to 2.3万: appended beside the old text.
    let corrections = vec![Correction { statement: item(1), text: "金额是2.3万元".into() }];
    bench.ask(G3, SUN, TALK, review(ReviewOutcome::Corrected, corrections));
    bench.ask(G3, SUN, TALK, Command::CloseInterview);
    let record = bench.record_of(G3, TALK);
    let state = record.matter.interview().expect("an interview");
    assert_eq!(state.corrections[0].correction.text, "金额是2.3万元");
    assert!(record.standing().expect("stands").text.contains("金额是3.2万元"));
    assert_eq!(record.official.as_deref(), Some("2026R2-G3-IN-001"));
    for known in ["2026R2-G3-IN-001", &number] {
        assert_eq!(bench.state(G3).by_number(known).count(), 1, "both numbers find it");
    }
    assert_eq!(next_holder(record), Holder::Nobody);
}

#[test]
fn the_first_confirmation_pins_the_heads() {
    let mut bench = begun();
    let mut stale = bench.pin(G3, TALK);
    bench.docs.get_mut(&TALK).expect("doc").heads = vec![ChangeHash([2; 32])];
    let refusal = bench.refused(
        G3,
        SUN,
        TALK,
        Command::ConfirmInterview { pin: stale.clone() },
        "heads_moved",
    );
    let main = vec![ChangeHash([2; 32])];
    assert_eq!(refusal, Refusal::HeadsMoved { expected: stale.heads.clone(), main });

    let fresh = bench.pin(G3, TALK);
    stale.heads = fresh.heads.clone();
    stale.rendering = Digest([9; 32]);
    bench.refused(G3, SUN, TALK, Command::ConfirmInterview { pin: stale }, "rendering_differs");
    let mute = Pin { text: None, ..fresh.clone() };
    bench.refused(G3, SUN, TALK, Command::ConfirmInterview { pin: mute }, "rendering_missing");
    let other = Pin { text: Some("别的文本".into()), ..fresh.clone() };
    bench.refused(G3, SUN, TALK, Command::ConfirmInterview { pin: other }, "rendering_differs");
    bench.refused(
        G3,
        ZHOU,
        TALK,
        Command::ConfirmInterview { pin: fresh.clone() },
        "not_interviewer",
    );
    bench.ask(G3, SUN, TALK, Command::ConfirmInterview { pin: fresh.clone() });
    bench.refused(G3, SUN, TALK, Command::ConfirmInterview { pin: fresh }, "already_signed");
}

#[test]
fn a_confirmed_statement_is_never_rewritten_and_an_addition_is_late() {
    let mut bench = begun();
    let first = confirm(&bench);
    bench.ask(G3, SUN, TALK, first);
    let path = |n, name| FieldPath::item("statements", item(n), name).0;
    assert_eq!(
        bench.write(G3, LI, TALK, edit(&path(1, "text"))),
        Err(AsideReason::ConfirmedStatement)
    );
    let addition = Touched {
        birth: None,
        touches: vec![Touch {
            field: FieldPath(format!("statements/{}", item(3))),
            kind: TouchKind::Add,
        }],
    };
    assert_eq!(bench.write(G3, LI, TALK, addition), Err(AsideReason::Late));
    let late: Vec<_> = bench.record_of(G3, TALK).late.iter().map(|l| l.envelope).collect();
    bench.refused(G3, ZHOU, TALK, Command::AdoptLate { envelopes: vec![late[1]] }, "not_allowed");
    bench.refused(G3, QIAN, TALK, Command::AdoptLate { envelopes: vec![late[0]] }, "not_adoptable");
    bench.ask(G3, QIAN, TALK, Command::AdoptLate { envelopes: vec![late[1]] });
    assert!(bench.record_of(G3, TALK).amended_after_signing());

    // Both confirm anew, and the interviewee's review is asked for anew.
    bench.docs.get_mut(&TALK).expect("doc").heads = vec![ChangeHash([3; 32])];
    let again = confirm(&bench);
    bench.ask(G3, SUN, TALK, again);
    let again = confirm(&bench);
    bench.ask(G3, LI, TALK, again);
    bench.ask(G3, LI, TALK, review(ReviewOutcome::Declined, vec![]));
    bench.ask(G3, LI, TALK, Command::Return { notes: vec![] });
    bench.docs.get_mut(&TALK).expect("doc").heads = vec![ChangeHash([4; 32])];
    if let Body::Interview(talk) = &mut bench.docs.get_mut(&TALK).expect("doc").body {
        talk.purpose = "了解采购".into();
    }
    for who in [SUN, LI] {
        let again = confirm(&bench);
        bench.ask(G3, who, TALK, again);
    }
    bench.refused(G3, LI, TALK, Command::CloseInterview, "review_of_another_version");
}

#[test]
fn a_review_on_paper_is_bound_to_what_was_printed() {
    let mut bench = begun();
    bench.refused(G3, SUN, TALK, review(ReviewOutcome::Signed, vec![]), "wrong_stage");
    let first = confirm(&bench);
    bench.ask(G3, SUN, TALK, first);
    let standing = bench.record_of(G3, TALK).standing().expect("stands").rendering;
    let paper = |rendering, witnesses: &[_]| Command::RecordReview {
        outcome: ReviewOutcome::Signed,
        corrections: vec![],
        on_paper: Some(OnPaper { scan: ev(9), rendering, witnesses: witnesses.to_vec() }),
    };
    bench.refused(G3, SUN, TALK, paper(standing, &[SUN, LI]), "unknown_scan");
    bench.register(G3, SUN, of_class(9, EvidenceKind::Scan, EvidenceClass::Base));
    bench.refused(G3, SUN, TALK, paper(Digest([1; 32]), &[SUN, LI]), "scan_of_another_version");
    bench.refused(G3, SUN, TALK, paper(standing, &[SUN, SUN]), "two_witnesses");
    bench.refused(G3, SUN, TALK, paper(standing, &[SUN, WANG]), "two_witnesses");
    bench.ask(G3, SUN, TALK, paper(standing, &[SUN, LI]));

    bench.refused(G3, SUN, TALK, review(ReviewOutcome::Corrected, vec![]), "corrections_mismatch");
    let unknown = vec![Correction { statement: item(77), text: "更正".into() }];
    bench.refused(G3, SUN, TALK, review(ReviewOutcome::Corrected, unknown), "unknown_statement");
    bench.refused(G3, ZHOU, TALK, review(ReviewOutcome::Signed, vec![]), "not_interviewer");
}

#[test]
fn a_planned_talk_is_called_off_with_a_reason_and_takes_no_more_text() {
    let mut bench = begun();
    let off = |reason: &str| Command::CancelInterview { reason: reason.into() };
    bench.refused(G3, LI, TALK, off(" "), "reason_missing");
    bench.ask(G3, LI, TALK, off("谈话对象出差"));
    bench.refused(G3, LI, TALK, off("再次"), "wrong_stage");
    assert_eq!(bench.write(G3, LI, TALK, edit("note")), Err(AsideReason::Closed));
}

#[test]
fn opinion_alone_is_told_from_fact_by_the_confirmed_tag() {
    let mut bench = begun();
    let first = confirm(&bench);
    bench.ask(G3, SUN, TALK, first);
    assert_eq!(bench.state(G3).statements[&item(2)].tag, Some(StatementTag::Opinion));
    let mut reading = bench.docs[&TALK].clone();
    reading.body = Body::Interview(InterviewReading::default());
    assert!(gate::gate(&reading, &bench.state(G3).gate_facts()).is_green(), "papers only");
}
