//! Files beside the journal: what is attached, written out, laid out on paper.
//!
//! What is written out lies in plain where a person wanted it, and nowhere else: nothing here
//! makes a temporary file.
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command as Program, Stdio},
};

use shared::{
    api::files::MAX_FILE,
    doc::render,
    journal::labels::labels,
    model::{EvidenceId, SpaceId, evidence::Evidence},
    workflow::Command,
};

use super::{Unlocked, failure};
use crate::{
    app::{
        Failure, News, Place, Said,
        dialog::{Found, Looked},
    },
    laptop::{
        evidence::{self, EvidenceError},
        vault::VaultError,
    },
    paper::{PaperForm, docx, form_of},
};

/// How many names a dialogue has room for.
const NAMES: usize = 6;

/// Reads a path as people type or drop it: in quotes, or from their own folder.
fn path_of(typed: &str) -> PathBuf {
    let typed = typed.trim();
    let quoted = ['"', '\''].into_iter().find_map(|q| typed.strip_prefix(q)?.strip_suffix(q));
    let bare = quoted.unwrap_or(typed);
    match (bare.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(bare),
    }
}

/// Says what is on the disk where a path leads: a file, the names that go on from it, nothing.
pub(super) fn look(path: String) -> Looked {
    let there = path_of(&path);
    if let Ok(meta) = fs::metadata(&there)
        && meta.is_file()
    {
        return Looked { path, found: Found::File(meta.len()) };
    }
    let found = names(&path, &there).unwrap_or(Found::Nothing);
    Looked { path, found }
}

/// Returns the names that begin as the path ends.
fn names(typed: &str, there: &Path) -> Option<Found> {
    let inside = typed.is_empty() || typed.ends_with(['/', '\\']);
    let (folder, begins) = if inside {
        (there, String::new())
    } else {
        let begins = there.file_name()?.to_string_lossy().into_owned();
        (there.parent().unwrap_or(Path::new("")), begins)
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut all: Vec<String> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let hidden = name.starts_with('.') && !begins.starts_with('.');
            let folder = entry.path().is_dir();
            (name.starts_with(&begins) && !hidden)
                .then(|| if folder { format!("{name}/") } else { name })
        })
        .collect();
    all.sort();
    let first = all.first()?;
    let mut common: Vec<char> = first.chars().collect();
    for name in &all[1..] {
        let same = common.iter().zip(name.chars()).take_while(|(a, b)| **a == *b).count();
        common.truncate(same);
    }
    let more: String = common.into_iter().skip(begins.chars().count()).collect();
    let completed = format!("{typed}{more}");
    let count = all.len();
    all.truncate(NAMES);
    Some(Found::Names { completed, names: all, all: count })
}

