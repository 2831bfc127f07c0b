//! The passphrase: from a file that a script names, or typed without being shown.
use std::io::{IsTerminal, Write};

use crossterm::{
    event::{Event, KeyCode, KeyEventKind, KeyModifiers, read},
    terminal::{disable_raw_mode, enable_raw_mode},
};
use shared::crypto::{Passphrase, RecoveryKey};
use zeroize::Zeroizing;

use super::{failure::Failure, say::Say};

/// Names the file with the passphrase on its first line.
const FILE: &str = "XUNJI_PASSPHRASE_FILE";

/// Names the file with the new passphrase on its first line.
const NEW: &str = "XUNJI_NEW_PASSPHRASE_FILE";
/// Names the file with the recovery key on its first line.
const RECOVERY: &str = "XUNJI_RECOVERY_KEY_FILE";

/// Takes the passphrase from the file named by the environment, or asks for it.
pub(super) fn take(say: &Say) -> Result<Passphrase, Failure> {
    Ok(sealed(match from_file(FILE)? {
        Some(passphrase) => passphrase,
        None => ask(&say.passphrase_prompt())?,
    }))
}

/// Tells whether a passphrase can be had without asking.
pub(super) fn is_at_hand() -> bool {
    std::env::var_os(FILE).is_some()
}

/// Takes a new passphrase from a file, or asks for it twice.
pub(super) fn take_new(say: &Say) -> Result<Passphrase, Failure> {
    chosen(NEW, say)
}

/// Takes the first passphrase of a home, from the file that later opens it, or asks for it twice:
/// who mistypes it once would be locked out.
pub(super) fn take_first(say: &Say) -> Result<Passphrase, Failure> {
    chosen(FILE, say)
}

fn chosen(file: &str, say: &Say) -> Result<Passphrase, Failure> {
    if let Some(passphrase) = from_file(file)? {
        return Ok(sealed(passphrase));
    }
    let first = ask(&say.new_passphrase_prompt())?;
    let second = ask(&say.again_prompt())?;
    if first == second { Ok(sealed(first)) } else { Err(Failure::Twice) }
}

/// Takes the office's recovery key from a file, or asks for it.
pub(super) fn take_recovery(say: &Say) -> Result<RecoveryKey, Failure> {
    let text = match from_file(RECOVERY)? {
        Some(text) => text,
        None => ask(&say.recovery_prompt())?,
    };
    text.parse().map_err(|_| Failure::RecoveryKey)
}

/// Hands typed text over without leaving a copy.
fn sealed(mut text: Zeroizing<String>) -> Passphrase {
    Passphrase::new(std::mem::take(&mut *text))
}

fn from_file(name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    let Some(path) = std::env::var_os(name) else { return Ok(None) };
    let text = Zeroizing::new(std::fs::read_to_string(path)?);
    Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
}

/// Asks for something that is not shown while it is typed.
fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::NoPassphrase);
    }
    let mut err = std::io::stderr().lock();
    write!(err, "{prompt} ")?;
    err.flush()?;
    enable_raw_mode()?;
    let typed = typed();
    disable_raw_mode()?;
    writeln!(err)?;
    typed?.ok_or(Failure::NoPassphrase)
}

fn typed() -> std::io::Result<Option<Zeroizing<String>>> {
    let mut text = Zeroizing::new(String::new());
    loop {
        let Event::Key(key) = read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(Some(text)),
            KeyCode::Char('c' | 'd') if control => return Ok(None),
            KeyCode::Char(c) => text.push(c),
            KeyCode::Backspace => {
                text.pop();
            }
            _ => {}
        }
    }
}
