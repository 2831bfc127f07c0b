//! The signed text, taken apart into the rows of a form.
//!
//! The rendering indents content by two wide spaces below its field, so nothing that a person
//! typed can pass for a field or a heading; this reads it back by the same rule.

/// The space by which a rendering indents.
const WIDE: char = '　';
/// Fields whose entries are names followed by ids; the ids are for machines.
const NAMED: &[&str] = &["谈话及记录人员", "佐证材料", "发表人"];

/// A form's text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Lines {
    /// The name of the form.
    pub(super) title: String,
    /// Its rows, in order.
    pub(super) rows: Vec<Row>,
    /// The version of the rendering: `（格式 1）`.
    pub(super) version: String,
}

/// One row of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// A field and its content, by lines.
    Field {
        /// How deep below an item: 0 or 1.
        depth: usize,
        /// Its name.
        name: String,
        /// Its content; at least one line, maybe empty.
        lines: Vec<String>,
    },
    /// The heading of an item: 陈述1.
    Item(String),
}

impl Lines {
    /// Takes a rendering apart.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = text.lines();
        let mut out = Self { title: lines.next().unwrap_or_default().into(), ..Self::default() };
        for line in lines {
            out.line(line);
        }
        out
    }

    fn line(&mut self, line: &str) {
        let margin = line.chars().take_while(|c| *c == WIDE).count();
        if let Some(Row::Field { depth, lines, .. }) = self.rows.last_mut()
            && margin >= *depth + 2
        {
            let rest: String = line.chars().skip(*depth + 2).collect();
            match &mut lines[..] {
                [first] if first.is_empty() => *first = rest,
                _ => lines.push(rest),
            }
            return;
        }
        let rest = line.trim_start_matches(WIDE);
        if let Some((name, value)) = rest.split_once('：') {
            let value = if NAMED.contains(&name) { without_ids(value) } else { value.into() };
            let depth = margin.min(1);
            self.rows.push(Row::Field { depth, name: name.into(), lines: vec![value] });
        } else if rest.starts_with("（格式") {
            self.version = rest.into();
        } else {
            self.rows.push(Row::Item(without_ids(rest)));
        }
    }
}

/// Takes out ids that stand after a name: ` [0190…]`.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(" [") {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let id = tail[2..]
            .split_once(']')
            .filter(|(id, _)| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        match id {
            Some((_, after)) => rest = after,
            None => {
                out.push_str(" [");
                rest = &tail[2..];
            }
        }
    }
    out.push_str(rest);
    out
}
