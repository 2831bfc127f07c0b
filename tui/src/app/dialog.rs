//! Dialogues: a few fields, and what is done with them.
use shared::model::{
    DocKind, EvidenceId, FieldPath, PersonId, SpaceId,
    evidence::{EvidenceClass, EvidenceKind},
    interview::StatementTag,
    round::Role,
    workpaper::Severity,
};
use shared::workflow::{
    Refusal,
    command::{ReviewOutcome, Urgency},
};

use super::{
    data::{LateChange, Place},
    said::Failure,
    verb::Verb,
};
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
    Interviewee,
    Unit,
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
    NewDue,
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
    Attach,
    SaveAs,
    WithFile,
    ThenOpen,
    Scan,
    Printed,
    Witnesses,
    Instrument,
    Article,
    Version,
    StandIn,
    StandInUntil,
    AsksCheck,
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
    /// A value, and who holds it.
    Held(Box<Shown>, Vec<String>),
    /// Somebody who may be asked in.
    Guest {
        /// Their name.
        name: String,
        /// As what.
        role: Role,
        /// Of which group.
        group: Option<String>,
    },
    /// Content that was set aside.
    Late {
        /// Whose.
        by: PersonId,
        /// Their name, if it is known.
        name: Option<String>,
        /// When.
        at: String,
        /// What it would change.
        changes: Vec<LateChange>,
    },
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
    /// Whether what it holds was put there for a person, and may be put there anew.
    pub lent: bool,
}

impl FormField {
    fn of(label: Label, input: Input) -> Self {
        Self { label, input, optional: false, lent: false }
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

    /// Tells whether it asks for a path on the disk.
    pub const fn is_path(&self) -> bool {
        matches!(self.label, Label::File | Label::Attach | Label::SaveAs)
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
    /// Lay a record's form out on paper.
    Print(Place),
    /// Write a file of evidence out in plain.
    SaveFile(Place),
    /// Wait for the file of an item, which is then written out.
    Fetch(EvidenceId),
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
    /// It was tried, and failed outside the rules.
    Failed(Failure),
}

/// What is found on the disk where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file, of so many bytes.
    File(u64),
    /// A folder; or names that begin as the path ends. At most so many as can be shown.
    Names {
        /// What they have in common, to go on with; the path as it would then be.
        completed: String,
        /// The names, in order.
        names: Vec<String>,
        /// How many there are in all.
        all: usize,
    },
    /// Nothing.
    Nothing,
}

/// What a path in a dialogue leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The path, as it is typed.
    pub path: String,
    /// What is there.
    pub found: Found,
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
    /// What the path typed last leads to.
    pub looked: Option<Looked>,
    /// Whether it holds what was filled in when it was left earlier.
    pub kept: bool,
}

impl Dialog {
    /// Makes a dialogue with the cursor in its first field.
    pub fn new(intent: Intent, fields: Vec<FormField>) -> Self {
        Self { intent, fields, focus: 0, problem: None, looked: None, kept: false }
    }

    /// Returns this dialogue with what was filled in earlier. What there is to choose from may
    /// have changed since: choices are taken over by what they stand for.
    #[must_use]
    pub fn refilled(mut self, draft: Self) -> Self {
        for (field, old) in self.fields.iter_mut().zip(draft.fields) {
            if field.label != old.label {
                break;
            }
            let (value, ticked) = (old.value(), old.ticked());
            field.lent = old.lent;
            match (&mut field.input, old.input) {
                (Input::Line(new), Input::Line(old)) | (Input::Text(new), Input::Text(old)) => {
                    *new = old;
                }
                (Input::Pick { options, at }, Input::Pick { .. }) => {
                    *at = options.iter().position(|o| o.value == value).unwrap_or(*at);
                }
                (Input::Ticks { options, on, .. }, Input::Ticks { .. }) => {
                    for (option, on) in options.iter().zip(on) {
                        *on = ticked.contains(&option.value);
                    }
                }
                _ => {}
            }
        }
        Self { focus: draft.focus.min(self.fields.len()), kept: true, ..self }
    }

    /// Returns the field with the cursor; none on the button.
    pub fn field(&mut self) -> Option<&mut FormField> {
        self.fields.get_mut(self.focus)
    }

    /// Returns the path in the field with the cursor; none where it asks for something else.
    pub fn path(&self) -> Option<String> {
        self.fields.get(self.focus).filter(|f| f.is_path()).map(FormField::value)
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
