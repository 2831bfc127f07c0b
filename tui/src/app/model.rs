//! The whole state of the interface.
use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use shared::{
    model::{DocKind, FieldPath, ItemId, PersonId, Reading, Timestamp},
    workflow::{conflict, record::Resolution},
};
use zeroize::Zeroizing;

use super::{
    data::{Happening, Hit, Place, Snapshot},
    dialog::Dialog,
    list::{self, Row},
    offer::{About, Offer},
    said::Said,
    sheet::{self, FieldRow},
};
use crate::{
    editor::{Ambiguous, Editor},
    input::Context,
};

/// A main screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tab {
    /// What waits for me.
    Today,
    /// Talks.
    Interviews,
    /// Workpapers and findings.
    Workpapers,
    /// Consultations.
    Consultations,
    /// Notices and their measures.
    Notices,
    /// How far everything has come.
    Sync,
    /// The office's view of the round.
    Board,
}

impl Tab {
    /// Every screen, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::Today,
        Self::Interviews,
        Self::Workpapers,
        Self::Consultations,
        Self::Notices,
        Self::Sync,
        Self::Board,
    ];

    /// Returns its place, from 0.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|t| *t == self).unwrap_or_default()
    }

    /// Tells whether records are begun here.
    pub const fn begins(self) -> bool {
        !matches!(self, Self::Today | Self::Sync | Self::Board)
    }

    /// Returns the screen that lists documents of a kind.
    pub const fn of_kind(kind: DocKind) -> Self {
        match kind {
            DocKind::Interview => Self::Interviews,
            DocKind::Workpaper => Self::Workpapers,
            DocKind::Consultation => Self::Consultations,
            DocKind::Notice => Self::Notices,
        }
    }
}

/// The state of a list.
#[derive(Debug, Clone, Default)]
pub struct ListState {
    /// The row with the cursor.
    pub selected: usize,
    /// What the list is narrowed to.
    pub filter: String,
    /// Whether that is being typed.
    pub filtering: bool,
}

/// A field that is being written.
#[derive(Debug, Clone)]
pub struct FieldEdit {
    /// The field.
    pub path: FieldPath,
    /// Its text.
    pub editor: Editor,
    /// Whether it is a long text, written through key by key; a line is written on leaving.
    pub long: bool,
    /// Whether it is an amount of money.
    pub amount: bool,
    /// What it said before.
    pub before: String,
}

/// A record on the screen.
#[derive(Debug, Clone)]
pub struct OpenDoc {
    /// Which.
    pub at: Place,
    /// What its document says; none while it is read, or where it has none.
    pub reading: Option<Reading>,
    /// Who is behind each actor.
    pub authors: BTreeMap<String, PersonId>,
    /// How conflicts of its judgements were settled, as far as the rules know.
    pub resolutions: BTreeMap<FieldPath, Resolution>,
    /// The row of the form with the cursor.
    pub focus: usize,
    /// The item whose fields are shown.
    pub item: Option<ItemId>,
    /// The field that is being written.
    pub edit: Option<FieldEdit>,
    /// How many edits this screen made.
    pub edits_made: u64,
    /// Whether the panel, not the form, has the keys.
    pub panel: bool,
    /// The first row of the panel that is seen.
    pub scroll: usize,
    /// Whether the panel has rows that are not seen.
    pub beyond: bool,
}

impl OpenDoc {
    /// Opens a record of which nothing is read yet.
    pub fn new(at: Place) -> Self {
        Self {
            at,
            reading: None,
            authors: BTreeMap::new(),
            resolutions: BTreeMap::new(),
            focus: 0,
            item: None,
            edit: None,
            edits_made: 0,
            panel: false,
            scroll: 0,
            beyond: false,
        }
    }

    /// Returns the rows of the form; none where there is no document.
    pub fn rows(&self) -> Vec<FieldRow> {
        let Some(reading) = &self.reading else { return Vec::new() };
        if self.resolutions.is_empty() {
            return sheet::sheet(reading, self.item);
        }
        sheet::sheet(&conflict::settle(reading, &self.resolutions), self.item)
    }

    /// Returns the row with the cursor.
    pub fn row(&self) -> Option<FieldRow> {
        self.rows().into_iter().nth(self.focus)
    }
}

/// A menu of what may be done with a record.
#[derive(Debug, Clone)]
pub struct StepsMenu {
    /// The record.
    pub at: Place,
    /// The steps.
    pub offers: Vec<Offer>,
    /// The one with the cursor.
    pub selected: usize,
}

/// What happened in a consultation while this laptop was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// For how many minutes.
    pub minutes: i64,
    /// How many positions came.
    pub positions: usize,
}

/// When a laptop lost its link in a consultation, and how many positions it had seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// Since when.
    pub since: Timestamp,
    /// How many it had.
    pub positions: usize,
}

/// A search through everything held here.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What is sought.
    pub text: String,
    /// What was found; none while it is sought.
    pub hits: Option<Vec<Hit>>,
    /// The row with the cursor.
    pub selected: usize,
}

/// What happened to a record, on the screen.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    /// The record.
    pub at: Place,
    /// What happened, oldest first; none while it is read.
    pub happened: Option<Vec<Happening>>,
    /// The first row that is seen.
    pub top: usize,
}

