//! Deliberate bugs, by which the simulation shows that it finds bugs.
//!
//! Only the feature `deliberate-bugs` can plant one, and only the simulation's own command
//! asks for that feature. Without it [`Planted`] is empty and always answers "no".

/// A bug that one core can be given.
#[cfg_attr(not(feature = "deliberate-bugs"), allow(unreachable_pub, reason = "see lib.rs"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// The server says "received" before the commit is answered.
    ReceiptBeforeSync,
    /// The server stores envelopes wherever they say they stand in their chain.
    ChainUnchecked,
    /// The server takes content in whoever wrote it.
    RightsUnchecked,
    /// The server decides a signature by what the signer saw, not by what the document says.
    StaleMeaning,
    /// The server takes late content into a signed document.
    LateMerged,
    /// Both ends derive the actor without the session, so that two unlocks share it.
    ActorReused,
}

/// The bug a core was given, if any.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Planted(#[cfg(feature = "deliberate-bugs")] pub(crate) Option<Bug>);

impl Planted {
    /// Tells whether this bug was planted.
    pub(crate) fn has(self, bug: Bug) -> bool {
        #[cfg(feature = "deliberate-bugs")]
        return self.0 == Some(bug);
        #[cfg(not(feature = "deliberate-bugs"))]
        {
            let _ = bug;
            false
        }
    }
}
