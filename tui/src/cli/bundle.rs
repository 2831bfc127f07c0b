//! `xunji bundle`: entries and envelopes carried by hand, in the same frames as on the wire.
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use shared::{model::DeviceId, workflow::SpaceKind};

use super::{failure::Failure, session::Session, shown::Shown};
use crate::laptop::courier::{CourierError, Export, Gap, export, import};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Put what is here into a file, readable by its readers alone.
    Export {
        /// The file.
        file: PathBuf,
        /// A reader, by name or device id; everybody who may read it if none is named.
        #[arg(long = "for", value_name = "WHO")]
        readers: Vec<String>,
        /// Leave the files of evidence out.
        #[arg(long)]
        text_only: bool,
        /// Also what all readers are known to have.
        #[arg(long)]
        whole: bool,
    },
    /// Take in what a file brings.
    Import {
        /// The file.
        file: PathBuf,
    },
}

impl From<CourierError> for Failure {
    fn from(e: CourierError) -> Self {
        match e {
            CourierError::Node(e) => Self::Node(e),
            other => Self::Courier(other),
        }
    }
}

impl Verb {
    pub(super) async fn run(self, s: &mut Session) -> Result<Shown, Failure> {
        match self {
            Self::Export { file, readers, text_only, whole } => {
                let spaces = vec![s.one_space(|k| k == SpaceKind::Engagement).await?];
                let mut devices: Vec<DeviceId> = Vec::new();
                for name in &readers {
                    devices.extend(devices_of(s, &spaces, name)?);
                }
                let what = Export { spaces, readers: devices, text_only, whole };
                let done = export(&mut s.node, &what, &file).await?;
                let shown = file.display().to_string();
                let readers: Vec<_> = done.readers.iter().map(|(_, name, _)| name).collect();
                let value = json!({
                    "file": shown, "readers": readers, "entries": done.entries,
                    "envelopes": done.envelopes, "files": done.files, "bytes": done.bytes,
                });
                let count = done.entries + done.envelopes;
                Ok(Shown::line(value, s.say.exported(&shown, count)))
            }
            Self::Import { file } => {
                let report = import(&mut s.node, &file).await?;
                let mut lines = vec![s.say.imported(report.new, report.known)];
                lines.extend(report.truncated.as_ref().map(|e| s.say.cut(e)));
                for gap in &report.gaps {
                    lines.push(s.say.missing(gap.missing, whose(s, gap)));
                }
                let entries_missing = report.entries_missing.iter().map(|e| e.missing);
                let entries_missing = entries_missing.fold(0, u64::saturating_add);
                if entries_missing > 0 {
                    lines.push(s.say.entries_missing(entries_missing));
                }
                let gaps: Vec<_> = report
                    .gaps
                    .iter()
                    .map(|g| {
                        json!({
                            "space": g.space, "person": g.person_name, "device": g.device,
                            "whose": whose(s, g), "missing": g.missing,
                        })
                    })
                    .collect();
                let truncated = report.truncated.as_ref().map(ToString::to_string);
                let value = json!({
                    "from": report.maker_name, "made_at": report.made_at, "new": report.new,
                    "known": report.known, "files": report.files, "gaps": gaps,
                    "entries_missing": entries_missing, "set_aside": report.set_aside.len(),
                    "truncated": truncated,
                });
                Ok(Shown::new(value, lines))
            }
        }
    }
}

/// Names whose changes are missing: the group's code, the person, the device.
fn whose(s: &Session, gap: &Gap) -> String {
    let group = s.node.space(gap.space).ok().and_then(|held| {
        let info = held.state().info.as_ref()?;
        Some(format!("{}-", info.group.as_ref()?.code))
    });
    let device =
        if gap.device_name.is_empty() { gap.device.tag() } else { gap.device_name.clone() };
    format!("{}{}（{device}）", group.unwrap_or_default(), gap.person_name)
}

fn devices_of(
    s: &Session,
    spaces: &[shared::model::SpaceId],
    name: &str,
) -> Result<Vec<DeviceId>, Failure> {
    let mut found = Vec::new();
    for space in spaces {
        let person = s.person(*space, name)?;
        let state = s.node.space(*space)?.state();
        let theirs = state.devices.iter().filter(|(_, d)| d.person == person);
        found.extend(theirs.filter(|(_, d)| d.revoked_at.is_none()).map(|(id, _)| *id));
    }
    if found.is_empty() { Err(Failure::Unknown { name: name.to_owned() }) } else { Ok(found) }
}
