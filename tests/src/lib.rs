//! Real processes for checks of the whole: a server and laptops, each this package's own
//! program in a hidden role, so that what is checked is what was just built.
pub mod roles;
pub mod stage;
