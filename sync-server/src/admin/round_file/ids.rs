//! Ids derived from codes, so that a file applied again finds the same things.
use shared::model::{EngagementId, GroupId, PersonId, RoundId, UnitId};

/// Keeps these hashes apart from every other use of BLAKE3. Do not change: ids depend on it.
const CONTEXT: &str = "xunji 2026-05 round file ids v1";

/// Derives 16 bytes from parts, marked as a UUID of version 8 (made by its maker's own rule).
fn derive(kind: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    for part in [kind.as_bytes()].iter().chain(parts) {
        // Lengths keep ("ab", "c") apart from ("a", "bc").
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

/// Derives the id of a round. A training round never has the id of a real one.
pub(super) fn round(year: i16, no: u16, training: bool) -> RoundId {
    let parts: [&[u8]; 3] = [&year.to_le_bytes(), &no.to_le_bytes(), &[u8::from(training)]];
    RoundId::from_bytes(derive("round", &parts))
}

/// Derives the id of a unit.
pub(super) fn unit(round: RoundId, code: &str) -> UnitId {
    UnitId::from_bytes(derive("unit", &[round.as_bytes(), code.as_bytes()]))
}

/// Derives the id of a group.
pub(super) fn group(round: RoundId, code: &str) -> GroupId {
    GroupId::from_bytes(derive("group", &[round.as_bytes(), code.as_bytes()]))
}

/// Derives the id of an engagement.
pub(super) fn engagement(round: RoundId, code: &str) -> EngagementId {
    EngagementId::from_bytes(derive("engagement", &[round.as_bytes(), code.as_bytes()]))
}

/// Derives the id of a person.
pub(super) fn person(round: RoundId, code: &str) -> PersonId {
    PersonId::from_bytes(derive("person", &[round.as_bytes(), code.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_2026R2_TRAINING: &str = "c8ee549431f489e38f092d07cde48b79";
    const SUNMOU: &str = "84c111090b0c826a824d5c1be1dd30f8";

    #[test]
    fn ids_are_the_same_for_ever() {
        let round = round(2026, 2, true);
        assert_eq!(round.to_string(), ROUND_2026R2_TRAINING);
        assert_eq!(person(round, "sunmou").to_string(), SUNMOU);
    }

    #[test]
    fn kinds_rounds_and_codes_are_kept_apart() {
        let one = round(2026, 2, true);
        assert_ne!(one, round(2026, 2, false), "training and real rounds never mix");
        assert_ne!(one, round(2026, 3, true));
        assert_ne!(unit(one, "A").as_bytes(), group(one, "A").as_bytes());
        assert_ne!(person(one, "a"), person(one, "b"));
        assert_ne!(person(one, "a"), person(round(2026, 3, true), "a"));
    }
}
