//! Questions, consultations and what is shown to them.
use shared::workflow::{
    command::TriageOutcome,
    consultation::{ConsultationState, ExhibitState, QuestionState},
    record::{Matter, Record},
};

use super::{canvas::look, panel::Panel, panel_sign};
use crate::{
    app::list,
    words::{Words, t},
};

fn masked(words: &Words, masked: bool) -> String {
    if masked { t!(words, "panel-masked") } else { t!(words, "panel-unmasked") }
}

/// A question where it was raised, and what is shown for it.
pub(super) fn question(panel: &mut Panel<'_>, record: &Record, question: &QuestionState) {
    let words = panel.words;
    panel.head(t!(words, "panel-question-text"));
    panel.plain(words.urgency(question.urgency));
    panel.said(panel.name(question.by), record.at, &question.question);
    if !question.exhibits.is_empty() {
        panel.head(t!(words, "panel-exhibits"));
        let space = panel.about.space;
        for shown in &question.exhibits {
            let source = space.state.record(shown.source);
            let name = source
                .map(|r| format!("{} {}", r.number().unwrap_or_default(), list::title(space, r)));
            let until = t!(words, "exhibit-until", at = panel.at(shown.until));
            let state = match shown.revoked {
                Some(_) => t!(words, "exhibit-revoked"),
                None => until,
            };
            let name = words.bracketed(name.unwrap_or_default(), masked(words, shown.masked));
            panel.plain(format!("{name} {state}"));
        }
    }
    if let Some((at, what)) = &question.closed {
        panel.head(t!(words, "panel-conclusion"));
        panel.plain(format!("{} {what}", panel.at(*at)));
    }
}

/// A consultation in its own space.
pub(super) fn session(panel: &mut Panel<'_>, record: &Record, session: &ConsultationState) {
    let words = panel.words;
    panel.said(panel.name(session.raised_by), session.raised_at, &session.question);
    if let Some((who, at, outcome)) = &session.triage {
        panel.head(t!(words, "panel-triage"));
        let text = match outcome {
            TriageOutcome::AnsweredDirectly { answer } => {
                t!(words, "panel-triage-answered", text = answer.clone())
            }
            TriageOutcome::Convened => t!(words, "panel-triage-convened"),
            TriageOutcome::Merged { into } => {
                t!(words, "panel-triage-merged", into = into.clone())
            }
        };
        panel.said(panel.name(*who), *at, &text);
    }
    exhibits(panel);
    if let Some(conclusion) = &session.conclusion {
        panel.head(t!(words, "panel-conclusion"));
        for (key, text) in [
            ("characterisation", &conclusion.characterisation),
            ("sufficiency", &conclusion.sufficiency),
            ("disposition", &conclusion.disposition),
        ] {
            panel.plain(format!("{} {text}", words.field_key(key)));
        }
    }
    if !session.dissents.is_empty() {
        panel.head(t!(words, "panel-dissent"));
        for (who, at, text) in &session.dissents {
            panel.said(panel.name(*who), *at, text);
        }
    }
    actions(panel, session);
    panel_sign::signatures(panel, record);
}

fn exhibits(panel: &mut Panel<'_>) {
    let words = panel.words;
    let space = panel.about.space;
    let mut all: Vec<(&Record, &ExhibitState)> = space.state.matters(Matter::exhibit).collect();
    if all.is_empty() {
        return;
    }
    all.sort_by_key(|(record, _)| record.at);
    panel.head(t!(words, "panel-exhibits"));
    for (_, exhibit) in all {
        let state = match exhibit.ended {
            Some((_, how)) => words.exhibit_end(how),
            None => t!(words, "exhibit-until", at = panel.at(exhibit.until)),
        };
        panel.plain(format!("{} {state}", exhibit.number));
    }
}

fn actions(panel: &mut Panel<'_>, session: &ConsultationState) {
    let words = panel.words;
    if session.actions.is_empty() {
        return;
    }
    panel.head(t!(words, "panel-actions"));
    for action in &session.actions {
        let due = action.action.due.map(|d| d.to_string()).unwrap_or_default();
        let line = t!(
            words,
            "panel-action",
            who = action.action.who.clone(),
            what = action.action.what.clone(),
            due = due
        );
        match &action.done {
            Some((_, _, note)) => {
                panel.styled(format!("{line} {} {note}", t!(words, "panel-done")), look::GOOD);
            }
            None => panel.plain(format!("{line} {}", t!(words, "panel-open"))),
        }
    }
}

/// A paper shown to this space, as long as it may be read.
pub(super) fn exhibit(panel: &mut Panel<'_>, exhibit: &ExhibitState) {
    let words = panel.words;
    match (&exhibit.edition, exhibit.ended) {
        (Some(edition), None) => panel.plain(masked(words, edition.masked)),
        _ => panel.plain(t!(words, "panel-text-gone")),
    }
}

/// Its text, as long as it may be read.
pub(super) fn exhibit_text(panel: &mut Panel<'_>, exhibit: &ExhibitState) {
    if let (Some(edition), None) = (&exhibit.edition, exhibit.ended) {
        panel.text(&edition.rendering);
    }
}
