//! `xunji consultation`: the cross-group consultation, form F6.
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use shared::{
    doc::{Birth, Edit, Initial, render, schema::item_path},
    journal::labels::labels,
    model::{Body, DocKind, FieldPath, Reading, SpaceId, Timestamp, Value, round::Role},
    workflow::{
        Command, Matter, SpaceKind, SpaceState,
        command::{AgreedAction, Guest, TriageOutcome, Urgency},
        conflict::settle,
    },
};

use super::{
    failure::Failure,
    field, join,
    names::{item_in, local, name_of},
    session::{At, Session},
    shown::Shown,
};

/// What stands in place of a masked name.
const MASK: &str = "某某";

/// How a question is taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Outcome {
    /// A session is called.
    Convened,
    /// Answered at once.
    Answered,
    /// Taken up in another consultation.
    Merged,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Put a question to the office, as a group's leader.
    Raise {
        /// The matter, in one line.
        title: String,
        /// The question.
        #[arg(long)]
        question: String,
        /// The same day.
        #[arg(long)]
        urgent: bool,
    },
    /// As the office, decide how to take a question up.
    Triage {
        /// The consultation.
        record: String,
        /// How it is taken up.
        #[arg(long, value_enum)]
        outcome: Outcome,
        /// The answer, or the other consultation's number.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// As the office, invite somebody.
    Invite {
        /// The consultation.
        record: String,
        /// Who, by id.
        #[arg(long)]
        person: String,
        /// The name to show.
        #[arg(long)]
        name: String,
        /// The post, or the group they come from.
        #[arg(long, default_value = "")]
        post: String,
        /// As what: group_leader, deputy_leader, member or expert.
        #[arg(long, default_value = "expert")]
        role: String,
    },
    /// As the raising leader, show a paper to the participants.
    Grant {
        /// The paper.
        paper: String,
        /// The consultation.
        #[arg(long)]
        to: String,
        /// Until when: 2026-05-13T18:00:00+08:00.
        #[arg(long, value_parser = field::moment)]
        until: Timestamp,
        /// A name that is masked beside those of the group.
        #[arg(long)]
        mask: Vec<String>,
        /// Show names, for this reason.
        #[arg(long, value_name = "REASON")]
        unmasked: Option<String>,
    },
    /// As the raising leader, take an exhibit back.
    Revoke {
        /// The paper that was shown.
        paper: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Open an exhibit; that you did is recorded.
    Open {
        /// The consultation.
        record: String,
        /// The exhibit, by its number or id.
        exhibit: String,
    },
    /// Say what you think.
    Position {
        /// The consultation.
        record: String,
        /// What you say.
        text: String,
    },
    /// Set fields of the minutes: FIELD=VALUE.
    Edit {
        /// The consultation.
        record: String,
        /// What to set.
        #[arg(required = true)]
        fields: Vec<String>,
    },
    /// Arrive at a conclusion.
    Conclude {
        /// The consultation.
        record: String,
        /// The label on the facts.
        #[arg(long)]
        characterisation: String,
        /// Whether the evidence suffices.
        #[arg(long)]
        sufficiency: String,
        /// What is to be done.
        #[arg(long)]
        disposition: String,
        /// Something agreed: WHO;WHAT or WHO;WHAT;DATE.
        #[arg(long = "action")]
        actions: Vec<String>,
    },
    /// Differ; kept with the minutes.
    Dissent {
        /// The consultation.
        record: String,
        /// In what you differ.
        text: String,
    },
    /// Sign the minutes.
    Sign {
        /// The consultation.
        record: String,
    },
    /// Report something agreed as done.
    ActionDone {
        /// The consultation.
        record: String,
        /// Which, by place or id.
        action: String,
        /// What came of it.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// It is over.
    Close {
        /// The consultation.
        record: String,
    },
    /// All consultations.
    List,
    /// One consultation, with what is shown to it.
    Show {
        /// The consultation.
        record: String,
    },
    /// Take part: edits in as JSON lines, events out as JSON lines.
    Join {
        /// The consultation.
        record: String,
    },
}

pub(super) const fn is_consultation(matter: &Matter) -> bool {
    matches!(matter, Matter::Consultation(_))
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::Raise { title, question, urgent } => {
                let space = s.one_space(|k| k == SpaceKind::Engagement).await?;
                let at = At { space, doc: s.new_record() };
                let urgency = if urgent { Urgency::Urgent } else { Urgency::Ordinary };
                s.ask(at, Command::Raise { title, question, urgency }).await
            }
            Self::Grant { paper, to, until, mask, unmasked } => {
                grant(s, &paper, &to, until, mask, unmasked).await
            }
            Self::Revoke { paper, reason } => revoke(s, &paper, reason).await,
            Self::List => s.list(is_consultation).await,
            Self::Triage { record, outcome, text } => triage(s, &record, outcome, text).await,
            Self::Invite { record, person, name, post, role } => {
                let at = s.record(&record, is_consultation).await?;
                let unreadable =
                    |what, text: &str| Failure::Unreadable { what, text: text.to_owned() };
                let role: Role = role.parse().map_err(|_| unreadable("--role", &role))?;
                let person = person.parse().map_err(|_| unreadable("--person", &person))?;
                let guests = vec![Guest { person, name, post, roles: vec![role] }];
                s.ask(at, Command::Invite { guests }).await
            }
            other => other.inside(s).await,
        }
    }

    /// What is done inside the consultation by those who take part.
    async fn inside(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::Position { record, text } => {
                let at = s.record(&record, is_consultation).await?;
                let edit = position(s, text);
                s.node.edit(at.space, at.doc, &[edit]).await?;
                s.saved(at, None).await
            }
            Self::Edit { record, fields } => {
                let at = s.record(&record, is_consultation).await?;
                let edits: Result<Vec<Edit>, Failure> = fields
                    .iter()
                    .map(|text| {
                        let (name, value) = field::pair(text)?;
                        field::set(DocKind::Consultation, &name, &value)
                    })
                    .collect();
                s.node.edit(at.space, at.doc, &edits?).await?;
                s.saved(at, None).await
            }
            Self::Conclude { record, characterisation, sufficiency, disposition, actions } => {
                let at = s.record(&record, is_consultation).await?;
                let actions: Result<_, _> = actions.iter().map(|a| agreed(a)).collect();
                let actions = actions?;
                let command =
                    Command::Conclude { characterisation, sufficiency, disposition, actions };
                s.ask(at, command).await
            }
            Self::Dissent { record, text } => {
                let at = s.record(&record, is_consultation).await?;
                s.ask(at, Command::Dissent { text }).await
            }
            Self::Sign { record } => {
                let at = s.record(&record, is_consultation).await?;
                let pin = s.pin(at).await?;
                s.ask(at, Command::SignMinutes { pin }).await
            }
            Self::ActionDone { record, action, note } => {
                let at = s.record(&record, is_consultation).await?;
                let state = s.state(at.space).await?;
                let known = state.record(at.doc).and_then(|r| r.matter.consultation());
                let known = known.map(|c| c.actions.iter().map(|a| a.id).collect::<Vec<_>>());
                let action = item_in(known.unwrap_or_default(), &action)?;
                s.ask(at, Command::ActionDone { action, note }).await
            }
            Self::Close { record } => {
                let at = s.record(&record, is_consultation).await?;
                s.ask(at, Command::CloseConsultation).await
            }
            Self::Show { record } => {
                let at = s.record(&record, is_consultation).await?;
                let mut shown = s.show(at).await?;
                let state = s.state(at.space).await?;
                exhibits(s, &state, &mut shown);
                Ok(shown)
            }
            Self::Open { record, exhibit } => {
                let session = s.record(&record, is_consultation).await?;
                open(s, session.space, &exhibit).await
            }
            Self::Join { record } => {
                let at = s.record(&record, is_consultation).await?;
                join::join(s, at).await
            }
            // Answered by `run`.
            _ => Ok(Shown::default()),
        }
    }
}

