#![allow(clippy::unwrap_used, clippy::panic)]
mod changes;
mod toml_files;
mod workbooks;

use std::io;

use shared::workflow::rule_pack::{
    SHIPPED_CALENDAR, SHIPPED_CALENDAR_NAME, SHIPPED_PACK, SHIPPED_PACK_NAME,
};

use super::*;

/// Reads the files beside the example, which are the shipped ones.
fn beside(name: &str) -> io::Result<String> {
    match name {
        SHIPPED_PACK_NAME => Ok(SHIPPED_PACK.to_owned()),
        SHIPPED_CALENDAR_NAME => Ok(SHIPPED_CALENDAR.to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    }
}

fn check_text(text: &str) -> Result<RoundPlan, Vec<Problem>> {
    check("round.toml", text.as_bytes(), &beside)
}

fn example() -> RoundPlan {
    check_text(EXAMPLE).unwrap_or_else(|problems| panic!("{}", listed(&problems)))
}

/// The plan of the example after some replacements, each of which must apply.
fn edited(edits: &[(&str, &str)]) -> RoundPlan {
    check_text(&edit(edits)).unwrap_or_else(|problems| panic!("{}", listed(&problems)))
}

fn edit(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(EXAMPLE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "the example has {old:?}");
        text.replacen(old, new, 1)
    })
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.line_en() + "\n").collect()
}

/// A problem says something in both languages, and something different.
fn check_messages(problems: &[Problem]) {
    for problem in problems {
        let shown = problem.shown();
        let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        assert!(shown.zh.chars().any(chinese), "{}", shown.zh);
        assert!(shown.en.is_ascii() || shown.en != shown.zh, "{}", shown.en);
        assert_eq!(shown.code, problem.kind.code());
        assert!(serde_json::to_string(&shown).is_ok());
    }
}