/// Makes a file that was not there.
fn create(file: &str) -> Result<(File, PathBuf), Failure> {
    let path = path_of(file);
    let made = OpenOptions::new().write(true).create_new(true).open(&path);
    match made {
        Ok(made) => Ok((made, path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Failure::FileExists),
        Err(error) => Err(Failure::NotWritten(error.to_string())),
    }
}

/// Writes a new file; what could not be written whole is taken away again.
fn written(
    file: &str,
    write: impl FnOnce(&mut File) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    let (mut made, path) = create(file)?;
    let synced = |f: &File| f.sync_all().map_err(|e| Failure::NotWritten(e.to_string()));
    match write(&mut made).and_then(|()| synced(&made)) {
        Ok(()) => Ok(path),
        Err(failure) => {
            // It is empty or cut: nobody misses it.
            let _ = fs::remove_file(&path);
            Err(failure)
        }
    }
}

fn evidence_failure(error: EvidenceError) -> Failure {
    match error {
        EvidenceError::TooLong => Failure::TooLong(MAX_FILE),
        EvidenceError::Vault(VaultError::NoSuchFile) | EvidenceError::NoFile(_) => {
            Failure::FileNotHere
        }
        other => Failure::Other(other.to_string()),
    }
}

fn told(result: Result<Said, Failure>) -> News {
    result.map_or_else(News::Failed, News::Said)
}

impl Unlocked {
    /// Seals a file and asks for its registration.
    pub(super) async fn attach(&mut self, at: Place, item: Evidence, file: &str) -> News {
        told(self.attached(at, item, file).await)
    }

    async fn attached(
        &mut self,
        at: Place,
        mut item: Evidence,
        file: &str,
    ) -> Result<Said, Failure> {
        let path = path_of(file);
        let is_file = fs::metadata(&path).is_ok_and(|m| m.is_file());
        let source = File::open(&path).ok().filter(|_| is_file).ok_or(Failure::NoFile)?;
        let files = self.node.vault().files();
        evidence::attach(&files, source, &mut item).await.map_err(evidence_failure)?;
        let (name, size) = (item.name.clone(), item.size);
        let command = Command::RegisterEvidence { evidence: item };
        let asked = self.node.ask(at.space, at.doc, command).await;
        asked.map_err(|e| failure(&e))?;
        Ok(Said::Attached { name, size })
    }

    /// Writes a file of evidence out, and has it shown if that is wanted.
    pub(super) fn save_file(
        &mut self,
        space: SpaceId,
        item: EvidenceId,
        file: &str,
        open: bool,
    ) -> News {
        let files = self.node.vault().files();
        let copied = written(file, |made| {
            let held = self.node.space(space).map_err(|e| failure(&e))?;
            evidence::copy_out(&files, held, item, made).map_err(evidence_failure).map(|_| ())
        });
        told(copied.and_then(|path| {
            if open {
                show(&path).map_err(|e| Failure::Other(e.to_string()))?;
            }
            Ok(Said::Written(path.display().to_string()))
        }))
    }

    /// Lays a record's form out as an office document.
    pub(super) async fn print(&mut self, at: Place, file: &str) -> News {
        let form = self.form(at).await;
        told(form.and_then(|form| {
            let bytes = docx(&form);
            let path = written(file, |made| {
                made.write_all(&bytes).map_err(|e| Failure::NotWritten(e.to_string()))
            })?;
            Ok(Said::Written(path.display().to_string()))
        }))
    }

    /// Returns what was signed, or else the draft, which says so.
    async fn form(&mut self, at: Place) -> Result<PaperForm, Failure> {
        let preview = self.node.preview(at.space).await.map_err(|e| failure(&e))?;
        let state = preview.state;
        let reading = self.node.reading(at.space, at.doc).await.ok();
        let draft = reading.map(|r| (r.kind(), render(&r, &labels(&state, at.doc)).text));
        let text = draft.as_ref().map(|(_, text)| text.as_str());
        let form = form_of(&state, at.doc, text);
        form.or_else(|| draft.map(|(kind, text)| PaperForm::draft(&state, kind, text)))
            .ok_or(Failure::NoDocument)
    }
}

/// Has the system show a file with its own program for it.
fn show(path: &Path) -> io::Result<()> {
    let mut program = if cfg!(windows) {
        let mut program = Program::new("explorer");
        program.arg(path);
        program
    } else {
        let mut program = Program::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" });
        program.arg(path);
        program
    };
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_path_is_looked_at_as_it_is_typed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("合同一.pdf"), b"12345").unwrap();
        fs::write(dir.path().join("合同二.pdf"), b"1").unwrap();
        fs::create_dir(dir.path().join("照片")).unwrap();
        let typed = |rest: &str| format!("{}/{rest}", dir.path().display());
        assert_eq!(look(typed("合同一.pdf")).found, Found::File(5));
        assert_eq!(look(format!("'{}'", typed("合同一.pdf"))).found, Found::File(5), "dropped");
        let names = vec!["合同一.pdf".to_owned(), "合同二.pdf".to_owned()];
        let found = Found::Names { completed: typed("合同"), names, all: 2 };
        assert_eq!(look(typed("合")).found, found);
        let names = vec!["照片/".to_owned()];
        let found = Found::Names { completed: typed("照片/"), names, all: 1 };
        assert_eq!(look(typed("照")).found, found);
        assert_eq!(look(typed("无")).found, Found::Nothing);
    }

    #[test]
    fn a_file_that_is_there_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("合同.pdf");
        fs::write(&there, b"old").unwrap();
        let file = there.display().to_string();
        let refused = written(&file, |_| Ok(()));
        assert_eq!(refused.unwrap_err(), Failure::FileExists);
        assert_eq!(fs::read(&there).unwrap(), b"old");
        let half = dir.path().join("半.pdf");
        let failed = written(&half.display().to_string(), |f| {
            f.write_all(b"half").unwrap();
            Err(Failure::FileNotHere)
        });
        assert_eq!(failed.unwrap_err(), Failure::FileNotHere);
        assert!(!half.exists(), "nothing half is left");
    }
}