/// Lists what is shown to a consultation, until when, and who opened it.
fn exhibits(s: &Session, state: &SpaceState, shown: &mut Shown) {
    let mut rows = Vec::new();
    for (record, e) in state.matters(Matter::exhibit) {
        shown.lines.push(match e.ended {
            None => s.say.exhibit(&e.number, local(state, e.until)),
            Some((_, how)) => s.say.exhibit_ended(&e.number, s.say.words.exhibit_end(how)),
        });
        let mut opened = Vec::new();
        for (person, at) in &e.opened {
            let name = name_of(state, *person);
            shown.lines.push(s.say.exhibit_opened(&name, local(state, *at)));
            opened.push(json!({ "person": person, "name": name, "at": at }));
        }
        rows.push(json!({
            "record": record.doc, "number": e.number, "until": e.until, "opened": opened,
            "ended": e.ended.map(|(at, how)| json!({ "at": at, "how": how })),
        }));
    }
    shown.value["exhibits"] = json!(rows);
}

/// Opens an exhibit: asks for that to be recorded, and gives the text.
async fn open(s: &mut Session, space: SpaceId, name: &str) -> Result<Shown, Failure> {
    let state = s.state(space).await?;
    let found = state.matters(Matter::exhibit).find(|(record, e)| {
        e.number == name
            || e.number.ends_with(&format!("-{name}"))
            || record.doc.to_string() == name.replace('-', "")
    });
    let (record, exhibit) = found.ok_or_else(|| Failure::Unknown { name: name.to_owned() })?;
    let edition = exhibit.edition.clone();
    let mut shown = s.ask(At { space, doc: record.doc }, Command::OpenExhibit).await?;
    if let Some(edition) = edition {
        shown.lines.extend(edition.rendering.lines().map(str::to_owned));
        shown.value["text"] = json!(edition.rendering);
        shown.value["reading"] = json!(edition.reading);
    }
    Ok(shown)
}

