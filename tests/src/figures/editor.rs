//! One key in a note of 20,000 hanzi, until its frame is drawn.
//!
//! The reference is ratatui-textarea with wrapping, in the same area, with the same text and
//! keys. It breaks lines without regard to Chinese punctuation, which ours does not.
use std::time::Instant;

use anyhow::Context;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};
use ratatui_textarea::{CursorMove, Input, Key, TextArea, WrapMode};
use shared::{
    doc::Document,
    model::{DocId, DocKind, PersonId, SpaceId, Timestamp},
    workflow::SpaceState,
};
use tui::{
    app::{
        Desk, Message, Model, News, Phase, Place, Snapshot, SpaceView,
        model::{FieldEdit, OpenDoc},
        update,
    },
    editor::{Ambiguous, Editor, Motion, Reach},
    view::{self, Canvas},
    words::{Language, Words},
};

use super::{
    contact::millis,
    device::{birth, note, talk},
    sample::{Figure, Line, Samples},
};

const SCREEN: Rect = Rect { x: 0, y: 0, width: 120, height: 40 };
/// Characters of a paragraph.
const PARAGRAPH: usize = 250;

/// How much of it.
pub(crate) struct Size {
    /// Characters of the note.
    pub(crate) chars: usize,
    /// Keys.
    pub(crate) keys: usize,
}

/// Measures.
pub(crate) fn measure(size: &Size) -> anyhow::Result<Figure> {
    let text: Vec<String> =
        (0..size.chars.div_ceil(PARAGRAPH)).map(|n| talk(PARAGRAPH, n)).collect();
    let theirs = theirs(&text, size.keys);
    let editor = ours(&text, size.keys);
    let screen = screen(&text, size.keys)?;
    let one = |text: &[String]| vec![text.concat()];
    let theirs_one = self::theirs(&one(&text), size.keys);
    let editor_one = ours(&one(&text), size.keys);
    let what = |part: &str| format!("{} hanzi, {part}: key and frame", size.chars);
    let reference = "ratatui-textarea 0.9, wrapping";
    Ok(Figure {
        name: "editor",
        lines: vec![
            Line::beside(what("the editor alone"), "ms", editor, reference, &theirs),
            Line::beside(what("the whole screen"), "ms", screen, reference, &theirs),
            Line::beside(
                what("all in one paragraph, the editor alone"),
                "ms",
                editor_one,
                reference,
                &theirs_one,
            ),
        ],
    })
}

fn middle(paragraphs: &[String]) -> usize {
    paragraphs.iter().map(|p| p.chars().count() + 1).sum::<usize>() / 2
}

fn ours(paragraphs: &[String], keys: usize) -> Samples {
    let mut editor = Editor::new(&paragraphs.join("\n"));
    editor.set_caret(middle(paragraphs), Reach::Move);
    let mut buffer = Buffer::empty(SCREEN);
    let mut samples = Samples::default();
    for key in 0..=keys {
        let begun = Instant::now();
        editor.insert_str("对", key as u64);
        Canvas::new(&mut buffer, Ambiguous::Narrow).editor(SCREEN, &mut editor, true);
        if key > 0 {
            samples.push(millis(begun.elapsed()));
        }
    }
    samples
}

fn theirs(paragraphs: &[String], keys: usize) -> Samples {
    let mut editor = TextArea::new(paragraphs.to_vec());
    editor.set_wrap_mode(WrapMode::WordOrGlyph);
    let row = paragraphs.len() / 2;
    let column = if paragraphs.len() == 1 { middle(paragraphs) } else { 0 };
    let place = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    editor.move_cursor(CursorMove::Jump(place(row), place(column)));
    let mut buffer = Buffer::empty(SCREEN);
    let mut samples = Samples::default();
    for key in 0..=keys {
        let begun = Instant::now();
        editor.input(Input { key: Key::Char('对'), ctrl: false, alt: false, shift: false });
        (&editor).render(SCREEN, &mut buffer);
        if key > 0 {
            samples.push(millis(begun.elapsed()));
        }
    }
    samples
}

/// The interface with a record open and its note being written.
pub(crate) fn open(known: Snapshot, at: Place, reading: shared::model::Reading) -> Model {
    let rng = ChaCha20Rng::seed_from_u64(1);
    let mut model = Model::new(Timestamp::default(), Ambiguous::Narrow, rng);
    let mut desk = Desk::new(known);
    desk.open = Some(OpenDoc::new(at));
    model.phase = Phase::Open(Box::new(desk));
    let edits = 0;
    let (reading, authors) = (Box::new(reading), Default::default());
    update(&mut model, Message::Laptop(News::Reading { at, reading, authors, edits }));
    model
}

/// Opens the note of the record on the screen, its caret at the end.
pub(crate) fn write_note(model: &mut Model, text: &str) -> anyhow::Result<()> {
    let open = model.desk_mut().and_then(|d| d.open.as_mut()).context("no record is open")?;
    open.focus = open.rows().iter().position(|r| r.path == note()).context("it has no note")?;
    let mut editor = Editor::new(text);
    editor.go(Motion::End, Reach::Move);
    open.edit = Some(FieldEdit {
        path: note(),
        editor,
        long: true,
        amount: false,
        before: text.to_owned(),
    });
    Ok(())
}

fn screen(paragraphs: &[String], keys: usize) -> anyhow::Result<Samples> {
    let text = paragraphs.join("\n");
    let space = SpaceId::from_bytes([1; 16]);
    let at = Place { space, doc: DocId::from_bytes([2; 16]) };
    let born = birth(0, 0).text("note", &text);
    let (document, _) = Document::born(DocKind::Interview, [3; 16], &born)?;
    let known = Snapshot {
        me: PersonId::from_bytes([4; 16]),
        name: "张某".into(),
        device: String::new(),
        now: Timestamp::default(),
        round: String::new(),
        training: true,
        spaces: vec![SpaceView::new(space, SpaceState::default())],
        link: Default::default(),
    };
    let mut model = open(known, at, document.reading());
    write_note(&mut model, &text)?;
    let words = Words::new(Language::Zh);
    let mut buffer = Buffer::empty(SCREEN);
    let mut samples = Samples::default();
    for key in 0..=keys {
        let begun = Instant::now();
        update(&mut model, Message::Text("对".into()));
        view::draw(&mut model, &words, &mut Canvas::new(&mut buffer, Ambiguous::Narrow));
        if key > 0 {
            samples.push(millis(begun.elapsed()));
        }
    }
    Ok(samples)
}
