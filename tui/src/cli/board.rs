//! `xunji board`: the round as the office sees it, through editions alone.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::{
    model::{Body, DocKind},
    workflow::SpaceKind,
};

use super::{failure::Failure, names::name_of, session::Session, shown::Shown};

/// Totals for each group, conflicts held here, devices that are silent, and matters that
/// several groups seem to share.
pub(super) async fn board(s: &mut Session) -> Result<Shown, Failure> {
    let mut totals: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut parties: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    let (mut conflicts, mut silent) = (Vec::new(), Vec::new());
    for space in s.spaces() {
        let state = s.state(space).await?;
        for record in state.records.values() {
            let Some(edition) = record.matter.edition().filter(|e| e.replaced_by.is_none()) else {
                continue;
            };
            let edition = &edition.edition;
            let kind = match edition.kind {
                DocKind::Interview => "interviews",
                DocKind::Workpaper => "workpapers",
                DocKind::Consultation => "consultations",
                DocKind::Notice => "notices",
            };
            *totals.entry((edition.group.clone(), kind)).or_default() += 1;
            if let Some(Body::Workpaper(paper)) = edition.reading.as_ref().map(|r| &r.body)
                && !paper.party.trim().is_empty()
            {
                let place = (edition.group.clone(), edition.number.clone());
                parties.entry(paper.party.trim().to_owned()).or_default().insert(place);
            }
        }
        let docs: Vec<_> = s.node.space(space)?.documents().collect();
        for doc in docs {
            let Ok(summary) = s.node.summary(space, doc).await else { continue };
            if summary.conflicts > 0 {
                conflicts.push(json!({ "record": doc, "title": summary.title }));
            }
        }
        let held = s.node.space(space)?;
        if state.kind() == Some(SpaceKind::Engagement) {
            for (id, device) in &state.devices {
                let heard = held.heard().get(id);
                silent.push(json!({
                    "device": id, "person": name_of(&state, device.person), "heard": heard,
                }));
            }
        }
    }
    let same: Vec<_> = parties
        .iter()
        .filter(|(_, places)| places.iter().map(|p| &p.0).collect::<BTreeSet<_>>().len() > 1)
        .map(|(party, places)| {
            json!({ "party": party, "papers": places.iter().map(|p| &p.1).collect::<Vec<_>>() })
        })
        .collect();
    let mut lines: Vec<String> =
        totals.iter().map(|((group, kind), n)| format!("{group}  {kind}  {n}")).collect();
    lines.extend(same.iter().map(|m| format!("{}  {}", m["party"], m["papers"])));
    let totals: Vec<_> = totals
        .iter()
        .map(|((group, kind), n)| json!({ "group": group, "kind": kind, "count": n }))
        .collect();
    let value = json!({
        "totals": totals, "conflicts": conflicts, "devices": silent, "same_matter": same,
    });
    Ok(Shown::new(value, lines))
}
