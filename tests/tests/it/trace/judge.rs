//! Judges a trace: was it synced before it was said?
use super::strace::Call;

/// What is wrong with a trace.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// What was to be kept was never written to the file.
    NotWritten,
    /// It came by no socket, so nobody was answered.
    NotAsked,
    /// Nothing was answered.
    NotAnswered,
    /// An answer left on this line of the trace, before a sync had succeeded.
    SaidTooEarly(usize),
    /// Nothing was said at all: there is nothing to judge.
    Silent,
}

/// Judges a server to which one client said one thing at a time: after what carries `what`
/// arrived, nothing leaves on the client's socket until the log that holds it was synced.
///
/// What leaves is sealed by TLS, so a receipt cannot be told from other answers; in such a
/// quiet conversation the next thing that leaves can only be the answer.
pub(super) fn answered_after_sync(calls: &[Call], log: &str, what: &[u8]) -> Result<(), Broken> {
    let on_log = |c: &&Call| c.on.ends_with(log);
    let written = calls.iter().filter(on_log).find(|c| c.is_write() && c.carries(what));
    let written = written.ok_or(Broken::NotWritten)?;
    let arrived = calls
        .iter()
        .filter(|c| c.is_read() && c.is_on_socket() && c.result.is_some_and(|n| n > 0))
        .rfind(|c| c.end < written.begin)
        .ok_or(Broken::NotAsked)?;
    let answer = calls
        .iter()
        .find(|c| c.is_write() && c.on == arrived.on && c.begin > arrived.end)
        .ok_or(Broken::NotAnswered)?;
    let synced = calls
        .iter()
        .filter(on_log)
        .find(|c| c.is_sync() && c.result == Some(0) && c.begin > written.end);
    match synced {
        Some(sync) if sync.end < answer.begin => Ok(()),
        _ => Err(Broken::SaidTooEarly(answer.begin)),
    }
}

/// Judges a laptop: whenever a line with `word` leaves on standard output, something was
/// written to the log since the line before it, and all of it was synced. Returns how many
/// lines there were.
pub(super) fn said_after_sync(calls: &[Call], log: &str, word: &[u8]) -> Result<usize, Broken> {
    let (mut said, mut from) = (0, 0);
    for line in calls.iter().filter(|c| c.fd == 1 && c.is_write() && c.carries(word)) {
        let on_log = |c: &&Call| c.on.ends_with(log) && c.begin < line.begin;
        let written = calls.iter().filter(on_log).rfind(|c| c.is_write());
        let written = written.filter(|c| c.begin >= from).ok_or(Broken::NotWritten)?;
        let synced = calls.iter().filter(on_log).any(|c| {
            c.is_sync() && c.result == Some(0) && c.begin > written.end && c.end < line.begin
        });
        if !synced {
            return Err(Broken::SaidTooEarly(line.begin));
        }
        (said, from) = (said + 1, line.begin);
    }
    if said == 0 { Err(Broken::Silent) } else { Ok(said) }
}

#[cfg(test)]
mod tests {
    use super::{super::strace::read, *};

    const LOG: &str = "/journal.sqlite-wal";

    fn server(lines: &[&str]) -> Result<(), Broken> {
        answered_after_sync(&read(&lines.join("\n")), LOG, b"ENV7")
    }

    const EARLIER: &str = "1 sendto(15<socket:[88]>, \"hello\", 5, 0, NULL, 0) = 5";
    const ARRIVES: &str = "1 recvfrom(15<socket:[88]>, \"push\", 4096, 0, NULL, NULL) = 4";
    const NOTHING: &str = "1 recvfrom(15<socket:[88]>, 0x7f, 4096, 0, NULL, NULL) = -1 EAGAIN (no)";
    const FRAME: &str = "2 pwrite64(9</d/journal.sqlite-wal>, \"\\1\\2\", 24, 0) = 24";
    const PAGE: &str = "2 pwrite64(9</d/journal.sqlite-wal>, \"..ENV7..\", 8, 24) = 8";
    const SYNC: &str = "2 fdatasync(9</d/journal.sqlite-wal>) = 0";
    const ANSWER: &str = "1 writev(15<socket:[88]>, [{iov_base=\"receipt\", iov_len=7}], 1) = 7";
    const OTHER: &str = "1 sendto(16<socket:[99]>, \"to somebody else\", 16, 0, NULL, 0) = 16";

