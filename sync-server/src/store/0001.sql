-- What the server knows about itself: key, certificate, epoch, round.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

-- Received envelopes, kept for ever; `place` is the order of arrival.
CREATE TABLE envelopes (
    place    INTEGER NOT NULL PRIMARY KEY,
    hash     BLOB NOT NULL UNIQUE,
    space    BLOB NOT NULL,
    doc      BLOB NOT NULL,
    device   BLOB NOT NULL,
    session  BLOB NOT NULL,
    seq      BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    bytes    BLOB NOT NULL
);
CREATE INDEX envelopes_by_doc ON envelopes (space, doc);

-- The journal: one row for each entry, each naming the one before.
CREATE TABLE entries (
    space    BLOB NOT NULL,
    pos      BIGINT NOT NULL,
    hash     BLOB NOT NULL,
    envelope BLOB,
    bytes    BLOB NOT NULL,
    PRIMARY KEY (space, pos)
);

-- The newest save of each document.
CREATE TABLE snapshots (
    space BLOB NOT NULL,
    doc   BLOB NOT NULL,
    pos   BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (space, doc)
);

-- Entries that a recovery moved out of the journal, in their order.
CREATE TABLE displaced (
    place    INTEGER NOT NULL PRIMARY KEY,
    hash     BLOB NOT NULL UNIQUE,
    reissued BIGINT NOT NULL DEFAULT 0,
    bytes    BLOB NOT NULL
);

-- One-time enrolment codes: by their open half; the other half only as a hash.
CREATE TABLE codes (
    selector TEXT NOT NULL PRIMARY KEY,
    secret   BLOB NOT NULL,
    person   BLOB NOT NULL,
    expires  BIGINT NOT NULL,
    tries    BIGINT NOT NULL
);
