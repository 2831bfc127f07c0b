//! What the documents point to is there.
#![allow(clippy::expect_used)]
use std::{collections::BTreeSet, fs, path::Path};

use crate::tidy::root;

/// The pages a reader of the project needs.
const PAGES: &[&str] = &[
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/ARCHITECTURE.md",
    "docs/OPERATIONS.md",
    "docs/PROTOCOL.md",
    "docs/SECURITY.md",
];

/// A page without what stands in fences, which is shown and not read.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).expect("the page is there, in UTF-8");
    text.split("```").step_by(2).collect()
}

/// The name under which a heading is linked to.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(page: &Path) -> BTreeSet<String> {
    prose(page).lines().filter(|l| l.starts_with('#')).map(anchor).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut lost = Vec::new();
    for page in PAGES {
        let path = root().join(page);
        let text = prose(&path);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|t| !t.starts_with("http")) {
            let (file, place) = target.split_once('#').unwrap_or((target, ""));
            let to = match file {
                "" => path.clone(),
                _ => path.parent().expect("a page lies in a folder").join(file),
            };
            let there = to.exists() && (place.is_empty() || anchors(&to).contains(place));
            if !there {
                lost.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(lost.is_empty(), "links that lead nowhere:\n{}", lost.join("\n"));
}
