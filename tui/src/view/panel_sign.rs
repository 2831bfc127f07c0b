//! Gate, signatures, returns, conflicts and late arrivals.
use shared::workflow::{
    conflict,
    event::Meaning,
    gate::gate,
    interview::InterviewState,
    record::{Fell, Record},
    stand_in,
};

use super::{canvas::look, panel::Panel};
use crate::{app::data, words::t};

/// What a talk takes to be closed, and what the interviewee made of it.
pub(super) fn talk(panel: &mut Panel<'_>, record: &Record, talk: &InterviewState) {
    let words = panel.words;
    panel.styled(t!(words, "panel-negative"), look::DIM);
    panel.styled(t!(words, "panel-rules"), look::DIM);
    let confirmed: Vec<String> = record
        .standing()
        .into_iter()
        .flat_map(|v| v.signers(Meaning::Interviewer))
        .map(|p| panel.name(p))
        .collect();
    if !confirmed.is_empty() {
        panel.plain(t!(words, "panel-confirmed", who = words.join(confirmed)));
    }
    if let Some(review) = &talk.review {
        let how = t!(words, "panel-review", how = words.review(review.outcome));
        let text = words.on_paper(how, review.on_paper.as_ref(), |p| panel.name(p));
        panel.plain(text);
    }
    if !talk.corrections.is_empty() {
        panel.head(t!(words, "panel-corrections"));
        for corrected in &talk.corrections {
            let at = talk.statements.iter().position(|s| *s == corrected.correction.statement);
            let text = corrected.correction.text.clone();
            let n = at.map_or(0, |at| at + 1);
            panel.plain(t!(words, "panel-correction", n = n, text = text));
        }
    }
    returns(panel, record);
}

/// A workpaper's gate and its three-step sign-off.
pub(super) fn paper(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    if let Some(reading) = panel.about.reading {
        panel.head(t!(words, "panel-gate"));
        let settled = conflict::settle(reading, &record.resolutions);
        let found = gate(&settled, &panel.about.space.state.gate_facts());
        if found.is_green() {
            panel.styled(t!(words, "panel-gate-green"), look::GOOD);
        } else {
            panel.styled(t!(words, "panel-gate-red", n = found.red.len()), look::BAD);
            for item in &found.red {
                panel.styled(format!("- {}", words.gate_item(item)), look::BAD);
            }
        }
    }
    signatures(panel, record);
    stand_in(panel, record);
    returns(panel, record);
    if !record.comments.is_empty() {
        panel.head(t!(words, "panel-comments"));
        for comment in &record.comments {
            let who =
                if comment.name.is_empty() { panel.name(comment.by) } else { comment.name.clone() };
            panel.said(who, comment.at, &comment.text);
        }
    }
}

/// Who signed what, the newest version first.
pub(super) fn signatures(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    panel.head(t!(words, "panel-signatures"));
    if record.versions.is_empty() {
        panel.plain(t!(words, "panel-none-signed"));
    }
    for version in record.versions.iter().rev() {
        let fell = match version.fell {
            None => String::new(),
            Some(Fell::Returned { .. }) => t!(words, "panel-fell-return"),
            Some(Fell::Amended { .. }) => t!(words, "panel-stale"),
        };
        for signature in &version.signatures {
            let mut line = format!(
                "{} {} {} {fell}",
                words.meaning(signature.meaning),
                panel.name(signature.person),
                data::dated(panel.about.space, signature.at),
            );
            let (stand_in, over) = (&signature.stand_in, &signature.gate_override);
            let why = words.signed_why(stand_in.as_deref(), over.as_deref());
            line.truncate(line.trim_end().len());
            line += &why;
            let style = if version.fell.is_some() { look::DIM } else { look::PLAIN };
            panel.styled(line.trim_end().to_owned(), style);
        }
    }
}

/// Who may sign in another's place, or that nobody may.
fn stand_in(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    let (state, now) = (&panel.about.space.state, panel.about.now);
    let Some(step) = stand_in::step_due(record) else { return };
    if let Some(asked) = stand_in::unanswered(record, step) {
        let (who, at) = (panel.name(asked.by), panel.at(asked.at));
        panel.styled(t!(words, "panel-stand-in-waits", who = who, at = at), look::WARN);
    } else if stand_in::vacant(state, record, now).is_some() {
        panel.styled(t!(words, "panel-stand-in-vacant"), look::WARN);
    } else if stand_in::eligible(state, record, step, now).is_none()
        && let Some(named) = stand_in::stand_in(state, record, step, now)
    {
        let (who, until) = (panel.name(named.person), panel.at(named.until));
        let line =
            t!(words, "panel-stand-in", who = who, until = until, why = named.reason.clone());
        panel.plain(line);
    }
}

/// What a record was sent back with, the newest first.
pub(super) fn returns(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    if record.returns.is_empty() {
        return;
    }
    panel.head(t!(words, "panel-returns"));
    for returned in record.returns.iter().rev() {
        for note in &returned.notes {
            let text = match &note.field {
                Some(field) => format!("{} {}", words.field(field), note.text),
                None => note.text.clone(),
            };
            panel.said(panel.name(returned.by), returned.at, &text);
        }
    }
}

/// Judgement fields with concurrent values, and how those were settled that were.
pub(super) fn conflicts(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    let Some(reading) = panel.about.reading else { return };
    if reading.conflicts.is_empty() {
        return;
    }
    let open = conflict::unsettled(reading, &record.resolutions);
    panel.head(t!(words, "panel-conflicts"));
    for conflict in &reading.conflicts {
        let values = words.join(conflict.values.iter().map(|v| {
            let value = words.value(&v.value);
            let who = panel.authors.get(&v.actor).map(|p| panel.name(*p));
            who.map_or_else(|| value.clone(), |who| words.bracketed(&value, who))
        }));
        let field = words.field(&conflict.field);
        match record.resolutions.get(&conflict.field).filter(|_| !open.contains(&conflict)) {
            None => {
                let text = t!(words, "panel-conflict", field = field, values = values);
                panel.styled(text, look::BAD);
            }
            Some(settled) => {
                panel.plain(t!(
                    words,
                    "panel-settled",
                    field = field,
                    values = values,
                    chosen = words.value(&settled.chosen),
                    who = panel.name(settled.by),
                    at = panel.at(settled.at),
                    reason = settled.reason.clone()
                ));
            }
        }
    }
}

/// What came too late, or could not be taken in.
pub(super) fn late(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    if record.late_waiting().next().is_none() {
        return;
    }
    panel.head(t!(words, "panel-late"));
    for late in record.late_waiting() {
        let (who, at) = (panel.name(late.by), panel.at(late.at));
        let why = words.aside(&late.reason);
        panel.styled(t!(words, "panel-late-line", who = who, at = at, why = why), look::WARN);
        let changes = panel.about.space.late.get(&late.envelope).map(Vec::as_slice);
        for change in changes.unwrap_or_default() {
            panel.plain(words.late_change(change));
        }
    }
}