/// The unlocked interface.
#[derive(Debug, Clone)]
pub struct Desk {
    /// What the laptop knows.
    pub known: Snapshot,
    /// The main screen.
    pub tab: Tab,
    /// The state of each screen's list.
    pub lists: [ListState; 7],
    /// The record on the screen.
    pub open: Option<OpenDoc>,
    /// What may be done with it.
    pub menu: Option<StepsMenu>,
    /// The dialogue before everything else.
    pub dialog: Option<Dialog>,
    /// Dialogues that were left with text in them.
    pub drafts: Vec<Dialog>,
    /// The dialogue whose answer from the disk is awaited; shown again if that fails.
    pub sent: Option<Dialog>,
    /// The search, while it is shown.
    pub search: Option<Search>,
    /// The history of a record, while it is shown.
    pub history: Option<HistoryPage>,
    /// Since when this laptop is away from the consultation on the screen.
    pub away: Option<Away>,
    /// What it missed.
    pub missed: Option<Missed>,
}

impl Desk {
    /// Makes the interface show today.
    pub fn new(known: Snapshot) -> Self {
        Self {
            known,
            tab: Tab::Today,
            lists: Default::default(),
            open: None,
            menu: None,
            dialog: None,
            drafts: Vec::new(),
            sent: None,
            search: None,
            history: None,
            away: None,
            missed: None,
        }
    }

    /// Returns the state of the list on the screen.
    pub fn list(&self) -> &ListState {
        &self.lists[self.tab.index()]
    }

    /// Returns the state of the list on the screen, to change it.
    pub fn list_mut(&mut self) -> &mut ListState {
        &mut self.lists[self.tab.index()]
    }

    /// Returns the rows of the list on the screen.
    pub fn rows(&self) -> Vec<Row> {
        list::rows(&self.known, self.tab, &self.list().filter)
    }

    /// Returns the record that keys are about: the open one, or the one with the cursor.
    pub fn place(&self) -> Option<Place> {
        match &self.open {
            Some(open) => Some(open.at),
            None if self.search.is_some() => {
                let search = self.search.as_ref()?;
                search.hits.as_ref()?.get(search.selected).map(|h| h.at)
            }
            None => self.rows().get(self.list().selected).map(|r| r.at),
        }
    }

    /// Returns everything known about a record.
    pub fn about(&self, at: Place) -> Option<About<'_>> {
        let space = self.known.space(at.space)?;
        let open = self.open.as_ref().filter(|o| o.at == at);
        Some(About {
            known: &self.known,
            space,
            record: space.state.record(at.doc),
            reading: open.and_then(|o| o.reading.as_ref()),
            authors: open.map(|o| &o.authors),
            at,
            now: self.known.now,
        })
    }
}

/// The unlock screen.
#[derive(Debug, Clone, Default)]
pub struct Unlock {
    /// What is typed; never shown.
    pub typed: Zeroizing<String>,
}

/// How far the interface is.
#[derive(Debug, Clone)]
pub enum Phase {
    /// The laptop is locked.
    Locked(Unlock),
    /// It is unlocked.
    Open(Box<Desk>),
}

/// What is under way; shown once it takes more than a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Working {
    /// Unlocking.
    Unlocking,
    /// Making contact.
    Syncing,
    /// Writing a courier's file.
    Exporting,
    /// Reading one.
    Importing,
    /// Sealing a file.
    Attaching,
    /// Writing a file out.
    Writing,
    /// Locking.
    Locking,
}

/// The state of the interface.
#[derive(Debug, Clone)]
pub struct Model {
    /// How far it is.
    pub phase: Phase,
    /// Now, by the laptop's clock.
    pub now: Timestamp,
    /// How wide the terminal draws characters of ambiguous width.
    pub ambiguous: Ambiguous,
    /// The first row of the help page, while it is shown.
    pub help: Option<usize>,
    /// The line under the screen.
    pub said: Option<Said>,
    /// What is under way, and since when.
    pub busy: Option<(Working, Timestamp)>,
    /// When somebody last pressed a key, by the laptop's clock.
    pub touched: Timestamp,
    /// Where new ids come from.
    pub rng: ChaCha20Rng,
}

impl Model {
    /// Makes a locked interface.
    pub fn new(now: Timestamp, ambiguous: Ambiguous, rng: ChaCha20Rng) -> Self {
        Self {
            phase: Phase::Locked(Unlock::default()),
            now,
            ambiguous,
            help: None,
            said: None,
            busy: None,
            touched: now,
            rng,
        }
    }

    /// Returns the unlocked interface.
    pub fn desk(&self) -> Option<&Desk> {
        match &self.phase {
            Phase::Open(desk) => Some(desk),
            Phase::Locked(_) => None,
        }
    }

    /// Returns the unlocked interface, to change it.
    pub fn desk_mut(&mut self) -> Option<&mut Desk> {
        match &mut self.phase {
            Phase::Open(desk) => Some(desk),
            Phase::Locked(_) => None,
        }
    }

    /// Returns where keys go.
    pub fn context(&self) -> Context {
        if self.help.is_some() {
            return Context::Help;
        }
        let Some(desk) = self.desk() else { return Context::Unlock };
        if let Some(dialog) = &desk.dialog {
            return dialog.context();
        }
        if desk.menu.is_some() {
            return Context::Menu;
        }
        if desk.history.is_some() {
            return Context::History;
        }
        match &desk.open {
            Some(open) => match &open.edit {
                Some(edit) if edit.long => Context::Text,
                Some(_) => Context::Line,
                None => Context::Sheet,
            },
            None if desk.search.is_some() => Context::Search,
            None if desk.list().filtering => Context::Filter,
            None => Context::List,
        }
    }
}
