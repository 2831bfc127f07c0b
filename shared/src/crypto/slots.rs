//! Key slots: several ways to one random store key.
//!
//! The store key is drawn once and never changes; each slot holds it wrapped under another
//! key, made from the owner's passphrase or from the office's recovery key. So a passphrase
//! is changed without sealing anything anew, and a forgotten one does not lose the work.
//!
//! Slots lie in the clear. Each carries a plain checksum, so that a damaged slot is told
//! apart from a wrong passphrase; a forger can mend the checksum, and gains nothing but the
//! answer "wrong".
use std::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD;
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::{
    hash::{self, Context},
    kdf::{self, Cost, KdfError, Passphrase},
    seal::{self, OpenError},
    secret::Secret,
    suite::Suite,
};
use crate::model::Digest;

const CHECK: Context = Context("xunji key slot checksum");
const RECOVERY_KEY: Context = Context("xunji recovery slot key");
const RECOVERY_CHECK: Context = Context("xunji recovery key checksum");
/// The most slots one store has.
pub const MAX_SLOTS: usize = 8;
const RECOVERY_LEN: usize = 32;
const RECOVERY_CHECK_LEN: usize = 3;

/// Names one sealed store; bound into everything sealed in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct StoreId(
    /// 16 random bytes.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 16],
);

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreId({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// Names one slot within its store; never used again after the slot is removed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct SlotId(
    /// The slot's number, from 1.
    #[n(0)]
    pub u32,
);

/// What opens a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum SlotKind {
    /// The owner's passphrase, through Argon2id.
    #[n(1)]
    Passphrase,
    /// The recovery key printed at creation and kept in the office.
    #[n(2)]
    Recovery,
}

/// Why the slots did not give the store key, or could not be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// The slots are whole; the passphrase or recovery key is not the right one.
    #[error("wrong passphrase or recovery key")]
    WrongKey,
    /// No slot of this kind exists.
    #[error("the store has no slot of this kind")]
    NoSuchSlot,
    /// The bytes of the slots are damaged.
    #[error("the key slots are damaged: {0}")]
    Damaged(String),
    /// The passphrase could not be turned into a key.
    #[error(transparent)]
    Kdf(#[from] KdfError),
    /// The last slot, or one slot more than [`MAX_SLOTS`].
    #[error("a store has at least one key slot and at most {MAX_SLOTS}")]
    Count,
}

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Slot {
    #[n(0)]
    id: SlotId,
    #[n(1)]
    kind: SlotKind,
    #[n(2)]
    cost: Option<Cost>,
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    salt: [u8; 16],
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    wrapped: Vec<u8>,
    #[n(5)]
    check: Digest,
}

/// The key slots of one store, as they lie on the disk. Do not reorder the fields.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KeySlots {
    #[n(0)]
    suite: Suite,
    #[n(1)]
    store: StoreId,
    #[n(2)]
    next: u32,
    #[n(3)]
    slots: Vec<Slot>,
}

impl KeySlots {
    /// Starts without slots; at least one is added before anything is written.
    pub const fn new(store: StoreId) -> Self {
        Self { suite: Suite::One, store, next: 1, slots: Vec::new() }
    }

    /// Returns the store these slots open.
    pub const fn store(&self) -> StoreId {
        self.store
    }

