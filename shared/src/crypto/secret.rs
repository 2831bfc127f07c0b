//! Secret bytes that are wiped when dropped and never printed.
use std::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroize;

use super::hash::Context;

/// `N` secret bytes: a store key, a file's key, a key-encryption key.
///
/// They live on the heap, so that moving the value leaves no copy behind, and are wiped when
/// it is dropped. There is no `Clone`: a copy of a key is asked for by name
/// ([`Secret::duplicate`]).
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Draws a new secret.
    pub fn draw<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut secret = Self::zero();
        rng.fill_bytes(secret.0.as_mut_slice());
        secret
    }

    /// Copies `bytes`; the caller wipes the source.
    pub fn copy_from(bytes: &[u8; N]) -> Self {
        let mut secret = Self::zero();
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// Lets `fill` write the secret in place, so that it is never on the caller's stack.
    ///
    /// # Errors
    /// Whatever `fill` returns; what it had written is wiped.
    pub fn try_fill<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self::zero();
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Returns the bytes; they must not be copied into anything that outlives the use.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Makes a second copy of the secret.
    pub fn duplicate(&self) -> Self {
        Self::copy_from(&self.0)
    }

    fn zero() -> Self {
        Self(Box::new([0; N]))
    }
}

impl Secret<32> {
    /// Derives an independent key for one purpose.
    ///
    /// Nobody who learns the derived key learns this one, nor any other derived from it.
    pub fn derive(&self, context: Context) -> Self {
        let mut derived = blake3::derive_key(context.0, self.expose());
        let secret = Self::copy_from(&derived);
        derived.zeroize();
        secret
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{N}>(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::copy_from(b"kaiqi-kaiqi-kaiqi-kaiqi-kaiqi-32");
        assert_eq!(format!("{secret:?}"), "Secret<32>(…)");
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_from_their_parent() {
        let parent = Secret::copy_from(&[7; 32]);
        let (a, b) =
            (parent.derive(Context("xunji test a")), parent.derive(Context("xunji test b")));
        assert_ne!(a.expose(), b.expose());
        assert_ne!(a.expose(), parent.expose());
        assert_eq!(a.expose(), parent.derive(Context("xunji test a")).expose());
    }
}
