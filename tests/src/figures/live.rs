//! Six people write in one note of 8,000 characters: from a key to the others' screens.
//!
//! Each has a whole laptop: the vault, the link, the task that holds them, the interface and
//! its frames; only the terminal is missing. Every key is another character, so that each
//! can be followed: it counts as seen by somebody when the frame that shows their note with it
//! is drawn. The reference is what cannot be left out: the same number of bytes to a bare
//! WebSocket server, appended and synced there, and back, once, in the same minute.
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use ratatui::{buffer::Buffer, layout::Rect};
use shared::model::{Body, DocKind, Reading, Timestamp};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
    time::{MissedTickBehavior, interval_at, timeout},
};
use tui::{
    app::{Effect, Message, Model, News, Phase, Place as At, Said, Snapshot, update},
    editor::Ambiguous,
    view::{self, Canvas},
    words::{Language, Words},
};

use super::{
    contact::millis,
    device::{birth, note},
    echo::Echo,
    editor::{open, write_note},
    place::{PASSPHRASE, Place, member},
    sample::{Figure, Line, Samples},
};

const SCREEN: Rect = Rect { x: 0, y: 0, width: 120, height: 40 };
/// The first of the characters that are typed: rare hanzi that are in no other text.
const FIRST: u32 = 0x2_0000;
/// Characters for each person.
const EACH: u32 = 4_096;
/// What a key comes to on the way: an envelope with one small change.
const BYTES: usize = 700;
/// How often the bare server is asked.
const ASK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of it.
pub(crate) struct Size {
    /// People.
    pub(crate) people: usize,
    /// Characters of the note.
    pub(crate) chars: usize,
    /// For how long they write.
    pub(crate) time: Duration,
    /// The time between two keys of one person.
    pub(crate) pause: Duration,
}

/// When each character was typed.
type Typed = Arc<Mutex<HashMap<char, Instant>>>;

/// Measures.
pub(crate) async fn measure(size: &Size) -> anyhow::Result<Figure> {
    let place = Place::new(1, size.people).await?;
    let mut people = Vec::new();
    for person in 1..=size.people {
        people.push(Person::unlock(place.home(&member(1, person)).await?).await?);
    }
    let at = begin(&mut people, &place, size.chars).await?;
    let typed: Typed = Arc::default();
    let echo = tokio::spawn(bare(size.time));
    let tasks: Vec<JoinHandle<anyhow::Result<Seen>>> = people
        .into_iter()
        .enumerate()
        .map(|(n, person)| {
            let (typed, time) = (Arc::clone(&typed), size.time);
            // Not all of them at the same moment.
            let pause = size.pause + Duration::from_millis(7 * n as u64);
            tokio::spawn(person.write(at, n, typed, time, pause))
        })
        .collect();
    let (mut seen, mut own) = (Samples::default(), Samples::default());
    let (mut missing, mut keys) = (0, 0);
    for task in tasks {
        let one = task.await??;
        seen.extend(one.others);
        own.extend(one.own);
        missing += one.missing;
        keys += one.keys;
    }
    let bare = echo.await??;
    if missing > 0 {
        bail!("{missing} characters never came to a screen");
    }
    let reference = "WebSocket echo and one fsync";
    let what = format!("{} people, a note of {} characters", size.people, size.chars);
    Ok(Figure {
        name: "live",
        lines: vec![
            Line::beside(
                format!("{what}: key to the others' screens"),
                "ms",
                seen,
                reference,
                &bare,
            ),
            Line::alone("key to one's own screen", "ms", own),
            Line::alone("keys", "", Samples::one(keys as f64)),
        ],
    })
}

/// Has the first begin the note, and everybody open it.
async fn begin(people: &mut [Person], place: &Place, chars: usize) -> anyhow::Result<At> {
    let space = place.stay(1);
    for person in people.iter_mut() {
        person.contact().await?;
    }
    let first = people.first_mut().context("nobody is there")?;
    let kind = DocKind::Interview;
    first.ask(Effect::Begin { space, kind, birth: birth(chars, 1) });
    let at = first.until(|news| match news {
        News::Begun(at) => Some(at),
        _ => None,
    });
    let at = at.await?;
    first.contact().await?;
    for person in people.iter_mut() {
        person.contact().await?;
        person.ask(Effect::Open(at));
        let reading = person.until(|news| match news {
            News::Reading { reading, .. } => Some(*reading),
            _ => None,
        });
        person.reading = Some(reading.await?);
    }
    // What the screens say of a person who is in a record.
    for person in people.iter() {
        person.ask(Effect::Present { at, field: note().0 });
    }
    Ok(at)
}

/// Asks the bare server for as long as people write.
async fn bare(time: Duration) -> anyhow::Result<Samples> {
    let mut echo = Echo::start().await?;
    let mut samples = Samples::default();
    let until = Instant::now() + time;
    while Instant::now() < until {
        samples.push(millis(echo.synced(BYTES).await?));
        tokio::time::sleep(ASK).await;
    }
    Ok(samples)
}

/// A laptop and who sits at it.
struct Person {
    ask: UnboundedSender<Effect>,
    told: UnboundedReceiver<News>,
    laptop: JoinHandle<()>,
    known: Option<Snapshot>,
    reading: Option<Reading>,
}

/// What came to one person's screen.
#[derive(Default)]
struct Seen {
    others: Samples,
    own: Samples,
    keys: usize,
    missing: usize,
}

