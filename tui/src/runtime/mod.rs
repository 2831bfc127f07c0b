//! Runs the interface: keys and news in, frames and effects out.
//!
//! Two tasks: this one draws and answers keys; the other holds the unlocked laptop, so that
//! merging and the disk never make a key wait. One closed set of events (`Event`).
mod snapshot;
mod terminal;
mod worker;

use std::{io, path::Path, time::Duration};

use crossterm::event::{Event as Raw, EventStream, KeyCode};
use futures_util::{FutureExt, StreamExt};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared::model::Timestamp;
use tokio::sync::mpsc;

use crate::{
    app::{Effect, Message, Model, News, update},
    input::{self, Action, Key},
    view::{self, Canvas},
    words::{Language, Words},
};
use terminal::Terminal;

/// How often the clock is told: it drives "n seconds" and nothing else.
const TICK: Duration = Duration::from_secs(1);

/// Everything that can happen here.
enum Event {
    /// From the terminal.
    Terminal(Raw),
    /// From the laptop.
    News(News),
    /// A second has gone.
    Tick,
    /// The terminal or the laptop's task is gone.
    Over,
}

/// Shows the interface on the laptop in `home` until its holder leaves. `trials` says how to
/// start the sandbox in which a courier's content is tried.
///
/// # Errors
/// What the terminal says.
pub async fn run(home: &Path, language: Language, trials: &sandbox::PoolConfig) -> io::Result<()> {
    let mut terminal = Terminal::open()?;
    let words = Words::new(language);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| io::Error::other(e.to_string()))?;
    let rng = ChaCha20Rng::from_seed(seed);
    let mut model = Model::new(now(), terminal.ambiguous(), rng);
    let (ask, asked) = mpsc::unbounded_channel();
    let (tell, mut told) = mpsc::unbounded_channel();
    let laptop = tokio::spawn(worker::run(home.to_owned(), trials.clone(), asked, tell));
    let mut keys = EventStream::new();
    let mut tick = tokio::time::interval(TICK);
    'screen: loop {
        terminal.draw(|frame| {
            let cursor = {
                let mut canvas = Canvas::new(frame.buffer_mut(), model.ambiguous);
                view::draw(&mut model, &words, &mut canvas);
                canvas.cursor
            };
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
        })?;
        let event = tokio::select! {
            raw = keys.next() => match raw {
                Some(Ok(raw)) => Event::Terminal(raw),
                Some(Err(_)) | None => Event::Over,
            },
            news = told.recv() => news.map_or(Event::Over, Event::News),
            _ = tick.tick() => Event::Tick,
        };
        let messages = match event {
            Event::Terminal(raw) => burst(&model, raw, &mut keys),
            Event::News(news) => vec![Message::Laptop(news)],
            Event::Tick => vec![Message::Clock(now())],
            Event::Over => break,
        };
        for message in messages {
            for effect in update(&mut model, message) {
                match effect {
                    Effect::Copy(text) => terminal.copy(&text)?,
                    Effect::Quit => break 'screen,
                    other => {
                        // The task ends only with this loop.
                        let _ = ask.send(other);
                    }
                }
            }
        }
    }
    drop(ask);
    // What is written is sealed and the vault closed before the terminal is given back.
    let _ = laptop.await;
    Ok(())
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
}

/// Takes everything that is ready at once, and joins runs of plain keys into one text.
///
/// Terminals without bracketed paste send a paste as keys, and input methods commit words as
/// bursts. In such a run an Enter is a line end, never an answer to a dialogue.
fn burst(model: &Model, first: Raw, keys: &mut EventStream) -> Vec<Message> {
    let mut all = vec![first];
    while let Some(Some(Ok(next))) = keys.next().now_or_never() {
        all.push(next);
    }
    joined(model.context().takes_text(), &all, |key| input::resolve(model.context(), key))
}

/// Makes messages of terminal events. `typing` tells whether plain characters are text.
fn joined(typing: bool, events: &[Raw], resolve: impl Fn(Key) -> Option<Action>) -> Vec<Message> {
    let mut out: Vec<Message> = Vec::new();
    let mut run = String::new();
    let presses = |raw: &Raw| match raw {
        Raw::Key(key) => Key::from_event(key),
        _ => None,
    };
    let plain = |key: Key| input::text_of(key).filter(|_| typing);
    for (at, raw) in events.iter().enumerate() {
        if let Raw::Paste(text) = raw {
            flush(&mut run, &mut out);
            out.push(Message::Paste(text.clone()));
            continue;
        }
        let Some(key) = presses(raw) else { continue };
        let beside = [at.checked_sub(1), Some(at + 1)];
        let in_run = beside
            .into_iter()
            .flatten()
            .filter_map(|n| events.get(n))
            .any(|raw| presses(raw).and_then(plain).is_some());
        if let Some(c) = plain(key) {
            run.push(c);
        } else if typing && in_run && key == Key::plain(KeyCode::Enter) && events.len() > 2 {
            run.push('\n');
        } else {
            flush(&mut run, &mut out);
            out.extend(resolve(key).map(Message::Act));
        }
    }
    flush(&mut run, &mut out);
    out
}

fn flush(run: &mut String, out: &mut Vec<Message>) {
    if !run.is_empty() {
        let text = std::mem::take(run);
        out.push(if text.chars().nth(1).is_some() && text.contains('\n') {
            Message::Paste(text)
        } else {
            Message::Text(text)
        });
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;

    fn keys(codes: &[KeyCode]) -> Vec<Raw> {
        codes.iter().map(|c| Raw::Key(KeyEvent::new(*c, KeyModifiers::NONE))).collect()
    }

    fn shown(messages: &[Message]) -> String {
        messages.iter().map(|m| format!("{m:?};")).collect()
    }

    #[test]
    fn a_burst_of_characters_is_one_text() {
        let events = keys(&[KeyCode::Char('会'), KeyCode::Char('议'), KeyCode::Char('纪')]);
        assert_eq!(shown(&joined(true, &events, |_| None)), "Text(\"会议纪\");");
    }

    #[test]
    fn enter_inside_a_burst_answers_no_dialogue() {
        let events = keys(&[KeyCode::Char('问'), KeyCode::Enter, KeyCode::Char('答')]);
        let messages = joined(true, &events, |_| Some(Action::Enter));
        assert_eq!(shown(&messages), "Paste(\"问\\n答\");");
        let alone = joined(true, &keys(&[KeyCode::Enter]), |_| Some(Action::Enter));
        assert_eq!(shown(&alone), "Act(Enter);");
    }

    #[test]
    fn outside_texts_characters_are_keys() {
        let events = keys(&[KeyCode::Char('2'), KeyCode::Char('n')]);
        let messages = joined(false, &events, |_| Some(Action::New));
        assert_eq!(shown(&messages), "Act(New);Act(New);");
    }
}
