//! What one person typed into one laptop, and what the laptop said about it.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use shared::model::Digest;

/// One edit.
#[derive(Debug)]
struct Typed {
    /// In which record.
    record: String,
    /// The text by which it is found in the document.
    mark: String,
    saved: bool,
    received: bool,
    /// What was decided before its receipt came through is answered by its entry alone.
    decided: bool,
    /// The laptop died before it said anything about it: it may be there or not.
    unsaid: bool,
}

/// What was typed and what was said.
#[derive(Debug)]
pub(super) struct Book {
    person: &'static str,
    edits: Vec<Typed>,
    /// Typed and not said to be saved, in order.
    waiting: VecDeque<usize>,
    envelopes: BTreeMap<Digest, Vec<usize>>,
    received: BTreeSet<Digest>,
    decided: BTreeSet<Digest>,
    linked: bool,
}

impl Book {
    pub(super) fn new(person: &'static str) -> Self {
        Self {
            person,
            edits: Vec::new(),
            waiting: VecDeque::new(),
            envelopes: BTreeMap::new(),
            received: BTreeSet::new(),
            decided: BTreeSet::new(),
            linked: false,
        }
    }

    /// Returns the mark of the next edit.
    pub(super) fn mark(&self) -> String {
        format!("〔{}{}〕", self.person, self.edits.len())
    }

    /// Notes that the next edit was typed.
    pub(super) fn typed(&mut self, record: &str) {
        let mark = self.mark();
        self.waiting.push_back(self.edits.len());
        let record = record.to_owned();
        let (saved, received, decided, unsaid) = (false, false, false, false);
        self.edits.push(Typed { record, mark, saved, received, decided, unsaid });
    }

    /// Takes in what the laptop says.
    pub(super) fn hear(&mut self, event: &Value) -> Result<()> {
        match event["event"].as_str().unwrap_or_default() {
            "saved" => {
                let n = event["edits"].as_u64().context("how many edits were saved")?;
                let envelopes = digests(&event["envelopes"])?;
                for _ in 0..n {
                    let edit = self.waiting.pop_front().context("more saved than typed")?;
                    self.edits[edit].saved = true;
                    for envelope in &envelopes {
                        self.envelopes.entry(*envelope).or_default().push(edit);
                    }
                }
            }
            "received" => {
                for envelope in digests(&event["envelopes"])? {
                    self.received.insert(envelope);
                    for edit in self.envelopes.get(&envelope).into_iter().flatten() {
                        self.edits[*edit].received = true;
                    }
                }
            }
            "decided" if event["as"] == "main" => {
                let envelope = serde_json::from_value(event["envelope"].clone())?;
                self.decided.insert(envelope);
                for edit in self.envelopes.get(&envelope).into_iter().flatten() {
                    self.edits[*edit].decided = true;
                }
            }
            "link" => self.linked = event["state"] == "up",
            "decided" | "not_saved" | "not_written" | "unreadable" | "withdrawn" => {
                bail!("{}'s laptop: {event}", self.person)
            }
            _ => {}
        }
        Ok(())
    }

    /// The laptop's process is gone; what it did not speak of is nobody's promise.
    pub(super) fn died(&mut self) {
        for edit in self.waiting.drain(..) {
            self.edits[edit].unsaid = true;
        }
        self.linked = false;
    }

    pub(super) fn linked(&self) -> bool {
        self.linked
    }

    /// Whether everything typed was said to be saved.
    pub(super) fn all_saved(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns how many edits are typed and not known to have arrived.
    pub(super) fn in_flight(&self) -> usize {
        self.edits.iter().filter(|e| !e.received && !e.decided && !e.unsaid).count()
    }

    pub(super) fn count_typed(&self) -> usize {
        self.edits.len()
    }

    pub(super) fn count_saved(&self) -> usize {
        self.edits.iter().filter(|e| e.saved).count()
    }

    pub(super) fn count_received(&self) -> usize {
        self.edits.iter().filter(|e| e.received).count()
    }

    pub(super) fn count_decided(&self) -> usize {
        self.edits.iter().filter(|e| e.decided).count()
    }

    pub(super) fn received(&self) -> &BTreeSet<Digest> {
        &self.received
    }

    pub(super) fn decided(&self) -> &BTreeSet<Digest> {
        &self.decided
    }

    /// Returns the records in which something was typed.
    pub(super) fn records(&self) -> BTreeSet<String> {
        self.edits.iter().map(|e| e.record.clone()).collect()
    }

    /// Returns what was said to be saved in a record and is not in this reading of it.
    pub(super) fn missing(&self, record: &str, reading: &Value) -> Vec<String> {
        let note = reading["body"]["note"].as_str().unwrap_or_default();
        let statements: BTreeSet<&str> = reading["body"]["statements"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|s| s["text"].as_str())
            .collect();
        self.edits
            .iter()
            .filter(|e| e.saved && e.record == record)
            .filter(|e| !note.contains(&e.mark) && !statements.contains(e.mark.as_str()))
            .map(|e| format!("{} in {record}", e.mark))
            .collect()
    }
}

fn digests(value: &Value) -> Result<Vec<Digest>> {
    serde_json::from_value(value.clone()).context("ids of envelopes")
}
