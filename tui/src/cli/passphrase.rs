//! The passphrase: from a file that a script names, or typed without being shown.
use std::io::{IsTerminal, Write};

use crossterm::{
    event::{Event, KeyCode, KeyEventKind, KeyModifiers, read},
    terminal::{disable_raw_mode, enable_raw_mode},
};
use shared::crypto::Passphrase;
use zeroize::Zeroizing;

use super::{failure::Failure, say::Say};

/// Names the file with the passphrase on its first line.
const FILE: &str = "XUNJI_PASSPHRASE_FILE";

/// Takes the passphrase from the file named by the environment, or asks for it.
pub(super) fn take(say: &Say) -> Result<Passphrase, Failure> {
    if let Some(path) = std::env::var_os(FILE) {
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        let line = text.lines().next().unwrap_or_default();
        return Ok(Passphrase::new(line.to_owned()));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::NoPassphrase);
    }
    let mut err = std::io::stderr().lock();
    write!(err, "{}", say.passphrase_prompt())?;
    err.flush()?;
    enable_raw_mode()?;
    let typed = typed();
    disable_raw_mode()?;
    writeln!(err)?;
    typed?.ok_or(Failure::NoPassphrase)
}

fn typed() -> std::io::Result<Option<Passphrase>> {
    let mut text = String::new();
    loop {
        let Event::Key(key) = read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(Some(Passphrase::new(text))),
            KeyCode::Char('c' | 'd') if control => {
                drop(Zeroizing::new(text));
                return Ok(None);
            }
            KeyCode::Char(c) => text.push(c),
            KeyCode::Backspace => {
                text.pop();
            }
            _ => {}
        }
    }
}
