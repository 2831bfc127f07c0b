//! What every signature asks: the heads and bytes it names are the document's (design D3).
use super::{
    case::Case,
    command::{Content, OnPaper, Pin},
    ids::rendering_digest,
    record::Record,
    refusal::Refusal,
    state::GROUP_ROLES,
};
use crate::model::{ChangeHash, Digest, evidence::EvidenceKind};

fn sorted(heads: &[ChangeHash]) -> Vec<ChangeHash> {
    let mut heads = heads.to_vec();
    heads.sort_unstable();
    heads.dedup();
    heads
}

/// Checks what a signature names, and returns the pin as it is recorded.
///
/// The first signature is a compare-and-set against the document's main heads and brings the
/// rendered text; later ones name what the first one pinned.
pub(super) fn check_pin(record: &Record, content: &Content, pin: &Pin) -> Result<Pin, Refusal> {
    let named = sorted(&pin.heads);
    let (main, rendering, first) = match record.standing() {
        Some(version) => (version.heads.clone(), version.rendering, false),
        None => (sorted(&content.reading.heads), content.rendering, true),
    };
    if named != main {
        return Err(Refusal::HeadsMoved { expected: named, main });
    }
    if pin.rendering != rendering {
        return Err(Refusal::RenderingDiffers { named: pin.rendering, main: rendering });
    }
    let text = if first {
        let text = pin.text.as_ref().ok_or(Refusal::RenderingMissing)?;
        let named = rendering_digest(text);
        if named != rendering {
            return Err(Refusal::RenderingDiffers { named, main: rendering });
        }
        Some(text.clone())
    } else {
        None
    };
    Ok(Pin { heads: main, rendering, text })
}

/// Checks a signature on paper: the scan is there, shows what stands, and two members saw it.
pub(super) fn check_paper(
    case: &Case<'_>,
    paper: &OnPaper,
    standing: Digest,
) -> Result<(), Refusal> {
    let scan = case.state.evidence.get(&paper.scan);
    if scan.is_none_or(|s| s.evidence.kind != EvidenceKind::Scan) {
        return Err(Refusal::UnknownScan { scan: paper.scan });
    }
    if paper.rendering != standing {
        return Err(Refusal::ScanOfAnotherVersion { standing });
    }
    match case.distinct_members(&paper.witnesses, GROUP_ROLES) {
        Some(2..) => Ok(()),
        _ => Err(Refusal::TwoWitnesses),
    }
}
