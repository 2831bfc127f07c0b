//! What a command prints when it is done: JSON for scripts, lines for people.
use std::{io::Write, process::ExitCode};

use serde_json::{Value, json};
use shared::model::plain::{plain, plain_json};

/// An answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Shown {
    /// For scripts.
    pub(super) value: Value,
    /// For people.
    pub(super) lines: Vec<String>,
}

impl Shown {
    /// Makes an answer of both forms.
    pub(super) fn new(value: Value, lines: Vec<String>) -> Self {
        Self { value, lines }
    }

    /// Makes an answer of one line.
    pub(super) fn line(value: Value, line: String) -> Self {
        Self { value, lines: vec![line] }
    }

    /// Makes an answer that is a text in both forms.
    pub(super) fn text(text: &str) -> Self {
        Self { value: json!({ "text": text }), lines: text.lines().map(str::to_owned).collect() }
    }

    /// Prints it.
    pub(super) fn print(&self, json: bool) -> ExitCode {
        if json {
            value(&self.value);
        } else {
            self.lines.iter().for_each(|l| line(l));
        }
        ExitCode::SUCCESS
    }
}

/// Prints a line for people. Titles, names and texts in it may be others'.
pub(super) fn line(text: &str) {
    put(&plain(text));
}

/// Prints a line for scripts, exactly.
pub(super) fn value(value: &Value) {
    put(&plain_json(&value.to_string()));
}

fn put(text: &str) {
    let mut out = std::io::stdout().lock();
    // Nothing is left to do if the terminal is gone.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
