//! What a server and a laptop ask of the system, in which order: nothing is said before its
//! sync. A process that is killed keeps the page cache, so only a trace can show this.
mod judge;
mod real;
mod strace;
