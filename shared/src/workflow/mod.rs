//! The rules of the work: roles, states, commands, and the one function that decides.
