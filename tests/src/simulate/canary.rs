//! Marks in the text: whose space a byte on a link, a stick or a disk comes from.
//!
//! Every piece of text that is written bears the mark of its space and document, unbroken in
//! the change that brings it. Bytes are searched as they are, whatever frame they are in.
use shared::model::{DocId, SpaceId};

/// How every mark begins.
const BEGIN: &str = "〔密";

/// Returns the mark of a document; `space` is the place of its space in the cast.
pub(super) fn mark(space: usize, doc: DocId) -> String {
    let [.., a, b] = *doc.as_bytes();
    format!("{BEGIN}{space}·{a:02x}{b:02x}〕")
}

/// Returns the spaces whose marks are among some bytes; `spaces` is the cast's list.
pub(super) fn found(bytes: &[u8], spaces: &[SpaceId]) -> Vec<SpaceId> {
    let begin = BEGIN.as_bytes();
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == begin[0]) {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(begin)
            && let Some(space) =
                after.first().and_then(|d| spaces.get(usize::from(d.wrapping_sub(b'0'))))
            && !out.contains(space)
        {
            out.push(*space);
        }
        rest = &rest[1..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_in_the_midst_of_other_bytes() {
        let spaces = [1, 2, 3].map(|n| SpaceId::from_bytes([n; 16]));
        let doc = DocId::from_bytes([7; 16]);
        let (two, nought) = (mark(2, doc), mark(0, doc));
        let bytes = [b"\xe3\x80", two.as_bytes(), b"\x00", nought.as_bytes()].concat();
        assert_eq!(found(&bytes, &spaces), [spaces[2], spaces[0]]);
        assert_eq!(found("〔密9〕〔范围1〕".as_bytes(), &spaces), []);
    }
}
