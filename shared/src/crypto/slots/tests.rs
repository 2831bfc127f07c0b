#![allow(clippy::unwrap_used)]
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::*;

fn cheap() -> Cost {
    Cost::new(32, 1, 1).unwrap()
}

fn fixture() -> (KeySlots, Secret<32>, RecoveryKey, ChaCha20Rng) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let key = Secret::draw(&mut rng);
    let recovery = RecoveryKey::draw(&mut rng);
    let mut slots = KeySlots::new(StoreId([5; 16]));
    slots.add_passphrase(&key, &"开启甲组".into(), cheap(), &mut rng).unwrap();
    slots.add_recovery(&key, &recovery, &mut rng).unwrap();
    (slots, key, recovery, rng)
}

#[test]
fn passphrase_and_recovery_key_open_the_same_store_key() {
    let (slots, key, recovery, _) = fixture();
    let slots = KeySlots::from_bytes(&slots.to_bytes()).unwrap();
    assert_eq!(slots.open_with_passphrase(&"开启甲组".into()).unwrap().expose(), key.expose());
    let typed: RecoveryKey = recovery.to_text().to_lowercase().replace('-', " ").parse().unwrap();
    assert_eq!(slots.open_with_recovery(&typed).unwrap().expose(), key.expose());
}

#[test]
fn a_wrong_passphrase_is_not_called_damage_nor_damage_a_wrong_passphrase() {
    let (slots, _, _, mut rng) = fixture();
    assert_eq!(slots.open_with_passphrase(&"开启乙组".into()).unwrap_err(), SlotError::WrongKey);
    let other = RecoveryKey::draw(&mut rng);
    assert_eq!(slots.open_with_recovery(&other).unwrap_err(), SlotError::WrongKey);

    let bytes = slots.to_bytes();
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let opened =
            KeySlots::from_bytes(&bad).and_then(|s| s.open_with_passphrase(&"开启甲组".into()));
        // A flipped bit of the other slot or of the counter does no harm.
        assert!(
            !matches!(opened, Err(SlotError::WrongKey)),
            "byte {at}: damage was reported as a wrong passphrase"
        );
    }
}

#[test]
fn a_changed_passphrase_leaves_the_store_key_and_ends_the_old_one() {
    let (mut slots, key, _, mut rng) = fixture();
    let old = slots.list().next().unwrap().0;
    let new = slots.add_passphrase(&key, &"新口令".into(), cheap(), &mut rng).unwrap();
    assert_ne!(old, new);
    slots.remove(old).unwrap();
    assert_eq!(slots.open_with_passphrase(&"开启甲组".into()).unwrap_err(), SlotError::WrongKey);
    assert_eq!(slots.open_with_passphrase(&"新口令".into()).unwrap().expose(), key.expose());
    assert_eq!(slots.remove(old), Err(SlotError::NoSuchSlot));
}

#[test]
fn one_slot_always_remains_and_eight_are_the_most() {
    let (mut slots, key, recovery, mut rng) = fixture();
    while slots.list().count() < MAX_SLOTS {
        slots.add_recovery(&key, &recovery, &mut rng).unwrap();
    }
    assert_eq!(slots.add_recovery(&key, &recovery, &mut rng), Err(SlotError::Count));
    let ids: Vec<_> = slots.list().map(|(id, _)| id).collect();
    for id in &ids[1..] {
        slots.remove(*id).unwrap();
    }
    assert_eq!(slots.remove(ids[0]), Err(SlotError::Count));
}

#[test]
fn a_slot_of_another_store_does_not_open() {
    let (slots, _, _, _) = fixture();
    let mut moved = slots.clone();
    moved.store = StoreId([6; 16]);
    assert!(matches!(moved.open_with_passphrase(&"开启甲组".into()), Err(SlotError::Damaged(_))));
}

#[test]
fn a_recovery_key_reads_as_printed_and_finds_misread_signs() {
    let (_, _, recovery, _) = fixture();
    let text = recovery.to_text();
    assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), vec![4; 14]);
    let again: RecoveryKey = text.parse().unwrap();
    assert_eq!(again.to_text(), text);
    let mut misread = text.to_string();
    misread.replace_range(0..1, if misread.starts_with('A') { "B" } else { "A" });
    assert_eq!(misread.parse::<RecoveryKey>().unwrap_err(), RecoveryKeyError::Checksum);
    assert_eq!("AAAA-汉".parse::<RecoveryKey>().unwrap_err(), RecoveryKeyError::Sign { at: 5 });
    assert_eq!(
        text[..54].parse::<RecoveryKey>().unwrap_err(),
        RecoveryKeyError::Length { found: 44 }
    );
    assert_eq!(format!("{recovery:?}"), "RecoveryKey(…)");
}
