//! The CRDT schema: the only place that knows Automerge keys.
