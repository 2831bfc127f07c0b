//! A list from which one thing is chosen, before any laptop is open.
use std::io;

use crossterm::event::{Event, KeyCode, KeyModifiers, read};
use ratatui::layout::{Position, Rect};

use super::terminal::Terminal;
use crate::{
    input::Key,
    view::{Canvas, look},
    words::{Words, t},
};

/// What is shown, and which row is under the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Above the list.
    pub title: String,
    /// The rows: two columns each.
    pub rows: Vec<(String, String)>,
    /// Below the list, a line each.
    pub notes: Vec<String>,
    /// The row under the cursor.
    pub at: usize,
}

/// What a key comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Nothing yet.
    Open,
    /// The row under the cursor.
    Chosen,
    /// None.
    Left,
}

/// Shows the list until a row is chosen, which is returned, or until its reader leaves.
///
/// # Errors
/// What the terminal says.
pub fn choose(choice: &mut Choice, words: &Words) -> io::Result<Option<usize>> {
    let mut terminal = Terminal::open()?;
    let ambiguous = terminal.ambiguous();
    loop {
        terminal.draw(|frame| {
            let mut canvas = Canvas::new(frame.buffer_mut(), ambiguous);
            draw(choice, words, &mut canvas);
            if let Some(cursor) = canvas.cursor {
                frame.set_cursor_position(cursor);
            }
        })?;
        let Event::Key(event) = read()? else { continue };
        let Some(key) = Key::from_event(&event) else { continue };
        match press(choice, key) {
            Answer::Open => {}
            Answer::Chosen => return Ok(Some(choice.at)),
            Answer::Left => return Ok(None),
        }
    }
}

fn press(choice: &mut Choice, key: Key) -> Answer {
    let last = choice.rows.len().saturating_sub(1);
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Answer::Left,
        KeyCode::Esc | KeyCode::Char('q') => return Answer::Left,
        KeyCode::Enter if !choice.rows.is_empty() => return Answer::Chosen,
        KeyCode::Up | KeyCode::Char('k') => choice.at = choice.at.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => choice.at = (choice.at + 1).min(last),
        KeyCode::Home => choice.at = 0,
        KeyCode::End => choice.at = last,
        _ => {}
    }
    Answer::Open
}

/// How wide the first column is.
const FIRST: u16 = 12;

fn draw(choice: &Choice, words: &Words, canvas: &mut Canvas<'_>) {
    let area = canvas.area();
    let (x, room) = (area.x + 2, area.width.saturating_sub(4));
    let training = format!(" {} ", t!(words, "training"));
    let used = canvas.text(x, area.y, room, &training, look::TRAINING);
    canvas.text(x + used + 1, area.y, room.saturating_sub(used + 1), &choice.title, look::HEAD);
    let below = u16::try_from(choice.notes.len()).unwrap_or(u16::MAX).saturating_add(3);
    let fit = usize::from(area.height.saturating_sub(below.saturating_add(2))).max(1);
    // The row under the cursor is always on the screen.
    let top = choice.at.saturating_sub(fit - 1).min(choice.rows.len().saturating_sub(fit));
    for (line, (at, row)) in choice.rows.iter().enumerate().skip(top).take(fit).enumerate() {
        let y = area.y + 2 + u16::try_from(line).unwrap_or(u16::MAX);
        let here = at == choice.at;
        let style = if here { look::HERE } else { look::PLAIN };
        if here {
            canvas.paint(Rect::new(x, y, room, 1), look::HERE);
            canvas.cursor = Some(Position { x, y });
        }
        canvas.text(x, y, FIRST, &row.0, style);
        canvas.text(x + FIRST + 1, y, room.saturating_sub(FIRST + 1), &row.1, style);
    }
    for (y, note) in (area.bottom().saturating_sub(below - 1)..).zip(&choice.notes) {
        canvas.text(x, y, room, note, look::DIM);
    }
    canvas.text(x, area.bottom().saturating_sub(1), room, &t!(words, "choose-keys"), look::DIM);
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::{editor::Ambiguous, words::Language};

    fn people(n: usize) -> Choice {
        let rows = (1..=n).map(|n| (format!("张某{n}"), "第三组 成员".to_owned())).collect();
        Choice { title: "选择身份".into(), rows, notes: vec!["口令".into()], at: 0 }
    }

    fn shown(choice: &Choice) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
        let words = Words::new(Language::Zh);
        let mut canvas = Canvas::new(&mut buffer, Ambiguous::Narrow);
        draw(choice, &words, &mut canvas);
        canvas.drawn.iter().map(|d| format!("{}\n", d.text)).collect()
    }

    #[test]
    fn enter_chooses_the_row_under_the_cursor_and_esc_none() {
        let mut choice = people(3);
        assert_eq!(press(&mut choice, Key::plain(KeyCode::Up)), Answer::Open);
        for _ in 0..5 {
            press(&mut choice, Key::plain(KeyCode::Down));
        }
        assert_eq!(
            (press(&mut choice, Key::plain(KeyCode::Enter)), choice.at),
            (Answer::Chosen, 2)
        );
        assert_eq!(press(&mut choice, Key::plain(KeyCode::Esc)), Answer::Left);
        assert_eq!(press(&mut people(0), Key::plain(KeyCode::Enter)), Answer::Open);
    }

    #[test]
    fn a_list_longer_than_the_screen_follows_the_cursor() {
        let mut choice = people(40);
        assert!(shown(&choice).contains("张某1\n") && !shown(&choice).contains("张某40"));
        press(&mut choice, Key::plain(KeyCode::End));
        assert!(!shown(&choice).contains("张某1\n") && shown(&choice).contains("张某40"));
        assert!(shown(&choice).contains("口令"));
    }
}
