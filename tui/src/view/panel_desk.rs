//! Findings, notices on both sides, and editions before the office.
use shared::{
    model::{DocId, EvidenceId},
    workflow::{
        event::DeskStage,
        finding::{FindingState, MilestoneKind},
        notice::DeskState,
        record::Record,
        stand_in::StandInState,
    },
};

use super::{canvas::look, panel::Panel, panel_sign};
use crate::words::t;

/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// A finding, and what became of it.
pub(super) fn finding(panel: &mut Panel<'_>, finding: &FindingState) {
    let words = panel.words;
    panel.plain(finding.finding.title.clone());
    if let Some(severity) = finding.finding.severity {
        panel.plain(format!("{} {}", words.field_key("severity"), words.severity(severity)));
    }
    let label = words.field_key("characterisation");
    panel.plain(format!("{label} {}", finding.finding.characterisation));
    let space = panel.about.space;
    let numbers = |docs: &[DocId]| {
        let records = docs.iter().filter_map(|d| space.state.record(*d));
        words.join(records.filter_map(|r| r.number()).map(str::to_owned))
    };
    let (papers, notices) = (numbers(&finding.finding.workpapers), numbers(&finding.notices));
    if !papers.is_empty() {
        panel.plain(t!(words, "panel-workpapers", list = papers));
    }
    if !notices.is_empty() {
        panel.plain(t!(words, "panel-notices", list = notices));
    }
    panel.head(t!(words, "panel-milestones"));
    for step in &finding.chain {
        let line = format!("{} {}", panel.at(step.at), words.milestone(step.what));
        panel.plain(line);
    }
    let moment = |what| finding.chain.iter().find(|m| m.what == what).map(|m| m.at);
    let done = moment(MilestoneKind::Notice(DeskStage::Done));
    if let (Some(issued), Some(done)) = (moment(MilestoneKind::NoticeIssued), done) {
        let days = done.since(issued) / DAY;
        panel.styled(t!(words, "panel-chain-days", n = days), look::GOOD);
    }
    if let Some((who, at, why)) = &finding.withdrawn {
        panel.said(panel.name(*who), *at, why);
    }
}

/// A notice where it is written.
pub(super) fn notice(panel: &mut Panel<'_>, record: &Record) {
    panel_sign::signatures(panel, record);
    panel_sign::returns(panel, record);
}

/// A notice on the unit's desk: who took it, what is done, what checks found.
pub(super) fn desk(panel: &mut Panel<'_>, desk: &DeskState) {
    let words = panel.words;
    panel.head(t!(words, "panel-due"));
    let (due, was) = (desk.due.to_string(), desk.original_due().to_string());
    panel.plain(if due == was {
        t!(words, "desk-due", due = due)
    } else {
        t!(words, "desk-due-moved", due = due, was = was)
    });
    for moved in &desk.moved {
        let line = t!(
            words,
            "panel-moved",
            was = moved.was.to_string(),
            due = moved.due.to_string(),
            why = moved.reason.clone()
        );
        panel.styled(line, look::WARN);
    }
    panel.styled(t!(words, "panel-exit", day = desk.exit_on.to_string()), look::DIM);
    panel.plain(match &desk.acknowledged {
        Some(by) => {
            let (who, at) = (panel.name(by.by), panel.at(by.at));
            let text = t!(words, "panel-acknowledged", who = who, at = at);
            words.on_paper(text, by.on_paper.as_ref(), |p| panel.name(p))
        }
        None => t!(words, "panel-not-acknowledged"),
    });
    for reply in &desk.replies {
        let text = format!("{} {}", panel.at(reply.at), t!(words, "event-reply"));
        panel.plain(words.on_paper(text, Some(&reply.on_paper), |p| panel.name(p)));
    }
    if !desk.disputes.is_empty() {
        panel.head(t!(words, "panel-disputes"));
        for dispute in &desk.disputes {
            panel.said(panel.name(dispute.by), dispute.at, &dispute.reason);
            if let Some((who, at, outcome, why)) = &dispute.decided {
                panel.said(panel.name(*who), *at, &words.decided(outcome, why));
            }
        }
    }
    if let Some(request) = &desk.amended_request {
        panel.head(t!(words, "panel-amended"));
        panel.plain(request.clone());
    }
    measures(panel, desk);
    checks(panel, desk);
}

