//! Dialogues: a few fields, and what is done with them.
use shared::model::{
    DocKind, FieldPath, SpaceId,
    evidence::{EvidenceClass, EvidenceKind},
    interview::StatementTag,
    workpaper::Severity,
};
use shared::workflow::{
    Refusal,
    command::{ReviewOutcome, Urgency},
};

use super::{data::Place, verb::Verb};
use crate::{editor::Editor, input::Context};

/// What a field of a dialogue asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named by what it asks for")]
pub enum Label {
    Reason,
    GateReason,
    Notes,
    Outcome,
    Correction,
    CorrectedText,
    Chosen,
    Late,
    Name,
    Title,
    Kind,
    Class,
    Origin,
    ObtainedBy,
    ObtainedOn,
    KeptAt,
    Conclusive,
    Question,
    Urgency,
    Triage,
    Answer,
    Guests,
    ForQuestion,
    MaskNames,
    Masked,
    UnmaskedReason,
    UntilDay,
    UntilTime,
    Exhibit,
    Characterisation,
    Sufficiency,
    Disposition,
    Who,
    What,
    Due,
    Dissent,
    Action,
    Note,
    Dispute,
    Request,
    Measure,
    Owner,
    Evidence,
    Checkers,
    Passed,
    Looked,
    Comment,
    Text,
    Tag,
    Value,
    Member,
    Post,
    Section,
    Interviewers,
    File,
    Instrument,
    Article,
    Version,
}

/// How a choice is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As it is: a name, a number.
    Plain(String),
    /// Nothing chosen.
    Nothing,
    /// Yes or no.
    YesNo(bool),
    /// A degree.
    Severity(Severity),
    /// A statement's kind.
    Tag(StatementTag),
    /// How the interviewee took the note.
    Review(ReviewOutcome),
    /// What evidence is.
    Kind(EvidenceKind),
    /// How far it goes.
    Class(EvidenceClass),
    /// How soon.
    Urgency(Urgency),
    /// How a question is taken up.
    Triage(TriageChoice),
    /// How an objection is decided.
    Dispute(DisputeChoice),
}

/// How a question is taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriageChoice {
    /// A session is called.
    Convene,
    /// Answered at once.
    Answer,
    /// Taken up in another.
    Merge,
}

/// How an objection is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeChoice {
    /// The notice stands.
    Uphold,
    /// It asks something else now.
    Amend,
    /// It is taken back.
    Withdraw,
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it stands for in the command or edit.
    pub value: String,
    /// How it is shown.
    pub shown: Shown,
}

impl Choice {
    /// A choice shown as `text`.
    pub fn plain(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), shown: Shown::Plain(text.into()) }
    }

    /// A choice shown in words of its own.
    pub fn coded(value: impl Into<String>, shown: Shown) -> Self {
        Self { value: value.into(), shown }
    }
}

/// What is filled in.
#[derive(Debug, Clone)]
pub enum Input {
    /// One line.
    Line(Box<Editor>),
    /// A long text.
    Text(Box<Editor>),
    /// One of several; Left and Right choose.
    Pick {
        /// The choices.
        options: Vec<Choice>,
        /// The one chosen.
        at: usize,
    },
    /// Some of several; Space ticks.
    Ticks {
        /// The choices.
        options: Vec<Choice>,
        /// Which are ticked.
        on: Vec<bool>,
        /// Where the cursor is.
        at: usize,
    },
}

/// A field of a dialogue.
#[derive(Debug, Clone)]
pub struct FormField {
    /// What it asks for.
    pub label: Label,
    /// What is filled in.
    pub input: Input,
    /// Whether it may stay empty.
    pub optional: bool,
}

impl FormField {
    fn of(label: Label, input: Input) -> Self {
        Self { label, input, optional: false }
    }

    /// A field of one line, holding `text`.
    pub fn line(label: Label, text: &str) -> Self {
        Self::of(label, Input::Line(Box::new(ended(text))))
    }

    /// A long text, holding `text`.
    pub fn text(label: Label, text: &str) -> Self {
        Self::of(label, Input::Text(Box::new(ended(text))))
    }

    /// One of several.
    pub fn pick(label: Label, options: Vec<Choice>) -> Self {
        Self::of(label, Input::Pick { options, at: 0 })
    }

    /// Some of several.
    pub fn ticks(label: Label, options: Vec<Choice>) -> Self {
        let on = vec![false; options.len()];
        Self::of(label, Input::Ticks { options, on, at: 0 })
    }

    /// The same field, which may stay empty.
    #[must_use]
    pub fn or_empty(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Returns the text typed or the value chosen.
    pub fn value(&self) -> String {
        match &self.input {
            Input::Line(e) | Input::Text(e) => e.text().trim().to_owned(),
            Input::Pick { options, at } => {
                options.get(*at).map(|o| o.value.clone()).unwrap_or_default()
            }
            Input::Ticks { .. } => self.ticked().join(" "),
        }
    }

    /// Returns the values ticked.
    pub fn ticked(&self) -> Vec<String> {
        match &self.input {
            Input::Ticks { options, on, .. } => options
                .iter()
                .zip(on)
                .filter(|(_, on)| **on)
                .map(|(o, _)| o.value.clone())
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn ended(text: &str) -> Editor {
    let mut editor = Editor::new(text);
    editor.go(crate::editor::Motion::End, crate::editor::Reach::Move);
    editor
}

/// What is done with a dialogue once it is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Ask for a legal step.
    Ask(Place, Verb),
    /// Begin a document.
    Begin(SpaceId, DocKind),
    /// Add an item to a list.
    AddItem(Place, &'static str),
    /// Take an item out.
    RemoveItem(Place, FieldPath),
    /// Give a field one of its choices.
    Set(Place, FieldPath),
    /// Add a member to a set.
    AddMember(Place, FieldPath),
    /// Take a member out of a set.
    RemoveMember(Place, FieldPath),
    /// Write a courier's file.
    Export,
    /// Read a courier's file.
    Import,
    /// Lock or end; asked first when something is not on the disk.
    Leave,
}

/// Why a dialogue was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A field is empty.
    Missing(Label),
    /// A field holds something else than it asks for.
    Malformed(Label),
    /// The rules refuse it.
    Refused(Refusal),
}

/// A dialogue.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// What is done with it.
    pub intent: Intent,
    /// Its fields.
    pub fields: Vec<FormField>,
    /// The field with the cursor; after the last comes the button.
    pub focus: usize,
    /// Why it was not accepted.
    pub problem: Option<Problem>,
}

impl Dialog {
    /// Makes a dialogue with the cursor in its first field.
    pub fn new(intent: Intent, fields: Vec<FormField>) -> Self {
        Self { intent, fields, focus: 0, problem: None }
    }

    /// Returns the field with the cursor; none on the button.
    pub fn field(&mut self) -> Option<&mut FormField> {
        self.fields.get_mut(self.focus)
    }

    /// Returns where keys go.
    pub fn context(&self) -> Context {
        match self.fields.get(self.focus).map(|f| &f.input) {
            Some(Input::Line(_)) => Context::DialogLine,
            Some(Input::Text(_)) => Context::DialogText,
            _ => Context::Dialog,
        }
    }

    /// Tells whether something was typed that would be missed.
    pub fn holds_text(&self) -> bool {
        self.fields.iter().any(|f| match &f.input {
            Input::Line(e) | Input::Text(e) => !e.is_empty(),
            Input::Pick { .. } | Input::Ticks { .. } => false,
        })
    }
}
