//! The server is killed while two people write in the same talk.
//!
//! Two kinds of moment: in the middle of live writing, and in the middle of taking in what
//! was written while the server was down.
use std::collections::BTreeSet;

use acceptance::stage::{How, Joined, Stage, text};
use anyhow::{Context, Result};

use super::{IN_FLIGHT, Play, Tally, book::Book, chance::Chance, last, store::Autopsy};

const WRITERS: [&str; 2] = ["sunmou", "limou"];
const WITNESS: &str = "zhoumou";
/// How many edits each of them types between two kills.
const BURST: usize = 16;
/// How many more in the moment of the kill: receipts come in bunches, and may all be there.
const MORE: usize = 12;
/// The kill comes after at most so many of one writer's edits were saved, or received:
/// receipts come in bunches, so that either alone would leave out moments.
const HEARD: usize = 8;
/// How many kills one talk lasts.
const TALK: usize = 20;

struct Writer {
    home: &'static str,
    joined: Option<Joined>,
    book: Book,
}

impl Writer {
    fn joined(&mut self) -> Result<&mut Joined> {
        self.joined.as_mut().context("the writer sits at the laptop")
    }

    /// Takes in events until something is so.
    fn until(&mut self, so: impl Fn(&Book) -> bool) -> Result<()> {
        while let Some(event) = self.joined()?.ready() {
            self.book.hear(&event)?;
        }
        while !so(&self.book) {
            let event = self.joined()?.hear()?.context("the laptop goes on")?;
            self.book.hear(&event)?;
        }
        Ok(())
    }

    fn types(&mut self, edits: usize, record: &str, chance: &mut Chance) -> Result<()> {
        for _ in 0..edits {
            let edit = chance.edit(&self.book.mark());
            self.book.typed(record);
            self.joined()?.edit(&edit);
        }
        Ok(())
    }

    /// Waits until nothing that the dead server said is still on its way.
    fn settle(&mut self) -> Result<()> {
        self.joined()?.line(&serde_json::json!({ "do": "show" }));
        loop {
            let event = self.joined()?.hear()?.context("the laptop goes on")?;
            self.book.hear(&event)?;
            if event["event"] == "document" {
                break;
            }
        }
        self.until(|book| !book.linked())
    }

    fn leaves(&mut self) -> Result<()> {
        if let Some(joined) = self.joined.take() {
            let (said, code) = joined.leave()?;
            for event in &said {
                self.book.hear(event)?;
            }
            anyhow::ensure!(code == 0, "{}: left with {code}: {:?}", self.home, said.last());
            self.book.died();
        }
        Ok(())
    }
}

pub(super) fn play(play: &Play) -> Result<Tally> {
    let mut stage = Stage::new(&play.program, 1)?;
    stage.open(str::to_owned)?;
    for person in WRITERS.iter().chain([&WITNESS]) {
        stage.enrol(person)?;
    }
    let writer = |home| Writer { home, joined: None, book: Book::new(home) };
    let mut writers = WRITERS.map(writer);
    let (mut chance, mut autopsy) = (Chance::new(play.seed), Autopsy::new()?);
    let mut tally = Tally::default();
    let mut record = String::new();
    let mut up = true;
    let mut checked: BTreeSet<_> = BTreeSet::new();
    while tally.in_flight.len() < play.kills {
        if (tally.in_flight.len() + tally.idle).is_multiple_of(TALK) {
            if !up {
                tally.ready.push(stage.serve(&How::default())?);
            }
            up = true;
            record = talk(&stage, &mut writers)?;
        }
        let backlog = !up && chance.below(3) == 0;
        if !backlog && !up {
            tally.ready.push(stage.serve(&How::default())?);
        }
        if !backlog {
            writers.iter_mut().try_for_each(|w| w.until(Book::linked))?;
        }
        writers.iter_mut().try_for_each(|w| w.types(BURST, &record, &mut chance))?;
        if backlog {
            writers.iter_mut().try_for_each(|w| w.until(Book::all_saved))?;
            tally.ready.push(stage.serve(&How::default())?);
        }
        let watched = &mut writers[chance.below(WRITERS.len())];
        let (by_receipts, more) = (backlog || chance.below(2) == 0, chance.below(HEARD + 1));
        let count = |book: &Book| match by_receipts {
            true => book.received().len(),
            false => book.count_saved(),
        };
        let enough = count(&watched.book) + more;
        watched.until(|book| book.linked() && count(book) >= enough)?;
        writers.iter_mut().try_for_each(|w| w.types(MORE, &record, &mut chance))?;
        chance.moment(12);
        stage.kill_server()?;
        up = false;
        writers.iter_mut().try_for_each(Writer::settle)?;
        let in_flight: usize = writers.iter().map(|w| w.book.in_flight()).sum();
        match in_flight >= IN_FLIGHT {
            true => tally.in_flight.push(in_flight),
            false => tally.idle += 1,
        }
        let fresh: BTreeSet<_> = writers
            .iter()
            .flat_map(|w| w.book.received().difference(&checked).copied().collect::<Vec<_>>())
            .collect();
        let missing = autopsy.missing(&stage.data(), &fresh)?;
        tally
            .lost
            .extend(missing.iter().map(|e| format!("{e} was received, the server has it not")));
        checked.extend(fresh);
    }
    if !up {
        tally.ready.push(stage.serve(&How::default())?);
    }
    writers.iter_mut().try_for_each(Writer::leaves)?;
    let books = writers.each_ref().map(|w| &w.book);
    let laptops = [WRITERS[0], WRITERS[1], WITNESS];
    last::look(&stage, &laptops, &books, &mut tally)?;
    stage.kill_server()?;
    for book in books {
        let missing = autopsy.missing(&stage.data(), book.received())?;
        tally.lost.extend(missing.iter().map(|e| format!("{e} was received")));
        let undecided = autopsy.undecided(&stage.data(), book.decided())?;
        tally.lost.extend(undecided.iter().map(|e| format!("the verdict on {e}")));
    }
    Ok(tally)
}

/// Ends one talk and begins the next.
fn talk(stage: &Stage, writers: &mut [Writer; 2]) -> Result<String> {
    writers.iter_mut().try_for_each(Writer::leaves)?;
    let [first, second] = writers;
    let new = ["interview", "new", "--name", "王某", "--sync"];
    let record = text(&stage.xunji(first.home, &new)?["record"]);
    stage.xunji(second.home, &["sync"])?;
    for writer in [first, second] {
        writer.joined = Some(stage.join(writer.home, &record, &How::default())?);
    }
    Ok(record)
}
