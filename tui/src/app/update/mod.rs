//! The one function that answers messages, and what may be done now.
mod can;
mod dialog;
mod find;
mod list;
mod news;
mod sheet;
mod typing;

use super::{
    dialog::Dialog,
    effect::Effect,
    message::Message,
    model::{Model, Phase, Working},
    said::{Failure, Said},
};
use crate::input::{Action, Context, HelpRow, help_rows};

pub use can::{adds, can};

/// Answers a message: changes the model, and returns what is to be done outside it.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Clock(now) => {
            // A training round's clock runs as fast as this one and stands elsewhere.
            let gone = now.since(model.now).max(0);
            model.now = now;
            if let Some(desk) = model.desk_mut() {
                desk.known.now = desk.known.now.plus_millis(gone);
            }
            idle(model)
        }
        Message::Laptop(news) => {
            if matches!(model.phase, Phase::Locked(_)) {
                model.touched = model.now;
            }
            news::heard(model, news)
        }
        Message::Act(action) => {
            model.touched = model.now;
            // What was said stays until the next key.
            let said = model.said.take();
            act(model, action, said)
        }
        Message::Text(text) => {
            model.touched = model.now;
            model.said = None;
            typed(model, &text, typing::From::Keys)
        }
        Message::Paste(text) => {
            model.touched = model.now;
            model.said = None;
            typed(model, &text, typing::From::Clipboard)
        }
    }
}

fn act(model: &mut Model, action: Action, said: Option<Said>) -> Vec<Effect> {
    match action {
        Action::Help => {
            let here = model.context();
            model.help = match model.help {
                Some(_) => None,
                // The page begins with where help was asked for.
                None => help_rows().iter().position(|r| *r == HelpRow::Place(here)),
            };
            return Vec::new();
        }
        Action::Quit => return leave(model, Effect::Quit, said),
        Action::Lock => return leave(model, Effect::Lock, said),
        _ => {}
    }
    match model.context() {
        Context::Help => help(model, action),
        Context::Search => find::search(model, action),
        Context::History => find::history(model, action),
        Context::Unlock => unlock(model, action),
        Context::Dialog | Context::DialogLine | Context::DialogText => dialog::act(model, action),
        Context::Menu => sheet::menu(model, action),
        Context::List | Context::Filter => list::act(model, action),
        Context::Sheet => sheet::act(model, action),
        Context::Text | Context::Line => sheet::edit(model, action, said),
    }
}

/// How long a laptop stays unlocked while nobody presses a key, in milliseconds: 10 minutes.
const IDLE: i64 = 10 * 60 * 1000;

/// Locks a laptop that nobody uses. What is in memory only is never lost by that: a full disk
/// and a dialogue that holds text keep it open.
fn idle(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let holds = desk.known.link.not_saved > 0
        || desk.sent.is_some()
        || desk.dialog.as_ref().is_some_and(Dialog::holds_text);
    if holds || model.busy.is_some() || model.now.since(model.touched) < IDLE {
        return Vec::new();
    }
    leave(model, Effect::Lock, None)
}

/// Locks or ends. While something is not on the disk, the first time only says so.
fn leave(model: &mut Model, effect: Effect, said: Option<Said>) -> Vec<Effect> {
    let not_saved = model.desk().map_or(0, |d| d.known.link.not_saved);
    let full = Said::Failed(Failure::DiskFull(not_saved));
    if not_saved > 0 && said.as_ref() != Some(&full) {
        model.said = Some(full);
        return Vec::new();
    }
    if sheet::holds_no_amount(model) {
        if said != Some(Said::NotAnAmount) {
            model.said = Some(Said::NotAnAmount);
            return Vec::new();
        }
        sheet::discard(model);
    }
    let mut effects = sheet::write_through(model);
    if matches!(effect, Effect::Lock) && matches!(model.phase, Phase::Open(_)) {
        model.busy = Some((Working::Locking, model.now));
    }
    effects.push(effect);
    effects
}

fn help(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(top) = model.help else { return Vec::new() };
    model.help = match action {
        Action::Up => Some(top.saturating_sub(1)),
        Action::Down => Some(top.saturating_add(1)),
        Action::PageUp => Some(top.saturating_sub(10)),
        Action::PageDown => Some(top.saturating_add(10)),
        Action::First => Some(0),
        // Where that is, only who draws the page knows.
        Action::Last => Some(usize::MAX),
        Action::Back => None,
        _ => Some(top),
    };
    Vec::new()
}

fn unlock(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.busy.is_some() {
        return Vec::new();
    }
    let Phase::Locked(lock) = &mut model.phase else { return Vec::new() };
    match action {
        Action::Enter if !lock.typed.is_empty() => {
            let typed = std::mem::take(&mut lock.typed);
            model.busy = Some((Working::Unlocking, model.now));
            return vec![Effect::Unlock(typed)];
        }
        Action::Backspace => {
            lock.typed.pop();
        }
        Action::Back => lock.typed = zeroize::Zeroizing::default(),
        _ => {}
    }
    Vec::new()
}

fn typed(model: &mut Model, text: &str, from: typing::From) -> Vec<Effect> {
    let now = model.now;
    match model.context() {
        Context::Unlock => {
            if let Phase::Locked(lock) = &mut model.phase
                && model.busy.is_none()
            {
                // Room beforehand: a passphrase that outgrows its place would leave a copy.
                lock.typed.reserve(256);
                lock.typed.extend(text.chars().filter(|c| !c.is_control()));
            }
            Vec::new()
        }
        Context::Filter => {
            if let Some(desk) = model.desk_mut() {
                let list = desk.list_mut();
                list.filter.extend(text.chars().filter(|c| !c.is_control()));
                list.selected = 0;
            }
            Vec::new()
        }
        Context::Search => find::typed(model, text),
        Context::Text | Context::Line => sheet::typed(model, text, from),
        Context::DialogLine | Context::DialogText => {
            let Some(dialog) = model.desk_mut().and_then(|d| d.dialog.as_mut()) else {
                return Vec::new();
            };
            dialog.problem = None;
            if let Some(field) = dialog.field() {
                typing::into_field(field, text, from, now);
            }
            dialog::look(dialog)
        }
        _ => Vec::new(),
    }
}
