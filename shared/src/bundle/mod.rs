//! The courier's file: the same frames as on the wire, carried by hand.
