//! The fewest splices that turn one text into another.
use super::text::TextSplice;

/// Beyond this many edited characters one splice replaces the whole middle: the search costs
/// the square of it.
const MAX_EDITS: usize = 400;

/// Returns splices that turn `old` into `new`, ascending, with positions in `old`.
///
/// Apply them from the last to the first. Positions count code points.
pub fn splices(old: &str, new: &str) -> Vec<TextSplice> {
    let a: Vec<char> = old.chars().collect();
    let b: Vec<char> = new.chars().collect();
    let prefix = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (ra, rb) = (&a[prefix..], &b[prefix..]);
    let suffix = ra.iter().rev().zip(rb.iter().rev()).take_while(|(x, y)| x == y).count();
    let (ma, mb) = (&ra[..ra.len() - suffix], &rb[..rb.len() - suffix]);
    if ma.is_empty() && mb.is_empty() {
        return Vec::new();
    }
    let whole = || vec![TextSplice { at: prefix, delete: ma.len(), insert: mb.iter().collect() }];
    if ma.is_empty() || mb.is_empty() {
        return whole();
    }
    match kept(ma, mb) {
        Some(pairs) => between(&pairs, ma.len(), mb, prefix),
        None => whole(),
    }
}

/// Returns the index pairs of the characters that stay, by Myers' greedy search.
fn kept(a: &[char], b: &[char]) -> Option<Vec<(usize, usize)>> {
    let (n, m) = (a.len(), b.len());
    // reach[d] holds the furthest x for each diagonal k = x - y from -d to d, at k + d.
    let mut reach: Vec<Vec<usize>> = Vec::new();
    for d in 0..=(n + m).min(MAX_EDITS) {
        let mut row = vec![0; 2 * d + 1];
        for k in (0..=2 * d).step_by(2) {
            let mut x = match reach.last() {
                None => 0,
                Some(prev) => step(prev, k, d).0,
            };
            // Diagonals outside the rectangle are dead; keep them at the border.
            let Some(mut y) = (x + d).checked_sub(k) else { continue };
            if x > n || y > m {
                row[k] = x;
                continue;
            }
            while x < n && y < m && a[x] == b[y] {
                x += 1;
                y += 1;
            }
            row[k] = x;
            if x == n && y == m {
                reach.push(row);
                return Some(trace(&reach, n, m));
            }
        }
        reach.push(row);
    }
    None
}

/// Returns where diagonal index `k` of round `d` starts, and whether by an insertion.
fn step(prev: &[usize], k: usize, d: usize) -> (usize, bool) {
    // In the previous round diagonal k + 1 has index k, and k - 1 has index k - 2.
    let down = (k < 2 * d - 1).then(|| prev.get(k).copied()).flatten();
    let right = k.checked_sub(2).and_then(|i| prev.get(i).copied());
    match (down, right) {
        (Some(x), Some(r)) if x > r => (x, true),
        (_, Some(r)) => (r + 1, false),
        (Some(x), None) => (x, true),
        (None, None) => (0, true),
    }
}

fn trace(reach: &[Vec<usize>], n: usize, m: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut x, mut y) = (n, m);
    for d in (0..reach.len()).rev() {
        let k = x + d - y;
        let (sx, inserted) = if d == 0 { (0, true) } else { step(&reach[d - 1], k, d) };
        while x > sx {
            x -= 1;
            y -= 1;
            out.push((x, y));
        }
        if d > 0 {
            if inserted {
                y -= 1;
            } else {
                x -= 1;
            }
        }
    }
    out.reverse();
    out
}

/// Turns the gaps between kept characters into splices.
fn between(pairs: &[(usize, usize)], n: usize, b: &[char], shift: usize) -> Vec<TextSplice> {
    let mut out = Vec::new();
    let (mut x, mut y) = (0, 0);
    for &(px, py) in pairs.iter().chain(std::iter::once(&(n, b.len()))) {
        if px > x || py > y {
            let insert = b[y..py].iter().collect();
            out.push(TextSplice { at: shift + x, delete: px - x, insert });
        }
        (x, y) = (px + 1, py + 1);
    }
    out
}