    /// Lists the slots in the order they were added.
    pub fn list(&self) -> impl Iterator<Item = (SlotId, SlotKind)> + '_ {
        self.slots.iter().map(|s| (s.id, s.kind))
    }

    /// Adds a slot that the passphrase opens. Takes as long as `cost` says.
    ///
    /// # Errors
    /// [`SlotError::Count`], [`SlotError::Kdf`].
    pub fn add_passphrase<R: CryptoRng + ?Sized>(
        &mut self,
        store_key: &Secret<32>,
        passphrase: &Passphrase,
        cost: Cost,
        rng: &mut R,
    ) -> Result<SlotId, SlotError> {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let wrapping = kdf::derive(passphrase, &salt, cost)?;
        self.add(SlotKind::Passphrase, Some(cost), salt, &wrapping, store_key, rng)
    }

    /// Adds a slot for a recovery key.
    ///
    /// # Errors
    /// [`SlotError::Count`].
    pub fn add_recovery<R: CryptoRng + ?Sized>(
        &mut self,
        store_key: &Secret<32>,
        recovery: &RecoveryKey,
        rng: &mut R,
    ) -> Result<SlotId, SlotError> {
        let wrapping = recovery.0.derive(RECOVERY_KEY);
        self.add(SlotKind::Recovery, None, [0; 16], &wrapping, store_key, rng)
    }

    /// Removes a slot, so that its passphrase or recovery key opens nothing any more. A copy
    /// of the disk made before still opens with it.
    ///
    /// # Errors
    /// [`SlotError::NoSuchSlot`]; [`SlotError::Count`] for the last slot.
    pub fn remove(&mut self, id: SlotId) -> Result<(), SlotError> {
        let at = self.slots.iter().position(|s| s.id == id).ok_or(SlotError::NoSuchSlot)?;
        if self.slots.len() == 1 {
            return Err(SlotError::Count);
        }
        self.slots.remove(at);
        Ok(())
    }

    /// Opens the store key with a passphrase; tries every passphrase slot.
    ///
    /// # Errors
    /// [`SlotError::WrongKey`] if the slots are whole and none opens; [`SlotError::Damaged`] if
    /// none opens and one of them is damaged, so that the passphrase may well be right.
    pub fn open_with_passphrase(&self, passphrase: &Passphrase) -> Result<Secret<32>, SlotError> {
        self.open(SlotKind::Passphrase, |slot| {
            let cost = slot.cost.ok_or_else(|| SlotError::Damaged("a slot has no cost".into()))?;
            Ok(kdf::derive(passphrase, &slot.salt, cost)?)
        })
    }

    /// Opens the store key with the recovery key.
    ///
    /// # Errors
    /// As [`KeySlots::open_with_passphrase`].
    pub fn open_with_recovery(&self, recovery: &RecoveryKey) -> Result<Secret<32>, SlotError> {
        self.open(SlotKind::Recovery, |_| Ok(recovery.0.derive(RECOVERY_KEY)))
    }

    /// Writes the slots.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing CBOR to memory cannot fail; an empty result would be read back as damage.
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads slots from a disk, believing none of their sizes.
    ///
    /// # Errors
    /// [`SlotError::Damaged`]. A single damaged slot is no error here: another may be whole.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SlotError> {
        let slots: Self = minicbor::decode(bytes).map_err(|e| SlotError::Damaged(e.to_string()))?;
        if slots.slots.is_empty() || slots.slots.len() > MAX_SLOTS {
            return Err(SlotError::Damaged(format!("{} slots", slots.slots.len())));
        }
        Ok(slots)
    }

    fn add<R: CryptoRng + ?Sized>(
        &mut self,
        kind: SlotKind,
        cost: Option<Cost>,
        salt: [u8; 16],
        wrapping: &Secret<32>,
        store_key: &Secret<32>,
        rng: &mut R,
    ) -> Result<SlotId, SlotError> {
        if self.slots.len() == MAX_SLOTS {
            return Err(SlotError::Count);
        }
        let id = SlotId(self.next);
        let next = self.next.checked_add(1).ok_or(SlotError::Count)?;
        let place: [&[u8]; 3] = [b"key slot", &self.store.0, &id.0.to_le_bytes()];
        let wrapped = seal::seal(wrapping, &place, store_key.expose(), rng)
            .map_err(|e| SlotError::Damaged(e.to_string()))?;
        let mut slot = Slot { id, kind, cost, salt, wrapped, check: Digest::default() };
        slot.check = slot.checksum(self.store);
        self.slots.push(slot);
        self.next = next;
        Ok(id)
    }

    fn open(
        &self,
        kind: SlotKind,
        wrapping: impl Fn(&Slot) -> Result<Secret<32>, SlotError>,
    ) -> Result<Secret<32>, SlotError> {
        let mut answer = SlotError::NoSuchSlot;
        for slot in self.slots.iter().filter(|s| s.kind == kind) {
            match self.open_slot(slot, &wrapping) {
                Ok(key) => return Ok(key),
                // "Wrong" is only said when every slot was whole.
                Err(e) if matches!(answer, SlotError::NoSuchSlot | SlotError::WrongKey) => {
                    answer = e
                }
                Err(_) => {}
            }
        }
        Err(answer)
    }

    fn open_slot(
        &self,
        slot: &Slot,
        wrapping: impl Fn(&Slot) -> Result<Secret<32>, SlotError>,
    ) -> Result<Secret<32>, SlotError> {
        if slot.check != slot.checksum(self.store) {
            return Err(SlotError::Damaged(format!("the checksum of slot {} is wrong", slot.id.0)));
        }
        let place: [&[u8]; 3] = [b"key slot", &self.store.0, &slot.id.0.to_le_bytes()];
        let key = seal::open(&wrapping(slot)?, &place, &slot.wrapped).map(Zeroizing::new);
        match key {
            Ok(key) => Secret::try_fill(|out| {
                let bytes: &[u8; 32] =
                    key.as_slice().try_into().map_err(|_| SlotError::WrongKey)?;
                out.copy_from_slice(bytes);
                Ok(())
            }),
            Err(OpenError::Forged) => Err(SlotError::WrongKey),
            Err(e) => Err(SlotError::Damaged(e.to_string())),
        }
    }
}

