//! Who may import what, and what no file may hold: the rules of docs/ARCHITECTURE.md.
#![allow(clippy::expect_used, clippy::panic)]
use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").into()
}

/// Every Rust file under a folder, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(dir) = folders.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources: the rule below would say nothing");
    found
}

/// Code without comments and without what stands below `#[cfg(test)]`.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    product
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .map(|l| l.split(" // ").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Asserts that no product code under `folder` names any of `words`.
fn never(folder: &str, words: &[&str], why: &str) {
    let offences: Vec<String> = sources(folder)
        .iter()
        .filter(|(path, _)| {
            let tests = ["tests", "tests.rs", "golden.rs"];
            !path.components().any(|c| tests.iter().any(|t| c.as_os_str() == *t))
        })
        .flat_map(|(path, text)| {
            let code = code(text);
            words
                .iter()
                .filter(|w| code.contains(**w))
                .map(|w| format!("{}: {w}", path.display()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(offences.is_empty(), "{why}:\n{}", offences.join("\n"));
}

#[test]
fn shared_does_no_io() {
    never(
        "shared/src",
        &[
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "SystemTime",
            "Instant::now",
            "now_v7",
            "println!",
            "eprintln!",
            "tokio",
        ],
        "shared takes time, randomness and storage as arguments and effects",
    );
}

#[test]
fn only_the_schema_knows_automerge() {
    for folder in
        ["shared/src/model", "shared/src/workflow", "shared/src/journal", "shared/src/crypto"]
    {
        never(folder, &["automerge::"], "only shared::doc applies Automerge changes");
    }
    for folder in ["tui/src", "sync-server/src", "sandbox/src"] {
        never(folder, &["automerge::"], "documents are reached through shared::doc");
    }
}

#[test]
fn rules_know_neither_journal_nor_schema() {
    never(
        "shared/src/workflow",
        &["crate::journal", "crate::doc"],
        "a rule sees readings and state, never how they travel or are written",
    );
    never(
        "shared/src/model",
        &["crate::journal", "crate::doc", "crate::workflow"],
        "records know nothing of what is built on them",
    );
}

#[test]
fn the_laptop_knows_no_screen() {
    never("tui/src/laptop", &["ratatui", "crossterm"], "the laptop works without its screen");
    never(
        "tui/src/editor",
        &["ratatui", "crossterm", "shared::journal"],
        "the note editor is a model without a terminal",
    );
}

#[test]
fn programs_do_not_import_each_other() {
    never("sync-server/src", &["tui::"], "the server knows nothing of laptops' screens");
    let importers: Vec<String> = sources("tui/src")
        .iter()
        .filter(|(_, text)| code(text).contains("sync_server"))
        .map(|(path, _)| path.display().to_string())
        .filter(|path| !path.contains("/cli/demo") && !path.contains("/cli/roles"))
        .collect();
    assert!(importers.is_empty(), "only the demo carries a server: {importers:?}");
}

#[test]
fn dependencies_point_one_way() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata answers");
    let needs = |package: &str| -> Vec<String> {
        let package = metadata
            .packages
            .iter()
            .find(|p| p.name.as_str() == package)
            .unwrap_or_else(|| panic!("no package {package}"));
        package
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Normal && !d.optional)
            .map(|d| d.name.clone())
            .collect()
    };
    for forbidden in ["tokio", "reqwest", "axum", "sqlx", "ratatui", "crossterm", "sandbox"] {
        assert!(!needs("shared").iter().any(|d| d == forbidden), "shared needs {forbidden}");
    }
    for forbidden in ["shared", "tui", "sync-server", "automerge"] {
        assert!(!needs("sandbox").iter().any(|d| d == forbidden), "sandbox needs {forbidden}");
    }
    for forbidden in ["tui", "ratatui", "crossterm", "automerge"] {
        assert!(!needs("sync-server").iter().any(|d| d == forbidden), "server needs {forbidden}");
    }
    assert!(!needs("tui").iter().any(|d| d == "sync-server" || d == "automerge"));
}

/// Deliberate bugs are for the hunt's own build: nothing that is shipped, and no default, asks
/// for them.
#[test]
fn no_program_asks_for_deliberate_bugs() {
    const FEATURE: &str = "deliberate-bugs";
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata answers");
    let mut declaring = Vec::new();
    for package in &metadata.packages {
        for (feature, asks) in &package.features {
            let names = |f: &String| f.contains(FEATURE);
            if feature == FEATURE {
                declaring.push(package.name.to_string());
            } else {
                assert!(!asks.iter().any(names), "{}: {feature} asks for bugs", package.name);
            }
        }
        let asked = package.dependencies.iter().flat_map(|d| &d.features).any(|f| f == FEATURE);
        assert!(!asked, "{} asks for bugs in what it needs", package.name);
    }
    declaring.sort();
    assert_eq!(declaring, ["acceptance", "shared"]);
}
