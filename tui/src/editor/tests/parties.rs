//! Two people write in one text. The mirror is always the document; undoing everything here
//! leaves nothing of what was written here and all of what was written there.

use proptest::prelude::*;

use super::{Document, borders, prose};
use crate::editor::{Ambiguous, Editor, Motion, Position, Reach, Splice};

/// What is typed here; no character of it is ever written by the other side.
const OURS: [&str; 8] = ["甲", "乙丙", "，", "e\u{301}", "\u{301}", "👩", "\u{200d}", "𠀀"];
/// What the other side writes.
const THEIRS: [&str; 9] = ["子", "丑寅卯", "。", "\u{302}", "👨", "🇨", "🇳", "𪚥", "辰\n巳"];

const MOTIONS: [Motion; 14] = [
    Motion::Left,
    Motion::Right,
    Motion::WordLeft,
    Motion::WordRight,
    Motion::Up,
    Motion::Down,
    Motion::RowStart,
    Motion::RowEnd,
    Motion::ParagraphUp,
    Motion::ParagraphDown,
    Motion::PageUp,
    Motion::PageDown,
    Motion::Start,
    Motion::End,
];

#[derive(Clone, Debug)]
enum Act {
    Type(&'static str),
    Paste(&'static str),
    Back,
    Forward,
    WordBack,
    WordForward,
    Cut,
    Undo,
    Redo,
    Go(Motion, Reach),
    Click(u16, u16),
    SelectAll,
    Wait(u64),
    Width(usize),
    /// Each: where, how much to delete, what to insert.
    Remote(Vec<(u16, usize, &'static str)>),
}

fn act() -> impl Strategy<Value = Act> {
    let ours = || prop::sample::select(OURS.to_vec());
    let theirs = (any::<u16>(), 0..5_usize, prop::sample::select(THEIRS.to_vec()));
    let reach = prop_oneof![4 => Just(Reach::Move), 1 => Just(Reach::Select)];
    prop_oneof![
        8 => ours().prop_map(Act::Type),
        2 => ours().prop_map(Act::Paste),
        3 => Just(Act::Back),
        2 => Just(Act::Forward),
        1 => Just(Act::WordBack),
        1 => Just(Act::WordForward),
        1 => Just(Act::Cut),
        4 => Just(Act::Undo),
        3 => Just(Act::Redo),
        6 => (prop::sample::select(MOTIONS.to_vec()), reach).prop_map(|(m, r)| Act::Go(m, r)),
        3 => (0..30_u16, 0..20_u16).prop_map(|(row, column)| Act::Click(row, column)),
        1 => Just(Act::SelectAll),
        2 => (0..2_000_u64).prop_map(Act::Wait),
        1 => (2..30_usize).prop_map(Act::Width),
        8 => prop::collection::vec(theirs, 1..4).prop_map(Act::Remote),
    ]
}

/// One editor, its document, and the clock of the test.
struct Desk {
    editor: Editor,
    document: Document,
    now: u64,
    width: usize,
}

impl Desk {
    fn new(text: &str) -> Self {
        let mut editor = Editor::new(text);
        editor.layout(16, Ambiguous::Narrow);
        Self { editor, document: Document::new(text), now: 0, width: 16 }
    }

    /// Does what is done here; gives what the document was told.
    fn local(&mut self, act: &Act) -> Vec<Splice> {
        let (editor, now) = (&mut self.editor, self.now);
        let splices = match act {
            Act::Type(text) => editor.insert_str(text, now),
            Act::Paste(text) => editor.paste(text, now),
            Act::Back => editor.delete_back(now),
            Act::Forward => editor.delete_forward(now),
            Act::WordBack => editor.delete_word_back(now),
            Act::WordForward => editor.delete_word_forward(now),
            Act::Cut => editor.cut(now).map(|cut| cut.splices).unwrap_or_default(),
            Act::Undo => editor.undo(),
            Act::Redo => editor.redo(),
            other => {
                match other {
                    Act::Go(motion, reach) => editor.go(*motion, *reach),
                    Act::Click(row, column) => editor.click(
                        Position { row: usize::from(*row), column: usize::from(*column) },
                        Reach::Move,
                    ),
                    Act::SelectAll => editor.select_all(),
                    Act::Wait(millis) => self.now += millis,
                    Act::Width(width) => {
                        self.width = *width;
                        editor.layout(*width, Ambiguous::Narrow);
                    }
                    _ => {}
                }
                Vec::new()
            }
        };
        self.document.apply(&splices);
        splices
    }

    /// Does what the other side does; gives it, and which of their characters it deleted.
    fn theirs(&mut self, raw: &[(u16, usize, &'static str)]) -> (Vec<Splice>, Vec<char>) {
        let mut gone = Vec::new();
        let mut splices = Vec::new();
        for (seed, delete, insert) in raw {
            let len = self.document.0.len();
            let at = usize::from(*seed) % (len + 1);
            let delete = (*delete).min(len - at);
            gone.extend(&self.document.0[at..at + delete]);
            let splice = Splice { at, delete, insert: (*insert).into() };
            self.document.apply(std::slice::from_ref(&splice));
            splices.push(splice);
        }
        self.editor.remote(&splices).expect("the document has this text");
        (splices, gone)
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        let text = self.document.text();
        prop_assert_eq!(self.editor.text(), text.as_str());
        let borders = borders(&text);
        prop_assert!(borders.binary_search(&self.editor.caret()).is_ok(), "caret in a cluster");
        if let Some(range) = self.editor.selection() {
            prop_assert!(borders.binary_search(&range.start).is_ok(), "selection in a cluster");
            prop_assert!(borders.binary_search(&range.end).is_ok(), "selection in a cluster");
        }
        // What is remembered of the rows is what a new editor finds.
        let mut fresh = Editor::new(&text);
        fresh.layout(self.width, Ambiguous::Narrow);
        prop_assert_eq!(self.editor.row_count(), fresh.row_count());
        for row in 0..fresh.row_count() {
            prop_assert_eq!(self.editor.row(row), fresh.row(row));
        }
        let seen = self.editor.viewport(4);
        prop_assert!(seen.rows.end <= seen.total && seen.rows.len() <= 4);
        Ok(())
    }
}

/// Their characters, sorted; ours and line feeds left out.
fn their_part<'a>(chars: impl IntoIterator<Item = &'a char>) -> Vec<char> {
    let ours: String = OURS.concat();
    let mut out: Vec<char> =
        chars.into_iter().copied().filter(|c| *c != '\n' && !ours.contains(*c)).collect();
    out.sort_unstable();
    out
}

fn our_part(text: &[char]) -> String {
    let ours: String = OURS.concat().chars().filter(|c| *c != 'e').collect();
    text.iter().filter(|c| ours.contains(**c)).collect()
}

/// A first text of their making.
const FIRST: &str = "子丑寅卯。\n辰巳午未\u{302}申酉戌亥。\n\n👨🇨🇳𪚥";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn undoing_everything_leaves_what_others_wrote(
        acts in prop::collection::vec(act(), 1..60)
    ) {
        let mut desk = Desk::new(FIRST);
        let mut written: Vec<char> = FIRST.chars().collect();
        let mut gone = Vec::new();
        for act in &acts {
            if let Act::Remote(raw) = act {
                let (splices, deleted) = desk.theirs(raw);
                written.extend(splices.iter().flat_map(|splice| splice.insert.chars()));
                gone.extend(deleted);
            } else {
                desk.local(act);
            }
            desk.check()?;
        }
        while desk.editor.can_undo() {
            desk.local(&Act::Undo);
            desk.check()?;
        }
        prop_assert_eq!(our_part(&desk.document.0), "");
        let mut left = their_part(&written);
        for c in their_part(&gone) {
            let at = left.iter().position(|have| *have == c);
            left.remove(at.expect("what was deleted had been written"));
        }
        prop_assert_eq!(their_part(&desk.document.0), left);
    }

    #[test]
    fn undo_and_redo_of_everything_meet_where_they_began(
        acts in prop::collection::vec(act(), 1..40)
    ) {
        let mut desk = Desk::new(FIRST);
        for act in acts.iter().filter(|act| !matches!(act, Act::Remote(_))) {
            desk.local(act);
        }
        while desk.editor.can_redo() {
            desk.local(&Act::Redo);
        }
        let full = desk.document.text();
        while desk.editor.can_undo() {
            desk.local(&Act::Undo);
        }
        prop_assert_eq!(desk.document.text(), FIRST);
        while desk.editor.can_redo() {
            desk.local(&Act::Redo);
        }
        prop_assert_eq!(desk.document.text(), full);
    }

    #[test]
    fn two_editors_of_one_document_agree(
        acts in prop::collection::vec((any::<bool>(), act()), 1..60)
    ) {
        let mut first = Desk::new(FIRST);
        let mut second = Desk::new(FIRST);
        for (turn, act) in &acts {
            let (here, there) =
                if *turn { (&mut first, &mut second) } else { (&mut second, &mut first) };
            let splices = here.local(act);
            there.document.apply(&splices);
            there.editor.remote(&splices).expect("both have the same text");
            prop_assert_eq!(here.editor.text(), there.editor.text());
            here.check()?;
            there.check()?;
        }
    }

    #[test]
    fn a_resync_reaches_any_text_and_keeps_undo_sound(
        acts in prop::collection::vec(act(), 1..20),
        text in super::sheet(),
    ) {
        let mut desk = Desk::new(FIRST);
        for act in acts.iter().filter(|act| !matches!(act, Act::Remote(_))) {
            desk.local(act);
        }
        desk.editor.resync(&text);
        desk.document = Document::new(&text);
        desk.check()?;
        while desk.editor.can_undo() {
            desk.local(&Act::Undo);
            desk.check()?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn long_texts_are_edited_across_the_pieces_of_the_rope(
        acts in prop::collection::vec(act(), 1..12)
    ) {
        let mut desk = Desk::new(&format!("{}\n{}", prose().repeat(4), FIRST.repeat(60)));
        for act in &acts {
            if let Act::Remote(raw) = act {
                desk.theirs(raw);
            } else {
                desk.local(act);
            }
            desk.check()?;
        }
    }
}
