//! Signatures, hashes and sealing, each named by a suite number so that another can stand beside it.
