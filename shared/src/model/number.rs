//! Two-stage numbers (预编号 and 正式编号), domain §2.5. Labels, never keys.
use std::fmt;

use serde::{Deserialize, Serialize};

use super::DeviceId;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// Interview.
    IN,
    /// Evidence.
    EV,
    /// Workpaper.
    WP,
    /// Finding.
    FD,
    /// Notice.
    NT,
    /// Consultation.
    CF,
    /// Measure.
    MS,
}

impl fmt::Display for NumberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IN => "IN",
            Self::EV => "EV",
            Self::WP => "WP",
            Self::FD => "FD",
            Self::NT => "NT",
            Self::CF => "CF",
            Self::MS => "MS",
        })
    }
}

/// Returns the official number: `2026R2-G3-WP-017`.
pub fn official(prefix: &str, kind: NumberKind, seq: u32) -> String {
    format!("{prefix}-{kind}-{seq:03}")
}

/// Returns the provisional number a device gives at birth: `2026R2-G3-WP-~B7KA`.
///
/// The device's tag makes it unique among the devices of a space; `counter` is the device's
/// own count of records of that kind in that space.
pub fn provisional(prefix: &str, kind: NumberKind, device: DeviceId, counter: u32) -> String {
    format!("{prefix}-{kind}-~{}{}", device.tag(), base32(counter))
}

fn base32(mut n: u32) -> String {
    const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut out = Vec::new();
    loop {
        out.push(char::from(SIGNS[(n % 32) as usize]));
        n /= 32;
        if n == 0 {
            break;
        }
    }
    out.iter().rev().collect()
}
