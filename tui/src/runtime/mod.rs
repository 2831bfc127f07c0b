//! Runs the interface: keys and news in, frames and effects out.
//!
//! Two tasks: this one draws and answers keys; the other holds the unlocked laptop, so that
//! merging and the disk never make a key wait. One closed set of events (`Event`).
mod carrier;
mod choose;
mod keys;
mod snapshot;
mod terminal;
mod worker;

pub use choose::{Choice, choose};
pub use snapshot::snapshot;

use std::{io, path::Path, time::Duration};

use crossterm::event::{self, Event as Raw};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared::model::Timestamp;
use tokio::sync::mpsc;

use crate::{
    app::{Effect, Message, Model, News, update},
    view::{self, Canvas},
    words::{Language, Words},
};
use keys::Keys;
use terminal::{SOURCE, Terminal};
pub use worker::hold;

/// How often the clock is told: it drives "n seconds" and nothing else.
const TICK: Duration = Duration::from_secs(1);

/// How long the terminal is listened to before it is asked whether anybody still wants to know.
const LISTEN: Duration = Duration::from_millis(100);

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

/// How the interface came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Its holder left.
    Left,
    /// The laptop was locked: whoever goes on does so in a process that never held its text.
    Locked,
}

/// Shows the interface on the laptop in `home` until its holder leaves or it is locked. `trials` says how to
/// start the sandbox in which a courier's content is tried.
///
/// # Errors
/// What the terminal says.
pub async fn run(
    home: &Path,
    language: Language,
    trials: &sandbox::PoolConfig,
) -> io::Result<Ended> {
    let mut terminal = Terminal::open()?;
    let words = Words::new(language);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| io::Error::other(e.to_string()))?;
    let rng = ChaCha20Rng::from_seed(seed);
    let mut model = Model::new(now(), terminal.ambiguous(), rng);
    let (ask, asked) = mpsc::unbounded_channel();
    let (tell, mut told) = mpsc::unbounded_channel();
    let laptop = tokio::spawn(hold(home.to_owned(), trials.clone(), asked, tell));
    let (type_in, mut typed) = mpsc::unbounded_channel();
    let reader = tokio::task::spawn_blocking(move || read(&type_in));
    let mut keys = Keys::new(SOURCE);
    let mut tick = tokio::time::interval(TICK);
    let mut ended = Ended::Left;
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
            raw = typed.recv() => match raw {
                Some(Ok(raw)) => Event::Terminal(raw),
                Some(Err(_)) | None => Event::Over,
            },
            news = told.recv() => news.map_or(Event::Over, Event::News),
            _ = tick.tick() => Event::Tick,
        };
        match event {
            Event::Terminal(raw) => {
                keys.push(raw);
                while let Ok(raw) = typed.try_recv() {
                    keys.push(raw?);
                }
            }
            Event::News(news) => {
                let mut next = Some(news);
                while let Some(news) = next {
                    if matches!(news, News::Locked) {
                        ended = Ended::Locked;
                        break 'screen;
                    }
                    if answer(&mut model, Message::Laptop(news), &mut terminal, &ask)? {
                        break 'screen;
                    }
                    next = told.try_recv().ok();
                }
            }
            Event::Tick => {
                answer(&mut model, Message::Clock(now()), &mut terminal, &ask)?;
            }
            Event::Over => break,
        }
        while let Some(message) = keys.next(model.context()) {
            if answer(&mut model, message, &mut terminal, &ask)? {
                break 'screen;
            }
        }
    }
    // Whoever takes the terminal next finds nobody else reading from it.
    drop(typed);
    let _ = reader.await;
    drop(ask);
    // What is written is sealed and the vault closed before the terminal is given back.
    let _ = laptop.await;
    Ok(ended)
}

/// Hands on what the terminal sends, from a thread of its own, until nobody listens any more.
///
/// A thread that waits for the terminal cannot miss a key; a stream that has to be woken could.
fn read(type_in: &mpsc::UnboundedSender<io::Result<Raw>>) {
    while !type_in.is_closed() {
        let raw = match event::poll(LISTEN) {
            Ok(false) => continue,
            Ok(true) => event::read(),
            Err(error) => Err(error),
        };
        let over = raw.is_err();
        if type_in.send(raw).is_err() || over {
            return;
        }
    }
}

/// Answers a message, and has its effects carried out; tells whether that ends the program.
fn answer(
    model: &mut Model,
    message: Message,
    terminal: &mut Terminal,
    ask: &mpsc::UnboundedSender<Effect>,
) -> io::Result<bool> {
    for effect in update(model, message) {
        match effect {
            Effect::Copy(text) => terminal.copy(&text)?,
            Effect::Quit => return Ok(true),
            other => {
                // The task ends only with this loop.
                let _ = ask.send(other);
            }
        }
    }
    Ok(false)
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
}