impl Slot {
    fn checksum(&self, store: StoreId) -> Digest {
        let body = Self { check: Digest::default(), ..self.clone() };
        hash::hash(CHECK, &[&store.0, &minicbor::to_vec(&body).unwrap_or_default()])
    }
}

/// The office's way into a laptop's store: 256 random bits, printed once at creation.
///
/// Written as fourteen groups of four base-32 signs, the last signs a checksum, so that a
/// misread sign is found before the store is blamed.
pub struct RecoveryKey(Secret<RECOVERY_LEN>);

/// Why a text is no recovery key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryKeyError {
    /// The number of signs is not 56, spaces and hyphens not counted.
    #[error("a recovery key has 56 signs, this has {found}")]
    Length {
        /// The signs found.
        found: usize,
    },
    /// A sign is not of the alphabet A-Z, 2-7.
    #[error("sign {at} is not part of a recovery key")]
    Sign {
        /// Its place, from 1, spaces and hyphens not counted.
        at: usize,
    },
    /// A sign was misread or two exchanged.
    #[error("the recovery key contains a mistake")]
    Checksum,
}

impl RecoveryKey {
    /// Draws a new recovery key.
    pub fn draw<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(Secret::draw(rng))
    }

    /// Writes the key for printing. The text opens the store: it is wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; RECOVERY_LEN + RECOVERY_CHECK_LEN]);
        bytes[..RECOVERY_LEN].copy_from_slice(self.0.expose());
        bytes[RECOVERY_LEN..].copy_from_slice(&recovery_check(&self.0));
        let signs = Zeroizing::new(BASE32_NOPAD.encode(bytes.as_slice()));
        let mut text = Zeroizing::new(String::with_capacity(signs.len() * 5 / 4));
        for (at, sign) in signs.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(sign);
        }
        text
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(…)")
    }
}

impl FromStr for RecoveryKey {
    type Err = RecoveryKeyError;

    /// Reads a key as people type it: any case, any grouping, 0 for O, 1 for I, 8 for B.
    fn from_str(text: &str) -> Result<Self, RecoveryKeyError> {
        let mut signs = Zeroizing::new(String::with_capacity(64));
        for sign in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '—'))
        {
            let sign = match sign.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                other => other,
            };
            if !matches!(sign, 'A'..='Z' | '2'..='7') {
                return Err(RecoveryKeyError::Sign { at: signs.len() + 1 });
            }
            if signs.len() < 57 {
                signs.push(sign);
            }
        }
        let found = signs.len();
        let mut bytes = BASE32_NOPAD
            .decode(signs.as_bytes())
            .map_err(|_| RecoveryKeyError::Length { found })?;
        let parsed = match bytes.split_first_chunk::<RECOVERY_LEN>() {
            Some((key, check)) if check.len() == RECOVERY_CHECK_LEN => {
                let key = Secret::copy_from(key);
                if recovery_check(&key) == check {
                    Ok(Self(key))
                } else {
                    Err(RecoveryKeyError::Checksum)
                }
            }
            _ => Err(RecoveryKeyError::Length { found }),
        };
        bytes.zeroize();
        parsed
    }
}

fn recovery_check(key: &Secret<RECOVERY_LEN>) -> [u8; RECOVERY_CHECK_LEN] {
    let digest = hash::hash(RECOVERY_CHECK, &[key.expose()]);
    let mut check = [0; RECOVERY_CHECK_LEN];
    check.copy_from_slice(&digest.as_bytes()[..RECOVERY_CHECK_LEN]);
    check
}

#[cfg(test)]
mod tests;