/// Makes the edit by which this person says something.
pub(super) fn position(s: &mut Session, text: String) -> Edit {
    let me = s.me().to_string();
    let id = s.new_item();
    let value = |text: String| Initial::Value(Value::Text(text));
    let fields =
        [("person".to_owned(), value(me)), ("text".to_owned(), value(text))].into_iter().collect();
    Edit::AddItem { list: FieldPath::top("positions"), id, fields }
}

/// Makes the edit that goes on with a position.
pub(super) fn more(reading: &Reading, item: &str, text: String) -> Result<Edit, Failure> {
    let Body::Consultation(c) = &reading.body else {
        return Err(Failure::Unknown { name: item.to_owned() });
    };
    let id = item_in(c.positions.iter().map(|p| p.id), item)?;
    let field = FieldPath(format!("{}/text", item_path("positions", id).0));
    Ok(Edit::ReplaceText { field, text })
}

fn agreed(text: &str) -> Result<AgreedAction, Failure> {
    let unreadable = || Failure::Unreadable { what: "--action", text: text.to_owned() };
    let parts: Vec<&str> = text.split([';', '；']).map(str::trim).collect();
    let (who, what, due) = match parts[..] {
        [who, what] => (who, what, None),
        [who, what, due] => (who, what, Some(due.parse().map_err(|_| unreadable())?)),
        _ => return Err(unreadable()),
    };
    Ok(AgreedAction { who: who.to_owned(), what: what.to_owned(), due })
}

/// Takes a question up; a session's text begins with it, once.
async fn triage(
    s: &mut Session,
    record: &str,
    outcome: Outcome,
    text: String,
) -> Result<Shown, Failure> {
    let at = s.record(record, is_consultation).await?;
    let state = s.state(at.space).await?;
    let outcome = match outcome {
        Outcome::Convened => TriageOutcome::Convened,
        Outcome::Answered => TriageOutcome::AnsweredDirectly { answer: text },
        Outcome::Merged => TriageOutcome::Merged { into: text },
    };
    let convened = outcome == TriageOutcome::Convened;
    let unwritten = !s.node.space(at.space)?.documents().any(|d| d == at.doc);
    let asked = state.record(at.doc).and_then(|r| r.matter.consultation());
    if let Some(asked) = asked.filter(|_| convened && unwritten) {
        let birth = Birth::new().text("title", &asked.title).text("question", &asked.question);
        s.node.begin_text(at.space, at.doc, DocKind::Consultation, &birth).await?;
    }
    s.ask(at, Command::Triage { outcome }).await
}

async fn grant(
    s: &mut Session,
    paper: &str,
    to: &str,
    until: Timestamp,
    mut mask: Vec<String>,
    unmasked: Option<String>,
) -> Result<Shown, Failure> {
    let at = s.record(paper, super::names::is_text).await?;
    let question = s.record(to, |m| m.question().is_some()).await?;
    let state = s.state(at.space).await?;
    let reading = s.node.reading(at.space, at.doc).await?;
    let reading = match state.record(at.doc) {
        Some(record) => settle(&reading, &record.resolutions),
        None => reading,
    };
    let mut rendering = render(&reading, &labels(&state, at.doc)).text;
    let mut shown = reading;
    let masked = unmasked.is_none();
    if masked {
        mask.extend(names(&state));
        rendering = without(&rendering, &mask);
        shown = serde_json::from_str(&without(&serde_json::to_string(&shown)?, &mask))?;
    }
    let command = Command::GrantExhibit {
        consultation: question.doc,
        rendering,
        reading: Some(shown),
        masked,
        unmasked_reason: unmasked,
        left_out: Vec::new(),
        until,
    };
    s.ask(at, command).await
}

async fn revoke(s: &mut Session, paper: &str, reason: String) -> Result<Shown, Failure> {
    let at = s.record(paper, super::names::is_text).await?;
    let state = s.state(at.space).await?;
    let standing = state.matters(Matter::question).find_map(|(_, q)| {
        q.exhibits.iter().rev().find(|e| e.source == at.doc && e.revoked.is_none())
    });
    let Some(exhibit) = standing.map(|e| e.exhibit) else {
        return Err(Failure::Unknown { name: paper.to_owned() });
    };
    s.ask(at, Command::RevokeExhibit { exhibit, reason }).await
}

/// Returns the names of a group's people, which are masked outside it.
fn names(state: &SpaceState) -> Vec<String> {
    state.members.values().map(|m| m.name.clone()).collect()
}

fn without(text: &str, names: &[String]) -> String {
    let given = names.iter().filter(|n| !n.trim().is_empty());
    given.fold(text.to_owned(), |text, name| text.replace(name.as_str(), MASK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_leaves_no_name_behind() {
        let names = ["张某".to_owned(), String::new()];
        assert_eq!(without("张某称张某未签字", &names), "某某称某某未签字");
    }
}
