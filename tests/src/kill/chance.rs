//! The only source of randomness of a play. What the machine does in between is not replayed.
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use shared::{
    doc::{Edit, Initial},
    model::{FieldPath, ItemId, Value},
};

pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Draws a number below `n`, which is not 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n as u64) as usize
    }

    /// Waits for up to some milliseconds: the moment of a kill, between any two system calls.
    pub(super) fn moment(&mut self, millis: usize) {
        std::thread::sleep(Duration::from_micros(self.below(millis * 1000) as u64));
    }

    /// Makes an edit of a talk that writes `mark`: mostly typing, at times a statement.
    pub(super) fn edit(&mut self, mark: &str) -> Edit {
        if self.below(6) > 0 {
            let field = FieldPath::top("note");
            return Edit::SpliceText { field, at: 0, delete: 0, insert: mark.to_owned() };
        }
        let mut id = [0; 16];
        self.0.fill_bytes(&mut id);
        let text = Initial::Value(Value::Text(mark.to_owned()));
        Edit::AddItem {
            list: FieldPath::top("statements"),
            id: ItemId::from_bytes(id),
            fields: [("text".to_owned(), text)].into_iter().collect(),
        }
    }
}
