//! Domain-separated BLAKE3.
//!
//! A hash of several parts frames each part by its length, so that `["甲", "乙"]` and
//! `["甲乙"]` differ; a hash of content ([`ContentHasher`]) takes one part in any number of
//! pieces.
use super::secret::Secret;
use crate::model::Digest;

/// What a hash, a derived key or a signature is for.
///
/// A constant of the program, unique within it, of the form `xunji <what>`; never made from
/// input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context(pub &'static str);

/// Hashes `parts` in order for one purpose.
pub fn hash(context: Context, parts: &[&[u8]]) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key(context.0);
    frame(&mut hasher, parts);
    Digest(*hasher.finalize().as_bytes())
}

/// Returns the hash by which a signature names a rendered text (design D3).
pub fn rendering(text: &str) -> Digest {
    hash(Context("xunji rendering"), &[text.as_bytes()])
}

/// Hashes `parts` in order for one purpose, such that only a holder of `key` can compute or
/// check it: names of files, heads of tables.
pub fn keyed(key: &Secret<32>, context: Context, parts: &[&[u8]]) -> Digest {
    let derived = key.derive(context);
    let mut hasher = blake3::Hasher::new_keyed(derived.expose());
    frame(&mut hasher, parts);
    Digest(*hasher.finalize().as_bytes())
}

/// Writes each part's length before it; used wherever several fields are bound together.
fn frame(hasher: &mut blake3::Hasher, parts: &[&[u8]]) {
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
}

/// Hashes one content that arrives in pieces; where it was cut makes no difference.
#[derive(Clone, Debug)]
pub struct ContentHasher(blake3::Hasher);

impl ContentHasher {
    /// Starts a hash for one purpose.
    pub fn new(context: Context) -> Self {
        Self(blake3::Hasher::new_derive_key(context.0))
    }

    /// Adds the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the hash of everything added.
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Context = Context("xunji test hash a");
    const B: Context = Context("xunji test hash b");

    #[test]
    fn parts_cannot_slide_into_each_other() {
        let whole = hash(A, &["甲局乙处".as_bytes()]);
        let split = hash(A, &["甲局".as_bytes(), "乙处".as_bytes()]);
        assert_ne!(whole, split);
        assert_ne!(hash(A, &[]), hash(A, &[b""]));
    }

    #[test]
    fn purpose_and_key_change_the_hash() {
        let key = Secret::copy_from(&[1; 32]);
        assert_ne!(hash(A, &[b"x"]), hash(B, &[b"x"]));
        assert_ne!(keyed(&key, A, &[b"x"]), keyed(&key, B, &[b"x"]));
        assert_ne!(keyed(&key, A, &[b"x"]), keyed(&Secret::copy_from(&[2; 32]), A, &[b"x"]));
    }

    #[test]
    fn content_is_the_same_however_it_is_cut() {
        let text = "某市甲局会议纪要".as_bytes();
        let (mut once, mut bytewise) = (ContentHasher::new(A), ContentHasher::new(A));
        once.update(text);
        text.chunks(1).for_each(|b| bytewise.update(b));
        assert_eq!(once.finish(), bytewise.finish());
    }

    /// Golden value: a change here changes the wire and disk format.
    #[test]
    fn hash_has_its_fixed_value() {
        assert_eq!(hash(A, &[b"1", b"2"]).to_string(), GOLDEN);
    }

    const GOLDEN: &str = "405b3f766dc7705cc2d437cfd497cd8522497c0fee38f135b4295259f4f66f9f";
}
