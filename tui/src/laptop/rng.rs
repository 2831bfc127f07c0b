//! Randomness for the cores, from the operating system at each unlock.
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::vault::VaultError;

/// The generator the cores draw from.
///
/// It is seeded anew at every unlock and never stored, so a copied disk draws other nonces
/// than its original.
pub type NodeRng = ChaCha20Rng;

/// Seeds a generator from the operating system.
///
/// # Errors
/// [`VaultError::NoRandomness`].
pub fn fresh() -> Result<NodeRng, VaultError> {
    let mut seed = zeroize::Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut_slice())?;
    Ok(ChaCha20Rng::from_seed(*seed))
}
