//! What the journal says about a record: number, next holder, requests, and its kind's own.
use std::collections::BTreeMap;

use ratatui::style::Style;
use shared::{
    model::PersonId,
    workflow::{
        next_holder,
        record::{Matter, Record},
    },
};

use super::{canvas::look, panel_desk, panel_session, panel_sign};
use crate::{
    app::{Desk, data, data::Answer, offer::About, verb::Verb},
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
        self.about.known.name(person)
    }

    /// Shows a moment.
    pub(super) fn at(&self, at: shared::model::Timestamp) -> String {
        data::local(self.about.space, at)
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
        panel.plain(t!(words, "text-new"));
        return panel.lines;
    };
    state(&mut panel, record);
    requests(&mut panel, record);
    match &record.matter {
        Matter::Interview(talk) => panel_sign::talk(&mut panel, record, talk),
        Matter::Workpaper(_) => panel_sign::paper(&mut panel, record),
        Matter::Finding(finding) => panel_desk::finding(&mut panel, finding),
        Matter::Notice(notice) => panel_desk::notice(&mut panel, record, notice),
        Matter::Desk(state) => panel_desk::desk(&mut panel, state),
        Matter::Edition(edition) => panel_desk::edition(&mut panel, record, edition),
        Matter::Question(question) => panel_session::question(&mut panel, question),
        Matter::Consultation(session) => panel_session::session(&mut panel, record, session),
        Matter::Exhibit(exhibit) => panel_session::exhibit(&mut panel, exhibit),
        Matter::StandIn(request) => panel_desk::stand_in(&mut panel, request),
        Matter::Unopened => {}
    }
    panel_sign::conflicts(&mut panel, record);
    panel_sign::late(&mut panel, record);
    panel.lines
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
    let who = words.holder(next_holder(record));
    panel.plain(t!(words, "panel-holder", who = who));
    let present = panel.about.space.present.iter().filter(|p| p.doc == record.doc);
    let here: Vec<String> = present
        .map(|p| {
            let field = shared::model::FieldPath(p.field.clone());
            let name = panel.name(p.person);
            if p.field.is_empty() { name } else { format!("{name} ({})", words.field(&field)) }
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
        let why = |refusal| words.refusal(refusal, |p| about.known.name(p));
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
