//! The signed journal: envelopes that devices sign, entries that the server signs.
