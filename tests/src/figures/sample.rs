//! What was measured: numbers, their median and spread, and the reference beside them.
use std::fmt::Write as _;

use serde_json::{Value, json};

/// Measurements of one thing, in one unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// One measurement that has no spread.
    pub(crate) fn one(value: f64) -> Self {
        Self(vec![value])
    }

    /// Takes a measurement in.
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Takes all of these in.
    pub(crate) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the value below which a share of the measurements lies.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let at = (share * last as f64).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }

    /// Returns the median.
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    fn json(&self) -> Value {
        json!({
            "n": self.len(),
            "median": self.median(),
            "p10": self.quantile(0.1),
            "p90": self.quantile(0.9),
            "p99": self.quantile(0.99),
            "least": self.quantile(0.0),
            "most": self.quantile(1.0),
        })
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

/// One line of a figure.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// What was measured.
    pub(crate) what: String,
    /// In which unit.
    pub(crate) unit: &'static str,
    /// The measurements.
    pub(crate) ours: Samples,
    /// What it stands beside, measured in the same run.
    pub(crate) beside: Option<(&'static str, Samples)>,
}

impl Line {
    /// A line with a reference.
    pub(crate) fn beside(
        what: impl Into<String>,
        unit: &'static str,
        ours: Samples,
        reference: &'static str,
        theirs: &Samples,
    ) -> Self {
        let beside = Some((reference, theirs.clone()));
        Self { what: what.into(), unit, ours, beside }
    }

    /// A line that only says what something is made of.
    pub(crate) fn alone(what: impl Into<String>, unit: &'static str, ours: Samples) -> Self {
        Self { what: what.into(), unit, ours, beside: None }
    }

    fn ratio(&self) -> Option<f64> {
        let (_, theirs) = self.beside.as_ref()?;
        Some(self.ours.median() / theirs.median()).filter(|r| r.is_finite())
    }
}

/// All lines of one figure.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The lines.
    pub(crate) lines: Vec<Line>,
}

/// Writes a number with as many digits as say something.
fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => group(value.round() as i64),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn group(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn spread(samples: &Samples) -> String {
    match samples.len() {
        0 | 1 => "–".to_owned(),
        // Few enough to name the ends.
        2..=9 => {
            format!("{} … {}", number(samples.quantile(0.0)), number(samples.quantile(1.0)))
        }
        _ => format!("{} … {}", number(samples.quantile(0.1)), number(samples.quantile(0.9))),
    }
}

fn p99(samples: &Samples) -> String {
    if samples.len() < 100 { "–".to_owned() } else { number(samples.quantile(0.99)) }
}

fn cells(line: &Line) -> [String; 8] {
    let (reference, theirs, around) = match &line.beside {
        Some((name, theirs)) => ((*name).to_owned(), number(theirs.median()), spread(theirs)),
        None => Default::default(),
    };
    [
        line.what.clone(),
        format!("{} {}", number(line.ours.median()), line.unit),
        spread(&line.ours),
        p99(&line.ours),
        reference,
        theirs,
        around,
        line.ratio().map(|r| format!("{} ×", number(r))).unwrap_or_default(),
    ]
}

const HEADS: [&str; 8] =
    ["what", "median", "spread", "p99", "reference", "its median", "its spread", "ratio"];

/// Writes figures as tables of a page.
pub(crate) fn markdown(figures: &[Figure]) -> String {
    let mut out = String::new();
    for figure in figures {
        // Writing to a string does not fail.
        let _ = writeln!(out, "### {}\n\n| {} |", figure.name, HEADS.join(" | "));
        let _ = writeln!(out, "|---|--:|---|--:|---|--:|---|--:|");
        for line in &figure.lines {
            let _ = writeln!(out, "| {} |", cells(line).join(" | "));
        }
        out.push('\n');
    }
    out
}

/// Writes one figure for a terminal.
pub(crate) fn text(figure: &Figure) -> String {
    let rows: Vec<[String; 8]> = figure.lines.iter().map(cells).collect();
    let heads = HEADS.map(str::to_owned);
    let width = |i: usize| {
        let all = rows.iter().chain([&heads]);
        all.map(|r| r[i].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEADS.len()).map(width).collect();
    let mut out = format!("{}\n", figure.name);
    for row in [&heads].into_iter().chain(&rows) {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, " {cell:<width$} ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// Writes figures for a program.
pub(crate) fn json(figures: &[Figure]) -> Value {
    let line = |l: &Line| {
        json!({
            "what": l.what,
            "unit": l.unit,
            "ours": l.ours.json(),
            "reference": l.beside.as_ref().map(|(name, s)| json!({ "name": name, "of": s.json() })),
            "ratio": l.ratio(),
        })
    };
    figures
        .iter()
        .map(|f| json!({ "figure": f.name, "lines": f.lines.iter().map(line).collect::<Vec<_>>() }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_and_a_spread_names_the_ends_of_few() {
        let samples: Samples = [9.0, 1.0, 5.0].into_iter().collect();
        assert_eq!(samples.median(), 5.0);
        assert_eq!(spread(&samples), "1.00 … 9.00");
        let many: Samples = (0..=100).map(f64::from).collect();
        assert_eq!((many.quantile(0.99), spread(&many)), (99.0, "10.0 … 90.0".to_owned()));
    }

    #[test]
    fn a_ratio_says_how_many_times_the_reference() {
        let line = Line::beside("x", "ms", Samples::one(12.0), "y", &Samples::one(4.0));
        assert_eq!(cells(&line)[7], "3.00 ×");
        assert_eq!(cells(&Line::alone("x", "ms", Samples::one(12_345.0)))[1], "12,345 ms");
    }
}
