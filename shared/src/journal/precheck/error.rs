//! Why a body is refused before anyone decodes it.
use super::Column;

/// The first fault of a content body. `at` is the offset in the body, in bytes.
///
/// Every one of these is something that an honest build never makes; none of them depends on
/// the document, on rights or on time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrecheckError {
    /// The body holds no change.
    #[error("a content body without a change")]
    Empty,
    /// The body is longer than [`super::Limits::bytes`].
    #[error("a body of {len} bytes where {limit} are allowed")]
    BodyTooLong {
        /// Its length in bytes.
        len: usize,
        /// The most allowed.
        limit: usize,
    },
    /// The bytes end inside a field.
    #[error("cut short at byte {at}")]
    Cut {
        /// Where more bytes were needed.
        at: usize,
    },
    /// The chunk does not begin with Automerge's magic bytes.
    #[error("no Automerge chunk at byte {at}")]
    NotAChunk {
        /// Where the chunk should begin.
        at: usize,
    },
    /// A document (0), a compressed change (2), a bundle (3) or an unknown kind of chunk.
    #[error("chunk kind {kind} at byte {at}, only uncompressed changes are taken")]
    ChunkKind {
        /// Where the chunk begins.
        at: usize,
        /// The kind it claims.
        kind: u8,
    },
    /// The checksum is not the start of the SHA-256 of the chunk.
    #[error("wrong checksum of the chunk at byte {at}")]
    Checksum {
        /// Where the chunk begins.
        at: usize,
    },
    /// A LEB128 number in a form that Automerge does not write.
    #[error("number at byte {at}: {fault}")]
    Number {
        /// Where the number begins.
        at: usize,
        /// What is wrong with it.
        fault: NumberFault,
    },
    /// Text that is not UTF-8.
    #[error("text at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Where the text begins.
        at: usize,
    },
    /// More dependencies than [`super::Limits::deps`].
    #[error("{found} dependencies at byte {at}, limit {limit}")]
    TooManyDeps {
        /// Where the count stands.
        at: usize,
        /// The count claimed.
        found: u64,
        /// The most allowed.
        limit: u64,
    },
    /// Dependencies unsorted or repeated.
    #[error("dependency at byte {at} is out of order")]
    DepsOutOfOrder {
        /// Where the offending hash begins.
        at: usize,
    },
    /// An actor that is not 16 bytes long.
    #[error("an actor of {len} bytes at byte {at}")]
    ActorLength {
        /// Where its length stands.
        at: usize,
        /// The length claimed.
        len: u64,
    },
    /// Other actors unsorted, repeated, or naming the author again.
    #[error("actor at byte {at} is out of order")]
    ActorsOutOfOrder {
        /// Where the offending actor begins.
        at: usize,
    },
    /// An actor listed but used by no operation.
    #[error("actor {index} of the change at byte {at} is used by no operation")]
    ActorUnused {
        /// Where the change begins.
        at: usize,
        /// The actor's index; 1 is the first after the author.
        index: usize,
    },
    /// A change of another actor than the first change of the body.
    #[error("the change at byte {at} is of another actor")]
    AnotherActor {
        /// Where the change begins.
        at: usize,
    },
    /// A sequence number of 0, or of 2^31 and above.
    #[error("sequence number {found} at byte {at}")]
    Seq {
        /// Where it stands.
        at: usize,
        /// The number claimed.
        found: u64,
    },
    /// A change that does not follow the one before it in the body.
    #[error("sequence number {found} in the change at byte {at}, expected {expected}")]
    SeqGap {
        /// Where the change begins.
        at: usize,
        /// The number that would follow.
        expected: u64,
        /// The number claimed.
        found: u64,
    },
    /// A first operation counter that is 0, too high, or not above the change before.
    #[error("first operation {found} at byte {at}, must be above {after} and below 2^31")]
    StartOp {
        /// Where it stands.
        at: usize,
        /// The counter claimed.
        found: u64,
        /// The last counter used before it.
        after: u64,
    },
    /// Counters that would reach 2^31.
    #[error("the change at byte {at} counts operations up to {last}")]
    CounterTooHigh {
        /// Where the change begins.
        at: usize,
        /// The counter of its last operation.
        last: u64,
    },
    /// A claimed time; ours have none.
    #[error("claimed time {found} at byte {at}")]
    Time {
        /// Where it stands.
        at: usize,
        /// The time claimed.
        found: i64,
    },
    /// A commit message; ours have none.
    #[error("a message of {len} bytes at byte {at}")]
    Message {
        /// Where its length stands.
        at: usize,
        /// The length claimed.
        len: u64,
    },
    /// Bytes after the columns: an author footer or fields of a later format.
    #[error("{len} extra bytes at byte {at}")]
    ExtraBytes {
        /// Where they begin.
        at: usize,
        /// How many there are.
        len: usize,
    },
    /// A column that no build of ours writes.
    #[error("unknown column {spec:#x} at byte {at}")]
    UnknownColumn {
        /// Where its specification stands.
        at: usize,
        /// The specification.
        spec: u64,
    },
    /// A deflated column: a change's columns are never compressed.
    #[error("deflated column {spec:#x} at byte {at}")]
    Deflated {
        /// Where its specification stands.
        at: usize,
        /// The specification.
        spec: u64,
    },
    /// Columns unsorted or repeated.
    #[error("column {spec:#x} at byte {at} is out of order")]
    ColumnsOutOfOrder {
        /// Where its specification stands.
        at: usize,
        /// The specification.
        spec: u64,
    },
    /// A column that holds nothing; Automerge leaves it out.
    #[error("{column:?} column without content at byte {at}")]
    EmptyColumn {
        /// Where its specification, or its content, stands.
        at: usize,
        /// The column.
        column: Column,
    },
    /// A run that is empty, or that Automerge would have joined to its neighbour.
    #[error("run in the {column:?} column at byte {at} is not as Automerge writes it")]
    Run {
        /// Where the run begins.
        at: usize,
        /// The column.
        column: Column,
    },
    /// A column that decodes to more rows than are left of the limit.
    #[error("{column:?} column in the change at byte {at} holds more than {limit} rows")]
    TooManyRows {
        /// Where the change begins.
        at: usize,
        /// The column.
        column: Column,
        /// The rows that were left.
        limit: u64,
    },
    /// A column with another number of rows than the change has operations (or predecessors).
    #[error("{column:?} column in the change at byte {at} holds {found} rows, not {expected}")]
    Rows {
        /// Where the change begins.
        at: usize,
        /// The column.
        column: Column,
        /// The rows it decodes to; 0 if it is absent.
        found: u64,
        /// The rows it must have.
        expected: u64,
    },
    /// Keys or mark names that expand to more bytes than are left of the limit.
    #[error("{column:?} column in the change at byte {at} expands to more than {limit} bytes")]
    TooMuchText {
        /// Where the change begins.
        at: usize,
        /// The column.
        column: Column,
        /// The bytes that were left.
        limit: u64,
    },
    /// A change without an operation; our commits always hold one.
    #[error("the change at byte {at} holds no operation")]
    NoOps {
        /// Where the change begins.
        at: usize,
    },
    /// Value lengths that do not add up to the length of the value column.
    #[error("values of the change at byte {at} take {claimed} bytes of {found}")]
    ValueBytes {
        /// Where the change begins.
        at: usize,
        /// What the lengths add up to, as far as they were added.
        claimed: u64,
        /// What the value column holds.
        found: u64,
    },
    /// An operation that contradicts itself.
    #[error("operation {row} of the change at byte {at}: {fault}")]
    Op {
        /// Where the change begins.
        at: usize,
        /// The operation's place in the change, from 0.
        row: u64,
        /// What is wrong with it.
        fault: OpFault,
    },
}

