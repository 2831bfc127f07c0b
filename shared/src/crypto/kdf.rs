//! From a passphrase to a key: Argon2id with stored, bounded costs.
//!
//! Deriving takes a quarter of a second and tens of megabytes on purpose; programs call it
//! off their event loop.
use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, Zeroizing};

use super::secret::Secret;

/// A passphrase as typed; wiped when dropped, never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over the typed text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Passphrase {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What one derivation costs, stored beside the salt so that it can be raised later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Cost {
    #[n(0)]
    memory_kib: u32,
    #[n(1)]
    passes: u32,
    #[n(2)]
    lanes: u32,
}

/// Why a key could not be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KdfError {
    /// The stored cost is beyond what any build of ours writes: the file is damaged, or meant
    /// to exhaust this machine.
    #[error("the stored cost of {memory_kib} KiB, {passes} passes, {lanes} lanes is out of bounds")]
    CostOutOfBounds {
        /// Memory asked for, in KiB.
        memory_kib: u32,
        /// Passes asked for.
        passes: u32,
        /// Lanes asked for.
        lanes: u32,
    },
    /// This machine cannot give the memory now.
    #[error("not enough memory to derive the key: {memory_kib} KiB needed")]
    OutOfMemory {
        /// Memory needed, in KiB.
        memory_kib: u32,
    },
}

impl Cost {
    /// What new stores use: 64 MiB, 3 passes, 1 lane; about 0.25 s.
    pub const DEFAULT: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 1 };
    /// The most memory a stored cost may ask for: 1 GiB.
    pub const MAX_MEMORY_KIB: u32 = 1 << 20;
    /// The most passes a stored cost may ask for.
    pub const MAX_PASSES: u32 = 16;
    /// The most lanes a stored cost may ask for.
    pub const MAX_LANES: u32 = 4;

    /// Makes a cost from memory in KiB (at least 8 for each lane), passes and lanes.
    ///
    /// # Errors
    /// [`KdfError::CostOutOfBounds`] outside the bounds above.
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, KdfError> {
        Self { memory_kib, passes, lanes }.bounded()
    }

    /// Checks a cost that was read from a disk.
    ///
    /// # Errors
    /// [`KdfError::CostOutOfBounds`].
    pub const fn bounded(self) -> Result<Self, KdfError> {
        let Self { memory_kib, passes, lanes } = self;
        if lanes >= 1
            && lanes <= Self::MAX_LANES
            && memory_kib >= 8 * lanes
            && memory_kib <= Self::MAX_MEMORY_KIB
            && passes >= 1
            && passes <= Self::MAX_PASSES
        {
            Ok(self)
        } else {
            Err(KdfError::CostOutOfBounds { memory_kib, passes, lanes })
        }
    }
}

/// Derives 32 bytes from a passphrase and a salt.
///
/// # Errors
/// [`KdfError::CostOutOfBounds`] before any memory is taken; [`KdfError::OutOfMemory`].
pub fn derive(
    passphrase: &Passphrase,
    salt: &[u8; 16],
    cost: Cost,
) -> Result<Secret<32>, KdfError> {
    let Cost { memory_kib, passes, lanes } = cost.bounded()?;
    let out_of_bounds = KdfError::CostOutOfBounds { memory_kib, passes, lanes };
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| out_of_bounds)?;
    let mut blocks = Vec::new();
    blocks
        .try_reserve_exact(params.block_count())
        .map_err(|_| KdfError::OutOfMemory { memory_kib })?;
    blocks.resize(params.block_count(), Block::default());
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let key = Secret::try_fill(|out| {
        argon.hash_password_into_with_memory(passphrase.0.as_bytes(), salt, out, &mut blocks)
    });
    blocks.iter_mut().for_each(Zeroize::zeroize);
    key.map_err(|_| out_of_bounds)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 32, passes: 1, lanes: 1 };

    #[test]
    fn a_damaged_cost_cannot_exhaust_the_machine() {
        for (memory, passes, lanes) in
            [(64 << 20, 3, 1), (7, 1, 1), (64, 0, 1), (64, 17, 1), (64, 1, 5), (64, 1, 0)]
        {
            let cost = Cost { memory_kib: memory, passes, lanes };
            assert!(matches!(
                derive(&"口令".into(), &[0; 16], cost),
                Err(KdfError::CostOutOfBounds { .. })
            ));
        }
    }

    #[test]
    fn passphrase_salt_and_cost_all_count() {
        let key = |text: &str, salt: u8, cost| derive(&text.into(), &[salt; 16], cost).unwrap();
        let base = key("某市甲局", 1, CHEAP);
        assert_eq!(base.expose(), key("某市甲局", 1, CHEAP).expose());
        assert_ne!(base.expose(), key("某市乙局", 1, CHEAP).expose());
        assert_ne!(base.expose(), key("某市甲局", 2, CHEAP).expose());
        assert_ne!(base.expose(), key("某市甲局", 1, Cost { passes: 2, ..CHEAP }).expose());
    }

    /// Golden value, the same as OpenSSL's ARGON2ID gives for these arguments.
    #[test]
    fn the_algorithm_is_argon2id_version_19() {
        let cost = Cost::new(256, 2, 1).unwrap();
        let key = derive(&"password".into(), b"somesaltsomesalt", cost).unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(key.expose()), GOLDEN);
    }

    const GOLDEN: &str = "cab746b4621993fdc91ec50787980b414a90a692f0bc68dfe19f9c25b3cba9ec";

    #[test]
    fn a_passphrase_never_prints_itself() {
        assert_eq!(format!("{:?}", Passphrase::from("开启")), "Passphrase(…)");
    }
}
