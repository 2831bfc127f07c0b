//! What the journal says about a record: number, next holder, requests, and its kind's own.
use std::collections::BTreeMap;

use ratatui::style::Style;
use shared::{
    model::PersonId,
    workflow::{
        SpaceKind, next_holder,
        record::{Matter, Record},
    },
};

use super::{canvas::look, panel_desk, panel_session, panel_sign};
use crate::{
    app::{Desk, data, data::Answer, list, offer::About, verb::Verb},
    words::{Words, t},
};

/// A line of the panel; headings are drawn flush, the rest indented.
pub(super) type PanelLine = (String, Style);

/// What every part of the panel writes with.
pub(super) struct Panel<'a> {
    /// What is known of the record.
    pub(super) about: About<'a>,
    /// Who is behind each actor of the document.
    pub(super) authors: &'a BTreeMap<String, PersonId>,
    /// The words.
    pub(super) words: &'a Words,
    /// The lines so far.
    pub(super) lines: Vec<PanelLine>,
}

impl Panel<'_> {
    /// Adds a heading.
    pub(super) fn head(&mut self, text: String) {
        self.lines.push((text, look::HEAD));
    }

    /// Adds a plain line.
    pub(super) fn plain(&mut self, text: String) {
        self.lines.push((text, look::PLAIN));
    }

    /// Adds a line in a style.
    pub(super) fn styled(&mut self, text: String, style: Style) {
        self.lines.push((text, style));
    }

    /// Names a person.
    pub(super) fn name(&self, person: shared::model::PersonId) -> String {
        self.words.person(self.about.known, person)
    }

    /// Shows a moment.
    pub(super) fn at(&self, at: shared::model::Timestamp) -> String {
        data::local(self.about.space, at, self.about.now)
    }

    /// Adds who said what, and when.
    pub(super) fn said(&mut self, who: String, at: shared::model::Timestamp, text: &str) {
        let at = self.at(at);
        let line = t!(self.words, "panel-said", who = who, at = at, text = text);
        self.plain(line);
    }

    /// Adds a read-only text.
    pub(super) fn text(&mut self, text: &str) {
        self.head(t!(self.words, "panel-text"));
        for line in text.lines() {
            self.plain(line.to_owned());
        }
    }
}

/// Returns the panel of the open record.
pub(super) fn lines(desk: &Desk, words: &Words) -> Vec<PanelLine> {
    let Some(open) = &desk.open else { return Vec::new() };
    let Some(about) = desk.about(open.at) else { return Vec::new() };
    let mut panel = Panel { about, authors: &open.authors, words, lines: Vec::new() };
    if let Some(missed) = desk.missed {
        let text =
            t!(words, "panel-missed", minutes = missed.minutes, positions = missed.positions);
        panel.styled(text, look::WARN);
    }
    let Some(record) = about.record else {
        // Only what is begun here is unknown to the rules; a session is begun by others.
        let elsewhere = about.space.state.kind() == Some(SpaceKind::Consultation);
        panel.plain(if elsewhere { t!(words, "panel-not-here") } else { t!(words, "text-new") });
        return panel.lines;
    };
    state(&mut panel, record);
    match &record.matter {
        Matter::Interview(talk) => panel_sign::talk(&mut panel, record, talk),
        Matter::Workpaper(_) => panel_sign::paper(&mut panel, record),
        Matter::Finding(finding) => panel_desk::finding(&mut panel, finding),
        Matter::Notice(_) => panel_desk::notice(&mut panel, record),
        Matter::Desk(state) => panel_desk::desk(&mut panel, state),
        Matter::Edition(_) => panel_desk::edition(&mut panel, record),
        Matter::Question(question) => panel_session::question(&mut panel, record, question),
        Matter::Consultation(session) => panel_session::session(&mut panel, record, session),
        Matter::Exhibit(exhibit) => panel_session::exhibit(&mut panel, exhibit),
        Matter::StandIn(request) => panel_desk::stand_in(&mut panel, request),
        Matter::Unopened => panel.plain(t!(words, "panel-not-here")),
    }
    panel_sign::conflicts(&mut panel, record);
    panel_sign::late(&mut panel, record);
    requests(&mut panel, record);
    // A text comes last: what stands below it is not found.
    match &record.matter {
        Matter::Desk(state) => panel_desk::desk_text(&mut panel, state),
        Matter::Edition(edition) => panel.text(&edition.edition.rendering),
        Matter::Exhibit(exhibit) => panel_session::exhibit_text(&mut panel, exhibit),
        _ => {}
    }
    panel.lines
}

