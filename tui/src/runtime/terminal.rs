//! The terminal: taken over at the start, given back whatever happens.
use std::io::{self, Stdout, Write, stdout};

use crossterm::{
    cursor, event, execute, queue,
    style::Print,
    terminal::{
        BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
        LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{Frame, backend::CrosstermBackend};

use super::keys::Source;
use crate::editor::Ambiguous;

/// What this system's terminals send: crossterm knows no bracketed paste on Windows.
pub(super) const SOURCE: Source = if cfg!(windows) { Source::Events } else { Source::Bytes };

/// A terminal that is given back when this is dropped, and when the program panics.
pub(super) struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<Stdout>>,
    ambiguous: Ambiguous,
}

impl Terminal {
    /// Takes the terminal over.
    pub(super) fn open() -> io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, event::EnableBracketedPaste)?;
        let ambiguous = probe().unwrap_or_default();
        let inner = ratatui::Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(Self { inner, ambiguous })
    }

    /// Returns how wide the terminal draws characters of ambiguous width.
    pub(super) const fn ambiguous(&self) -> Ambiguous {
        self.ambiguous
    }

    /// Draws a frame, which terminals that can show it only when it is whole.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.inner.draw(draw).map(|_| ());
        execute!(stdout(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Puts text on the clipboard of whoever sits at the terminal (OSC 52).
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let coded = data_encoding::BASE64.encode(text.as_bytes());
        let mut out = stdout();
        write!(out, "\x1b]52;c;{coded}\x07")?;
        out.flush()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Leaves the terminal as it was. Nothing can be done where that fails.
fn give_back() {
    let _ = execute!(stdout(), event::DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}

/// Writes a character of ambiguous width, and asks where the cursor is then.
fn probe() -> io::Result<Ambiguous> {
    let mut out = stdout();
    queue!(out, cursor::MoveTo(0, 0), Print("“"))?;
    out.flush()?;
    let (column, _) = cursor::position()?;
    execute!(out, Clear(ClearType::All), cursor::MoveTo(0, 0))?;
    Ok(if column >= 2 { Ambiguous::Wide } else { Ambiguous::Narrow })
}