    #[test]
    fn a_receipt_after_the_sync_is_right() {
        assert_eq!(server(&[EARLIER, ARRIVES, NOTHING, FRAME, PAGE, SYNC, ANSWER]), Ok(()));
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, OTHER, SYNC, ANSWER]), Ok(()));
    }

    #[test]
    fn a_receipt_without_a_sync_is_not() {
        let early = |line| Err(Broken::SaidTooEarly(line));
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, ANSWER]), early(3));
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, ANSWER, SYNC]), early(3), "too late");
        assert_eq!(
            server(&[ARRIVES, ANSWER, FRAME, PAGE, SYNC, ANSWER]),
            early(1),
            "much too late"
        );
        assert_eq!(server(&[ARRIVES, SYNC, FRAME, PAGE, ANSWER]), early(4), "the sync before");
        let elsewhere = "2 fdatasync(8</d/journal.sqlite>) = 0";
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, elsewhere, ANSWER]), early(4), "another file");
        let failed = "2 fdatasync(9</d/journal.sqlite-wal>) = -1 EIO (Input/output error)";
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, failed, ANSWER]), early(4), "it failed");
    }

    #[test]
    fn a_receipt_while_the_sync_still_runs_is_not() {
        let begins = "2 fdatasync(9</d/journal.sqlite-wal> <unfinished ...>";
        let ends = "2 <... fdatasync resumed>) = 0";
        let early = Err(Broken::SaidTooEarly(4));
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, begins, ANSWER, ends]), early);
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, begins, ends, ANSWER]), Ok(()));
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, begins, ANSWER]), early, "never resumed");
    }

    #[test]
    fn a_trace_that_shows_nothing_proves_nothing() {
        assert_eq!(server(&[ARRIVES, FRAME, SYNC, ANSWER]), Err(Broken::NotWritten));
        assert_eq!(server(&[FRAME, PAGE, SYNC, ANSWER]), Err(Broken::NotAsked));
        assert_eq!(server(&[ARRIVES, FRAME, PAGE, SYNC, OTHER]), Err(Broken::NotAnswered));
    }

    const VAULT: &str = "3 pwrite64(7</h/vault.db-wal>, \"sealed\", 6, 0) = 6";
    const VAULT_SYNC: &str = "3 fsync(7</h/vault.db-wal>) = 0";
    const SAVED: &str = "4 write(1<pipe:[5]>, \"{\\\"event\\\":\\\"saved\\\"}\\n\", 18) = 18";
    const LINK: &str = "4 write(1<pipe:[5]>, \"{\\\"event\\\":\\\"link\\\"}\\n\", 17) = 17";

    fn laptop(lines: &[&str]) -> Result<usize, Broken> {
        said_after_sync(&read(&lines.join("\n")), "/vault.db-wal", b"\"saved\"")
    }

    #[test]
    fn saved_is_said_after_the_sync() {
        let once = [VAULT, VAULT, VAULT_SYNC, SAVED];
        assert_eq!(laptop(&once), Ok(1));
        assert_eq!(laptop(&[&once[..], &[LINK], &once[..]].concat()), Ok(2));
        let early = |line| Err(Broken::SaidTooEarly(line));
        assert_eq!(laptop(&[VAULT, SAVED, VAULT_SYNC]), early(1));
        assert_eq!(laptop(&[VAULT, VAULT_SYNC, VAULT, SAVED]), early(3), "not all of it");
        assert_eq!(laptop(&[&once[..], &[SAVED]].concat()), Err(Broken::NotWritten), "of what?");
        assert_eq!(laptop(&[VAULT, VAULT_SYNC, LINK]), Err(Broken::Silent));
    }
}
