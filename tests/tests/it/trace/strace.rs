//! Reads what `strace -f -y` wrote: calls on files and sockets, with what they carried.
use std::collections::HashMap;

/// One call. Its place in time is from the line on which it began to the line on which it
/// ended: nothing that another thread does after seeing it return can stand before `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// The number of what it works on.
    pub(super) fd: i32,
    /// What that is: a path, `socket:[…]`, `pipe:[…]`.
    pub(super) on: String,
    /// All strings among its arguments, one after the other.
    pub(super) data: Vec<u8>,
    /// What it returned; none if the trace ends before it does.
    pub(super) result: Option<i64>,
    pub(super) begin: usize,
    pub(super) end: usize,
}

impl Call {
    pub(super) fn is_write(&self) -> bool {
        ["write", "writev", "pwrite64", "pwritev", "sendto", "sendmsg"].contains(&&*self.name)
    }

    pub(super) fn is_read(&self) -> bool {
        ["read", "recvfrom", "recvmsg"].contains(&&*self.name)
    }

    pub(super) fn is_sync(&self) -> bool {
        ["fsync", "fdatasync"].contains(&&*self.name)
    }

    pub(super) fn is_on_socket(&self) -> bool {
        self.on.starts_with("socket:") || self.on.starts_with("TCP:")
    }

    pub(super) fn carries(&self, what: &[u8]) -> bool {
        self.data.windows(what.len()).any(|w| w == what)
    }
}

/// Reads a trace. Lines that are no calls on something open are passed over.
pub(super) fn read(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut begun: HashMap<&str, (usize, String)> = HashMap::new();
    for (at, line) in text.lines().enumerate() {
        let Some((task, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if let Some(head) = rest.strip_suffix("<unfinished ...>") {
            begun.insert(task, (at, head.to_owned()));
        } else if let Some(tail) = rest.strip_prefix("<... ") {
            let tail = tail.split_once(" resumed>").map_or("", |(_, tail)| tail);
            if let Some((from, head)) = begun.remove(task) {
                calls.extend(call(&format!("{head}{tail}"), from, at));
            }
        } else {
            calls.extend(call(rest, at, at));
        }
    }
    // What was never resumed still happened from its line on.
    calls.extend(begun.into_values().filter_map(|(at, head)| call(&head, at, usize::MAX)));
    calls.sort_by_key(|c| c.begin);
    calls
}

/// Reads `name(3</path>, "…", 4) = 4`.
fn call(text: &str, begin: usize, end: usize) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    let (fd, rest) = rest.split_once('<')?;
    let (on, rest) = rest.split_once('>')?;
    let (data, rest) = strings(rest);
    let result = rest.rsplit_once(" = ").and_then(|(_, r)| r.split(' ').next()?.parse().ok());
    let on = String::from_utf8_lossy(&unescaped(on)).into_owned();
    Some(Call { name: name.to_owned(), fd: fd.parse().ok()?, on, data, result, begin, end })
}

/// Takes the strings out of arguments; returns them joined, and what is left.
fn strings(args: &str) -> (Vec<u8>, String) {
    let (mut data, mut left) = (Vec::new(), String::new());
    let mut rest = args;
    while let Some((before, after)) = rest.split_once('"') {
        left.push_str(before);
        let mut end = after.len();
        let mut escaped = false;
        for (i, b) in after.bytes().enumerate() {
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    end = i;
                    break;
                }
                _ => {}
            }
        }
        data.extend(unescaped(&after[..end]));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    left.push_str(rest);
    (data, left)
}

/// Turns C escapes into bytes: `\n`, `\33`, `\x1b`.
fn unescaped(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        at += 1;
        if b != b'\\' {
            out.push(b);
            continue;
        }
        let Some(&kind) = bytes.get(at) else { break };
        at += 1;
        out.push(match kind {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'x' => number(bytes, &mut at, 2, 16),
            b'0'..=b'7' => {
                at -= 1;
                number(bytes, &mut at, 3, 8)
            }
            other => other,
        });
    }
    out
}

/// Reads a number of at most so many digits, and goes on behind it.
fn number(bytes: &[u8], at: &mut usize, most: usize, radix: u32) -> u8 {
    let digits = bytes[*at..].iter().take(most);
    let digits: String = digits.map(|b| *b as char).take_while(|c| c.is_digit(radix)).collect();
    *at += digits.len();
    u8::from_str_radix(&digits, radix).unwrap_or(0)
}

#[test]
fn a_trace_is_read_with_its_strings_and_its_threads() {
    let text = concat!(
        "71 pwrite64(9</d/journal.sqlite-wal>, \"ab\\0\\33\\\"\\x7f\\12\", 7, 32) = 7\n",
        "72 fdatasync(9</d/journal.sqlite-wal> <unfinished ...>\n",
        "73 recvfrom(15<socket:[88]>, \"\\27\\3\", 4096, 0, NULL, NULL) = 2\n",
        "72 <... fdatasync resumed>)                = 0\n",
        "73 writev(15<socket:[88]>, [{iov_base=\"x\", iov_len=1}, {iov_base=\"y\", iov_len=1}], 2) = 2\n",
        "72 fsync(9</d/journal.sqlite-wal>) = -1 EIO (Input/output error)\n",
        "72 --- SIGTERM {si_signo=SIGTERM} ---\n",
        "74 +++ exited with 0 +++\n",
        "75 sendto(15<socket:[88]>, \"z\", 1, 0, NULL, 0 <unfinished ...>\n",
    );
    let calls = read(text);
    let seen: Vec<_> =
        calls.iter().map(|c| (&*c.name, c.fd, &*c.on, &*c.data, c.result, c.begin)).collect();
    let wal = "/d/journal.sqlite-wal";
    assert_eq!(
        seen,
        [
            ("pwrite64", 9, wal, &b"ab\0\x1b\"\x7f\n"[..], Some(7), 0),
            ("fdatasync", 9, wal, b"", Some(0), 1),
            ("recvfrom", 15, "socket:[88]", b"\x17\x03", Some(2), 2),
            ("writev", 15, "socket:[88]", b"xy", Some(2), 4),
            ("fsync", 9, wal, b"", Some(-1), 5),
            ("sendto", 15, "socket:[88]", b"z", None, 8),
        ]
    );
    assert_eq!(calls[1].end, 3, "it ended where it was resumed");
    assert_eq!(calls[5].end, usize::MAX);
}