/// What is wrong with a LEB128 number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// It takes more bytes than it needs.
    #[error("not in its shortest form")]
    Overlong,
    /// It does not fit in 64 bits.
    #[error("more than 64 bits")]
    TooLarge,
}

/// What is wrong with one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpFault {
    /// A null in a column that has none.
    #[error("null in the {0:?} column")]
    Null(Column),
    /// An action that Xunji's documents do not know (tables among them).
    #[error("unknown action {0}")]
    Action(u64),
    /// An object id with only one of its two parts.
    #[error("half an object id")]
    HalfObject,
    /// A counter below 0, or of 2^31 and above.
    #[error("counter out of range in the {0:?} column")]
    Counter(Column),
    /// Both a key and an element, neither, or half an element id.
    #[error("not exactly one key")]
    Key,
    /// An element of a list in the root map, or an insertion at a map key.
    #[error("a list position where a map key belongs, or the reverse")]
    Place,
    /// An actor index beyond the list of actors.
    #[error("actor index {0} is not listed")]
    ActorIndex(u64),
    /// A reference to an operation that cannot have come before this one.
    #[error("refers to operation {0}, which cannot precede it")]
    Later(u64),
    /// A reference to an operation older than the object or element it is said to be in.
    #[error("refers to operation {0}, older than what it is in")]
    Earlier(u64),
    /// Predecessors unsorted or repeated.
    #[error("predecessors out of order")]
    PredOrder,
    /// Predecessors on an insertion, or none on a deletion or an increment.
    #[error("{0} predecessors do not fit the action")]
    Preds(u64),
    /// A value whose kind is unknown or whose bytes do not fit its kind.
    #[error("ill-formed value of kind {0}")]
    Value(u8),
    /// A value where the action has none, or an increment by something else than a number.
    #[error("value of kind {0} does not fit the action")]
    ValueKind(u8),
    /// A mark's name or expansion on an operation that is no mark.
    #[error("mark fields on another action")]
    Mark,
}
