//! `xunji evidence`: the index of what facts rest on.
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use shared::{
    model::{
        DocId, EvidenceId, PersonId, SpaceId,
        evidence::{Evidence, EvidenceClass, EvidenceKind},
    },
    workflow::{Command, SpaceKind, state::Registered},
};

use super::{
    failure::Failure,
    files,
    session::{At, Session},
    shown::Shown,
};
use crate::laptop::evidence::{self, attach};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// A document of the unit.
    Document,
    /// A record of proceedings.
    Record,
    /// Data drawn from a system.
    DataExtract,
    /// A photograph.
    Photo,
    /// A written statement.
    Statement,
    /// A survey.
    Survey,
    /// What the members saw on site.
    SiteNote,
    /// From a third party.
    ThirdParty,
    /// A signed paper, scanned.
    Scan,
}

/// How far it goes toward showing that something was put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Class {
    /// Supports a fact.
    Base,
    /// Someone means to.
    Intent,
    /// Something was done.
    Act,
    /// It worked.
    Effect,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Enter an item in the index.
    Add {
        /// What it is called.
        name: String,
        /// What it is.
        #[arg(long, value_enum, default_value_t = Kind::Document)]
        kind: Kind,
        /// How far it goes.
        #[arg(long, value_enum, default_value_t = Class::Base)]
        class: Class,
        /// Where it came from.
        #[arg(long)]
        origin: String,
        /// Who obtained it; you, if nobody is named.
        #[arg(long = "by")]
        by: Vec<String>,
        /// The day it was obtained, ISO.
        #[arg(long, value_name = "DATE")]
        on: String,
        /// Where the original is kept.
        #[arg(long, default_value = "")]
        kept_at: String,
        /// This one item settles what it is offered for.
        #[arg(long)]
        conclusive: bool,
        /// The file itself.
        #[arg(long)]
        file: Option<PathBuf>,
        /// The record it was taken for.
        #[arg(long = "for")]
        record: Option<String>,
    },
    /// The whole index.
    List,
    /// One item.
    Get {
        /// The item.
        evidence: String,
        /// Write its file here; it is fetched first if it is not on this laptop.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::Add { name, kind, class, origin, by, on, kept_at, conclusive, file, record } => {
                let at = place(s, record.as_deref()).await?;
                let mut obtained_by: Vec<PersonId> = s.people(at.space, &by)?;
                if obtained_by.is_empty() {
                    obtained_by.push(s.me());
                }
                let now = s.now();
                let id = EvidenceId::mint(now, s.node.rng());
                let mut evidence = Evidence {
                    id,
                    name,
                    kind: kind.into(),
                    class: class.into(),
                    origin,
                    obtained_by,
                    obtained_on: on,
                    original_kept_at: kept_at,
                    conclusive,
                    size: 0,
                    content: None,
                    file: None,
                };
                if let Some(file) = file {
                    let source = std::fs::File::open(file)?;
                    attach(&s.node.vault().files(), source, &mut evidence).await?;
                }
                let mut shown = s.ask(at, Command::RegisterEvidence { evidence }).await?;
                shown.value["evidence"] = json!(id);
                Ok(shown)
            }
            Self::List => {
                let mut rows = Vec::new();
                let mut lines = Vec::new();
                for space in s.chosen_spaces().await? {
                    let state = s.state(space).await?;
                    for item in state.evidence.values() {
                        lines.push(format!("{}  {}", item.number, item.evidence.name));
                        let evidence = without_key(&item.evidence);
                        rows.push(json!({ "number": item.number, "evidence": evidence }));
                    }
                }
                Ok(Shown::new(json!(rows), lines))
            }
            Self::Get { evidence, out } => {
                for space in s.chosen_spaces().await? {
                    let Ok(id) = s.evidence(space, &evidence).await else { continue };
                    let state = s.state(space).await?;
                    let Some(item) = state.evidence.get(&id) else { continue };
                    return get(s, space, item, out).await;
                }
                Err(Failure::Unknown { name: evidence })
            }
        }
    }
}

/// Shows one item, and writes its file out if that is wished.
async fn get(
    s: &mut Session,
    space: SpaceId,
    item: &Registered,
    out: Option<PathBuf>,
) -> Result<Shown, Failure> {
    let (id, name) = (item.evidence.id, item.evidence.name.clone());
    if out.is_some() {
        files::fetch(s, id, &name).await?;
    }
    let store = s.node.vault().files();
    let manifest = evidence::manifest(s.node.space(space)?, id).ok();
    let here = manifest.as_ref().is_some_and(|m| store.has(m));
    let mut lines = vec![format!("{}  {name}", item.number)];
    let shown = without_key(&item.evidence);
    let mut value = json!(Registered { evidence: shown, ..item.clone() });
    value["here"] = json!(here);
    if let Some(out) = out {
        let no_file = || Failure::FileNotHere { name: name.clone() };
        let manifest = manifest.ok_or_else(no_file)?;
        let written = files::write_out(&store, &manifest, &out).await?;
        let shown = out.display().to_string();
        lines.push(s.say.written(&shown));
        value["file"] = json!(shown);
        value["bytes"] = json!(written);
    }
    Ok(Shown::new(value, lines))
}

/// Leaves out how the file is opened: what is printed ends up in logs.
fn without_key(evidence: &Evidence) -> Evidence {
    Evidence { file: None, ..evidence.clone() }
}

/// Returns the record the item is for, or a new id where it is for none.
async fn place(s: &mut Session, record: Option<&str>) -> Result<At, Failure> {
    if let Some(name) = record {
        return s.any_record(name).await;
    }
    let fits = |k| matches!(k, SpaceKind::Engagement | SpaceKind::Protected | SpaceKind::UnitDesk);
    let space = match s.one_space(|k| k == SpaceKind::Engagement).await {
        Ok(space) => space,
        Err(_) => s.one_space(fits).await?,
    };
    let doc: DocId = s.new_record();
    Ok(At { space, doc })
}

impl From<Kind> for EvidenceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Document => Self::Document,
            Kind::Record => Self::Record,
            Kind::DataExtract => Self::DataExtract,
            Kind::Photo => Self::Photo,
            Kind::Statement => Self::Statement,
            Kind::Survey => Self::Survey,
            Kind::SiteNote => Self::SiteNote,
            Kind::ThirdParty => Self::ThirdParty,
            Kind::Scan => Self::Scan,
        }
    }
}

impl From<Class> for EvidenceClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Base => Self::Base,
            Class::Intent => Self::Intent,
            Class::Act => Self::Act,
            Class::Effect => Self::Effect,
        }
    }
}