/// How far a record has come, in the words of its kind.
fn stage(panel: &Panel<'_>, record: &Record) -> Vec<String> {
    let words = panel.words;
    match &record.matter {
        Matter::Interview(_) => vec![words.talk(list::talk_stage(record))],
        Matter::Workpaper(_) => vec![words.paper(list::paper_stage(record))],
        Matter::Finding(finding) => vec![words.finding(&finding.stage)],
        Matter::Notice(notice) => {
            let due = notice.due.map(|due| t!(words, "desk-due", due = due.to_string()));
            let on_desk = notice.on_desk.map(|stage| words.desk(stage));
            [words.notice(notice.stage)].into_iter().chain(due).chain(on_desk).collect()
        }
        Matter::Desk(desk) => vec![words.desk(desk.stage)],
        Matter::Edition(edition) => vec![words.edition(edition.stage)],
        Matter::Question(question) => vec![words.question(question.closed.is_some())],
        Matter::Consultation(session) => {
            let urgency = words.urgency(session.urgency);
            vec![format!("{} {urgency}", words.session(session.stage))]
        }
        Matter::Exhibit(exhibit) => vec![match exhibit.ended {
            Some((_, how)) => words.exhibit_end(how),
            None => t!(words, "exhibit-until", at = panel.at(exhibit.until)),
        }],
        Matter::StandIn(request) => vec![match request.named {
            Some(_) => t!(words, "stand-in-named"),
            None => t!(words, "stand-in-wanted", step = words.step(request.wanted.step)),
        }],
        Matter::Unopened => Vec::new(),
    }
}

fn state(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    panel.head(t!(words, "panel-state"));
    if let Some(number) = &record.official {
        panel.plain(t!(words, "panel-number", number = number.clone()));
    }
    if let Some(number) = &record.provisional {
        panel.plain(t!(words, "panel-provisional", number = number.clone()));
    }
    for line in stage(panel, record) {
        panel.plain(line);
    }
    // What is only read has nobody to wait for.
    if !matches!(record.matter, Matter::Exhibit(_) | Matter::Edition(_)) {
        let who = words.holder(next_holder(record));
        panel.plain(t!(words, "panel-holder", who = who));
    }
    let present = panel.about.space.present.iter().filter(|p| p.doc == record.doc);
    let here: Vec<String> = present
        .map(|p| {
            let field = shared::model::FieldPath(p.field.clone());
            let name = panel.name(p.person);
            if p.field.is_empty() { name } else { words.bracketed(name, words.field(&field)) }
        })
        .collect();
    if !here.is_empty() {
        panel.plain(t!(words, "panel-here", who = words.join(here)));
    }
}

fn requests(panel: &mut Panel<'_>, record: &Record) {
    let words = panel.words;
    let about = panel.about;
    let all: Vec<_> = about.space.requests.iter().filter(|r| r.doc == record.doc).collect();
    if all.is_empty() {
        return;
    }
    panel.head(t!(words, "panel-requests"));
    for request in all {
        let what = words.verb(Verb::of(&request.command));
        let why = |refusal| words.refusal(refusal, |p| words.person(about.known, p));
        match &request.answer {
            Answer::Awaited => panel.plain(t!(words, "panel-request-waits", what = what)),
            Answer::Doubtful(refusal) => {
                let text = t!(words, "panel-request-doubtful", what = what, why = why(refusal));
                panel.styled(text, look::WARN);
            }
            Answer::Refused(refusal) => {
                let text = t!(words, "panel-request-refused", what = what, why = why(refusal));
                panel.styled(text, look::BAD);
            }
        }
    }
}
