//! Tests of the system as a whole. One binary, so that it links once.
mod documents;
mod tidy;
