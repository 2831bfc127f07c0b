//! A laptop is killed while its holder types and a colleague writes in the same talk.
use std::time::Instant;

use acceptance::stage::{How, Joined, Stage, text};
use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{IN_FLIGHT, Play, Tally, book::Book, chance::Chance, last, store::Autopsy};

const VICTIM: &str = "sunmou";
const COLLEAGUE: &str = "limou";
const WITNESS: &str = "zhoumou";
/// How many edits are typed in one life.
const BURST: usize = 44;
/// The kill comes after at most so many of them were saved.
const SAVED: usize = 20;
/// How many edits the colleague types meanwhile.
const BESIDE: usize = 3;
/// How many lives one talk lasts.
const TALK: usize = 10;

pub(super) fn play(play: &Play) -> Result<Tally> {
    let mut stage = Stage::new(&play.program, 2)?;
    stage.open(str::to_owned)?;
    for person in [VICTIM, COLLEAGUE, WITNESS] {
        stage.enrol(person)?;
    }
    let mut chance = Chance::new(play.seed);
    let (mut book, mut beside) = (Book::new(VICTIM), Book::new(COLLEAGUE));
    let mut tally = Tally::default();
    let mut record = String::new();
    let mut colleague: Option<Joined> = None;
    while tally.in_flight.len() < play.kills {
        if (tally.in_flight.len() + tally.idle).is_multiple_of(TALK) {
            leave(colleague.take(), &mut beside)?;
            let new = ["interview", "new", "--name", "王某", "--sync"];
            record = text(&stage.xunji(VICTIM, &new)?["record"]);
            stage.xunji(COLLEAGUE, &["sync"])?;
            colleague = Some(stage.join(COLLEAGUE, &record, &How::default())?);
        }
        let begun = Instant::now();
        let mut joined = stage.join(VICTIM, &record, &How::default())?;
        tally.ready.push(begun.elapsed());
        tally.lost.extend(read(&mut joined, &record, &mut book)?);

        let other = colleague.as_mut().context("the colleague writes")?;
        for _ in 0..BESIDE {
            let edit = chance.edit(&beside.mark());
            beside.typed(&record);
            other.edit(&edit);
        }
        for _ in 0..BURST {
            let edit = chance.edit(&book.mark());
            book.typed(&record);
            joined.edit(&edit);
        }
        let until = book.count_saved() + chance.below(SAVED + 1);
        while book.count_saved() < until {
            let event = joined.hear()?.context("the laptop goes on")?;
            book.hear(&event)?;
        }
        chance.moment(4);
        for event in joined.kill()? {
            book.hear(&event)?;
        }
        match book.in_flight() {
            n if n >= IN_FLIGHT => tally.in_flight.push(n),
            _ => tally.idle += 1,
        }
        book.died();
        while let Some(event) = other.ready() {
            beside.hear(&event)?;
        }
    }
    let mut joined = stage.join(VICTIM, &record, &How::default())?;
    tally.lost.extend(read(&mut joined, &record, &mut book)?);
    leave(Some(joined), &mut book)?;
    leave(colleague, &mut beside)?;
    last::look(&stage, &[VICTIM, COLLEAGUE, WITNESS], &[&book, &beside], &mut tally)?;
    stage.kill_server()?;
    let mut autopsy = Autopsy::new()?;
    for book in [&book, &beside] {
        let missing = autopsy.missing(&stage.data(), book.received())?;
        tally.lost.extend(missing.iter().map(|e| format!("{e} was received")));
    }
    Ok(tally)
}

/// Reads the talk after a start, and returns what is missing of what was said to be saved.
fn read(joined: &mut Joined, record: &str, book: &mut Book) -> Result<Vec<String>> {
    joined.line(&json!({ "do": "show" }));
    loop {
        let event = joined.hear()?.context("the laptop goes on")?;
        book.hear(&event)?;
        if event["event"] == "document" {
            return Ok(book.missing(record, &event["reading"]));
        }
    }
}

fn leave(joined: Option<Joined>, book: &mut Book) -> Result<()> {
    let Some(joined) = joined else { return Ok(()) };
    let (said, code) = joined.leave()?;
    for event in &said {
        book.hear(event)?;
    }
    ensure!(code == 0, "left with {code}: {:?}", said.last());
    book.died();
    Ok(())
}
