//! The terminal: what it says about itself, and what it answers when asked.
use std::{
    io::{IsTerminal, Read, Write, stdin, stdout},
    sync::mpsc,
    time::Duration,
};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode, size};

use super::{Check, State};
use crate::words::{Words, t};

/// How long a terminal may take to answer.
const ANSWER: Duration = Duration::from_millis(800);
/// The window for which the screens are made.
const WINDOW: (u16, u16) = (80, 24);
/// Draws a character and asks where the cursor is then, twice; asks for bracketed paste; and
/// asks what the terminal is, which every terminal answers, so that the answers have an end.
const QUESTION: &str = "\r汉\x1b[6n\r\x1b[K“\x1b[6n\r\x1b[K\x1b[?2004$p\x1b[c";

/// What a terminal answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Answers {
    /// How wide it draws a character of two columns.
    wide: Option<u16>,
    /// How wide it draws one of ambiguous width.
    ambiguous: Option<u16>,
    /// Whether it knows bracketed paste; none if it does not say.
    paste: Option<bool>,
}

/// Looks at the terminal; with `quiet` nothing is drawn or asked.
pub(super) fn checks(w: &Words, quiet: bool) -> Vec<Check> {
    let mut checks = vec![encoding(w)];
    if !stdout().is_terminal() || !stdin().is_terminal() {
        let (what, next) = (t!(w, "doctor-no-terminal"), t!(w, "doctor-no-terminal-next"));
        checks.push(Check::new("terminal", State::Attention, what, next));
        return checks;
    }
    let name = std::env::var("TERM").unwrap_or_default();
    checks.push(match name.as_str() {
        "dumb" => Check::new(
            "terminal",
            State::Bad,
            t!(w, "doctor-dumb", name = name.clone()),
            t!(w, "doctor-dumb-next"),
        ),
        _ => Check::good("terminal", t!(w, "doctor-terminal", name = name.clone())),
    });
    if let Ok((columns, rows)) = size() {
        let what = t!(w, "doctor-size", columns = columns, rows = rows);
        checks.push(match columns >= WINDOW.0 && rows >= WINDOW.1 {
            true => Check::good("size", what),
            false => {
                let next = t!(w, "doctor-size-next", columns = WINDOW.0, rows = WINDOW.1);
                Check::new("size", State::Attention, what, next)
            }
        });
    }
    if !quiet {
        checks.extend(widths(w, &ask().unwrap_or_default()));
    }
    checks
}

fn encoding(w: &Words) -> Check {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = set.iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
    let locale = locale.unwrap_or_default();
    let plain = locale.to_uppercase().replace('-', "");
    // Windows has no such variables; its consoles are written to in UTF-16.
    if cfg!(windows) || plain.contains("UTF8") {
        return Check::good("encoding", t!(w, "doctor-utf8", locale = locale));
    }
    let what = t!(w, "doctor-not-utf8", locale = locale);
    Check::new("encoding", State::Attention, what, t!(w, "doctor-not-utf8-next"))
}

fn widths(w: &Words, answers: &Answers) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.push(match answers.wide {
        Some(2) => Check::good("wide", t!(w, "doctor-wide")),
        Some(n) => {
            let what = t!(w, "doctor-wide-wrong", n = n);
            Check::new("wide", State::Bad, what, t!(w, "doctor-wide-next"))
        }
        None => {
            let what = t!(w, "doctor-silent");
            Check::new("wide", State::Attention, what, t!(w, "doctor-silent-next"))
        }
    });
    checks.extend(answers.ambiguous.map(|n| match n {
        1 => Check::good("ambiguous", t!(w, "doctor-ambiguous-one")),
        _ => Check::good("ambiguous", t!(w, "doctor-ambiguous-two")),
    }));
    checks.push(match answers.paste {
        Some(true) => Check::good("paste", t!(w, "doctor-paste")),
        _ => {
            let what = t!(w, "doctor-no-paste");
            Check::new("paste", State::Attention, what, t!(w, "doctor-no-paste-next"))
        }
    });
    checks
}

/// Asks the terminal, and waits a moment for its answers.
fn ask() -> std::io::Result<Answers> {
    if cfg!(windows) {
        // Answers come as key events there, which only an open interface reads.
        return Ok(Answers::default());
    }
    enable_raw_mode()?;
    let asked = exchange();
    disable_raw_mode()?;
    asked
}

fn exchange() -> std::io::Result<Answers> {
    let mut out = stdout();
    out.write_all(QUESTION.as_bytes())?;
    out.flush()?;
    let (tell, told) = mpsc::channel();
    // A terminal that never answers leaves this thread waiting; the program ends soon.
    std::thread::spawn(move || {
        let mut byte = [0];
        while stdin().read_exact(&mut byte).is_ok() && tell.send(byte[0]).is_ok() {}
    });
    let mut bytes = Vec::new();
    while let Ok(byte) = told.recv_timeout(ANSWER) {
        bytes.push(byte);
        if byte == b'c' {
            break;
        }
    }
    Ok(read(&bytes))
}

/// Reads the answers, in whatever order they came.
fn read(bytes: &[u8]) -> Answers {
    let text = String::from_utf8_lossy(bytes);
    let mut answers = Answers::default();
    let mut columns = Vec::new();
    for part in text.split("\x1b[").skip(1) {
        if let Some((_, column)) = part.strip_suffix('R').and_then(|p| p.split_once(';')) {
            columns.extend(column.parse::<u16>().ok().and_then(|c| c.checked_sub(1)));
        } else if let Some(mode) = part.strip_prefix("?2004;").and_then(|p| p.strip_suffix("$y")) {
            // 0 means: not known. 1 and 2: set and not set. 4: never.
            answers.paste = Some(matches!(mode, "1" | "2" | "3"));
        }
    }
    answers.wide = columns.first().copied();
    answers.ambiguous = columns.get(1).copied();
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn answers_are_read_from_what_terminals_send() {
        let sent = b"\x1b[12;3R\x1b[12;2R\x1b[?2004;2$y\x1b[?64;1;2c";
        let read = read(sent);
        assert_eq!(read, Answers { wide: Some(2), ambiguous: Some(1), paste: Some(true) });
        assert_eq!(super::read(b"\x1b[?6c"), Answers::default());
    }

    #[test]
    fn a_terminal_that_draws_hanzi_in_one_column_is_bad() {
        let w = Words::new(Language::Zh);
        let state = |answers| widths(&w, &answers).iter().map(|c| c.state).max();
        let fine = Answers { wide: Some(2), ambiguous: Some(2), paste: Some(true) };
        assert_eq!(state(fine), Some(State::Good));
        assert_eq!(state(Answers { wide: Some(1), ..fine }), Some(State::Bad));
        assert_eq!(state(Answers::default()), Some(State::Attention));
    }
}