/// The text of a notice on the unit's desk, with what its reader has to know of it.
pub(super) fn desk_text(panel: &mut Panel<'_>, desk: &DeskState) {
    let words = panel.words;
    let text = &desk.notice.edition.rendering;
    if desk.stage == DeskStage::Issued {
        panel.styled(t!(words, "panel-please-acknowledge"), look::WARN);
    }
    if !text.contains(&desk.notice.number) {
        panel.styled(t!(words, "panel-text-number"), look::DIM);
    }
    panel.text(text);
}

fn measures(panel: &mut Panel<'_>, desk: &DeskState) {
    let words = panel.words;
    if desk.measures.is_empty() {
        return;
    }
    panel.head(t!(words, "panel-measures"));
    for m in &desk.measures {
        let line = t!(
            words,
            "panel-measure",
            number = m.number.clone(),
            act = m.measure.act.clone(),
            owner = m.measure.owner.clone(),
            due = m.measure.due.clone()
        );
        panel.plain(line);
        for report in &m.reports {
            panel.plain(t!(words, "panel-report", text = report.note.clone()));
            evidence(panel, &report.evidence);
        }
    }
}

fn evidence(panel: &mut Panel<'_>, items: &[EvidenceId]) {
    let words = panel.words;
    let known = items.iter().filter_map(|e| panel.about.space.state.evidence.get(e));
    let names: Vec<String> = known
        .map(|r| words.bracketed(&r.evidence.name, words.evidence_class(r.evidence.class)))
        .collect();
    if !names.is_empty() {
        panel.plain(t!(words, "panel-evidence", list = words.join(names)));
    }
}

fn checks(panel: &mut Panel<'_>, desk: &DeskState) {
    let words = panel.words;
    if desk.checks.is_empty() {
        return;
    }
    panel.head(t!(words, "panel-checks"));
    for check in &desk.checks {
        let who = words.join(check.checkers.iter().map(|p| panel.name(*p)));
        let line =
            t!(words, "panel-check", who = who, passed = check.sample.passed, of = check.sample.of);
        let style = if check.done { look::GOOD } else { look::WARN };
        panel.styled(format!("{} {line}", panel.at(check.at)), style);
        if !check.notes.is_empty() {
            panel.plain(check.notes.clone());
        }
        evidence(panel, &check.evidence);
    }
}

/// A group's request for a stand-in, before the office.
pub(super) fn stand_in(panel: &mut Panel<'_>, request: &StandInState) {
    let words = panel.words;
    let wanted = &request.wanted;
    panel.plain(t!(words, "panel-stand-in-stay", stay = wanted.stay.clone()));
    panel.plain(t!(words, "panel-stand-in-step", step = words.step(wanted.step)));
    let who = t!(words, "panel-stand-in-asked", who = wanted.name.clone());
    panel.plain(format!("{who} {}", wanted.reason));
    panel.head(t!(words, "panel-stand-in-people"));
    if wanted.people.is_empty() {
        panel.styled(t!(words, "panel-stand-in-nobody"), look::WARN);
    }
    for person in &wanted.people {
        panel.plain(format!("{} {}", person.name, person.post));
    }
    if let Some(named) = &request.named {
        let of = wanted.people.iter().find(|p| p.person == named.person);
        let who = of.map_or_else(|| panel.name(named.person), |p| p.name.clone());
        panel.head(t!(words, "stand-in-named"));
        let until = panel.at(named.until);
        let line =
            t!(words, "panel-stand-in", who = who, until = until, why = named.reason.clone());
        panel.plain(line);
    }
}

/// An edition before the office: read and comment only.
pub(super) fn edition(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    if !record.comments.is_empty() {
        panel.head(t!(words, "panel-comments"));
        for comment in &record.comments {
            panel.said(panel.name(comment.by), comment.at, &comment.text);
        }
    }
    panel_sign::returns(panel, record);
}