impl Person {
    async fn unlock(home: PathBuf) -> anyhow::Result<Self> {
        let (ask, asked) = unbounded_channel();
        let (tell, told) = unbounded_channel();
        let program = std::env::current_exe()?;
        let trials = sandbox::PoolConfig::new(program, vec![tui::cli::SANDBOX.into()], 1);
        let laptop = tokio::spawn(tui::runtime::hold(home, trials, asked, tell));
        let mut person = Self { ask, told, laptop, known: None, reading: None };
        person.ask(Effect::Unlock(PASSPHRASE.to_owned().into()));
        person.until(|news| matches!(news, News::Snapshot(_)).then_some(())).await?;
        Ok(person)
    }

    fn ask(&self, effect: Effect) {
        // A laptop that is gone is noticed where its news are read.
        let _ = self.ask.send(effect);
    }

    async fn contact(&mut self) -> anyhow::Result<()> {
        self.ask(Effect::Sync);
        self.until(|news| matches!(news, News::Said(Said::Synced)).then_some(())).await
    }

    /// Waits for news of one kind.
    async fn until<T>(&mut self, which: impl Fn(News) -> Option<T>) -> anyhow::Result<T> {
        timeout(PATIENCE, async {
            loop {
                let news = self.told.recv().await.context("the laptop is gone")?;
                if let News::Failed(failure) = &news {
                    bail!("{failure:?}");
                }
                if let News::Snapshot(known) = &news {
                    self.known = Some((**known).clone());
                }
                if let Some(found) = which(news) {
                    return Ok(found);
                }
            }
        })
        .await
        .context("a laptop says nothing")?
    }

    /// Writes into the note for a while and looks at what the others write.
    async fn write(
        mut self,
        at: At,
        number: usize,
        typed: Typed,
        time: Duration,
        pause: Duration,
    ) -> anyhow::Result<Seen> {
        let known = self.known.take().context("nothing is known")?;
        let reading = self.reading.take().context("nothing is read")?;
        let text = note_of(&reading).to_owned();
        let mut desk = Screen::new(open(known, at, reading));
        write_note(&mut desk.model, &text)?;
        let mine = FIRST + EACH * u32::try_from(number)?;
        let mut seen = Seen::default();
        let begun = tokio::time::Instant::now();
        let mut key = interval_at(begun + pause, pause);
        key.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // What was typed last is still under way when the time is over.
        let (over, end) = (begun + time, begun + time + PATIENCE / 12);
        let mut shown: HashMap<char, Duration> = HashMap::new();
        loop {
            tokio::select! {
                _ = key.tick(), if tokio::time::Instant::now() < over => {
                    let next = mine + u32::try_from(seen.keys)?;
                    let c = char::from_u32(next).context("no such character")?;
                    let begun = Instant::now();
                    typed.lock().unwrap_or_else(PoisonError::into_inner).insert(c, begun);
                    seen.keys += 1;
                    self.feed(&mut desk, Message::Text(c.to_string()));
                    desk.draw();
                    seen.own.push(millis(begun.elapsed()));
                }
                news = self.told.recv() => {
                    let mut news = Some(news.context("the laptop is gone")?);
                    // All that is there belongs to one frame, as in the terminal.
                    while let Some(one) = news {
                        self.feed(&mut desk, Message::Laptop(one));
                        news = self.told.try_recv().ok();
                    }
                    desk.draw();
                    desk.new_characters(&typed, &mut shown);
                }
                () = tokio::time::sleep_until(end) => break,
            }
        }
        let all = typed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let own = mine..mine + EACH;
        for c in all.keys().filter(|c| !own.contains(&u32::from(**c))) {
            match shown.get(c) {
                Some(took) => seen.others.push(millis(*took)),
                None => seen.missing += 1,
            }
        }
        drop(self.ask);
        self.laptop.await?;
        Ok(seen)
    }

    fn feed(&self, desk: &mut Screen, message: Message) {
        for effect in update(&mut desk.model, message) {
            self.ask(effect);
        }
    }
}

fn note_of(reading: &Reading) -> &str {
    match &reading.body {
        Body::Interview(talk) => &talk.note,
        _ => "",
    }
}

/// The interface and the frame that it draws.
struct Screen {
    model: Model,
    words: Words,
    buffer: Buffer,
}

impl Screen {
    fn new(model: Model) -> Self {
        Self { model, words: Words::new(Language::Zh), buffer: Buffer::empty(SCREEN) }
    }

    fn draw(&mut self) {
        self.model.now = Timestamp::default();
        self.buffer.reset();
        let mut canvas = Canvas::new(&mut self.buffer, Ambiguous::Narrow);
        view::draw(&mut self.model, &self.words, &mut canvas);
    }

    /// Takes note of the characters that the note on the screen has for the first time.
    fn new_characters(&self, typed: &Typed, shown: &mut HashMap<char, Duration>) {
        let Phase::Open(desk) = &self.model.phase else { return };
        let Some(edit) = desk.open.as_ref().and_then(|o| o.edit.as_ref()) else { return };
        let typed = typed.lock().unwrap_or_else(PoisonError::into_inner);
        for c in edit.editor.text().chars().filter(|c| u32::from(*c) >= FIRST) {
            if let Some(begun) = typed.get(&c) {
                shown.entry(c).or_insert_with(|| begun.elapsed());
            }
        }
    }
}
