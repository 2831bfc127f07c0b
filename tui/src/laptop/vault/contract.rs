//! What every store of rows must do, as a check that any of them can be put through.
//!
//! The vault passes it on a real disk, the simulation's model store in memory: so a seed that
//! fails against the model says something about the vault. The check answers with the broken
//! rule instead of panicking; it needs an empty store and leaves rows behind.
use std::fmt;

use shared::journal::{Table, Write};

use super::rows::{Reopen, Scan};

/// A rule of the contract that a store broke.
#[derive(Debug, thiserror::Error)]
pub enum Breach {
    /// The store failed where it must not.
    #[error("{rule}: the store failed")]
    Failed {
        /// The rule that was being checked.
        rule: &'static str,
        /// What the store said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store answered something else than the contract says.
    #[error("{rule}: {found}")]
    Broken {
        /// The rule.
        rule: &'static str,
        /// What was found, in lengths, never in contents.
        found: String,
    },
}

/// Checks a store against the whole contract and gives it back.
///
/// # Errors
/// The first [`Breach`].
pub async fn check<S: Reopen>(store: S) -> Result<S, Breach> {
    let mut run = Run { store, model: Model::default() };
    run.rule("an empty store has no rows", vec![]).await?;
    run.rule(
        "rows come back in the order in which they were put",
        vec![
            Write::put(Table::Entry, "丙", "第三"),
            Write::put(Table::Entry, "甲", "第一"),
            Write::put(Table::Entry, "乙", "第二"),
        ],
    )
    .await?;
    run.rule(
        "the same key in another table is another row",
        vec![Write::put(Table::Draft, "甲", "草稿"), Write::put(Table::Meta, "甲", "")],
    )
    .await?;
    run.rule("a row put again keeps its place", vec![Write::put(Table::Entry, "丙", "改过")])
        .await?;
    run.rule(
        "a row removed and put again stands at the end",
        vec![Write::delete(Table::Entry, "甲"), Write::put(Table::Entry, "甲", "再次")],
    )
    .await?;
    run.rule(
        "writes of one commit take effect in their order",
        vec![
            Write::put(Table::Setting, "k", "1"),
            Write::put(Table::Setting, "k", "2"),
            Write::delete(Table::Setting, "k"),
            Write::put(Table::Setting, "k", "3"),
            Write::put(Table::Setting, "gone", "x"),
            Write::delete(Table::Setting, "gone"),
        ],
    )
    .await?;
    run.rule("removing what is not there does nothing", vec![Write::delete(Table::Blob, "无")])
        .await?;
    run.rule(
        "any bytes may be key or value, also none",
        vec![
            Write::put(Table::Blob, [0u8, 255, 0], [0u8; 3]),
            Write::put(Table::Blob, "", ""),
            Write::put(Table::Blob, "large", vec![7; 300_000]),
        ],
    )
    .await?;
    run = run.reopen("large rows survive a restart").await?;
    // Not carried through the walk below, where it would only cost time.
    run.rule("a large row can be removed", vec![Write::delete(Table::Blob, "large")]).await?;
    run = run.reopen("committed rows survive a restart, in order").await?;
    run.random_walk().await
}

struct Run<S> {
    store: S,
    model: Model,
}

impl<S: Reopen> Run<S> {
    /// Commits and compares every table and every key with the model.
    async fn rule(&mut self, rule: &'static str, writes: Vec<Write>) -> Result<(), Breach> {
        self.model.apply(&writes);
        self.store.commit(writes).await.map_err(|e| failed(rule, e))?;
        self.compare(rule).await
    }

    async fn compare(&mut self, rule: &'static str) -> Result<(), Breach> {
        for table in Table::ALL {
            let expected = self.model.scan(table);
            let found = self.store.scan(table).await.map_err(|e| failed(rule, e))?;
            if found != expected {
                return Err(broken(
                    rule,
                    format_args!("{}", Difference { table, expected, found }),
                ));
            }
            for (key, value) in &expected {
                let found = self.store.get(table, key).await.map_err(|e| failed(rule, e))?;
                if found.as_ref() != Some(value) {
                    return Err(broken(
                        rule,
                        format_args!("a row of {table:?} reads otherwise alone"),
                    ));
                }
            }
            let none = self.store.get(table, b"no such key").await.map_err(|e| failed(rule, e))?;
            if none.is_some() {
                return Err(broken(rule, format_args!("{table:?} has a row nobody put")));
            }
        }
        Ok(())
    }

    async fn reopen(self, rule: &'static str) -> Result<Self, Breach> {
        let store = self.store.reopen().await.map_err(|e| failed(rule, e))?;
        let mut run = Self { store, model: self.model };
        run.compare(rule).await?;
        Ok(run)
    }

    /// Three hundred commits of a fixed walk over a few keys, with restarts in between.
    async fn random_walk(mut self) -> Result<S, Breach> {
        const RULE: &str = "the store is as its model says after any sequence of commits";
        let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
        for step in 0..300 {
            let writes = (0..draw.below(6)).map(|_| draw.write()).collect::<Vec<_>>();
            self.model.apply(&writes);
            self.store.commit(writes).await.map_err(|e| failed(RULE, e))?;
            if step % 60 == 59 {
                self = self.reopen(RULE).await?;
            } else if step % 15 == 0 {
                self.compare(RULE).await?;
            }
        }
        Ok(self.store)
    }
}

fn failed(rule: &'static str, e: impl std::error::Error + Send + Sync + 'static) -> Breach {
    Breach::Failed { rule, source: Box::new(e) }
}

fn broken(rule: &'static str, found: fmt::Arguments<'_>) -> Breach {
    Breach::Broken { rule, found: found.to_string() }
}

/// The contract, as plainly as it can be said.
#[derive(Default)]
struct Model(Vec<(Table, Vec<u8>, Vec<u8>)>);

impl Model {
    fn apply(&mut self, writes: &[Write]) {
        for write in writes {
            let (table, key) = write.target();
            let at = self.0.iter().position(|(t, k, _)| (*t, k.as_slice()) == (table, key));
            match (write, at) {
                (Write::Put { value, .. }, Some(at)) => self.0[at].2.clone_from(value),
                (Write::Put { value, .. }, None) => {
                    self.0.push((table, key.to_vec(), value.clone()))
                }
                (Write::Delete { .. }, Some(at)) => drop(self.0.remove(at)),
                (Write::Delete { .. }, None) => {}
            }
        }
    }

    fn scan(&self, table: Table) -> Scan {
        self.0
            .iter()
            .filter(|(t, ..)| *t == table)
            .map(|(_, k, v)| (k.clone(), v.clone()))
            .collect()
    }
}

struct Difference {
    table: Table,
    expected: Scan,
    found: Scan,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, expected, found } = self;
        let at = expected.iter().zip(found).position(|(a, b)| a != b);
        let at = at.unwrap_or(expected.len().min(found.len()));
        write!(
            f,
            "{table:?} has {} rows for {}, differing from row {at}",
            found.len(),
            expected.len()
        )
    }
}

/// A fixed sequence of choices (xorshift): the walk is the same in every run and needs no
/// randomness.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % limit
    }

    fn write(&mut self) -> Write {
        let table = Table::ALL[self.below(Table::ALL.len() as u64) as usize];
        let key = format!("键{}", self.below(5));
        if self.below(4) == 0 {
            return Write::delete(table, key);
        }
        let len = self.below(2_000) as usize;
        Write::put(table, key, vec![self.below(256) as u8; len])
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{super::rows::Rows, *};

    /// The model itself as a store, with a choice of bugs.
    #[derive(Default)]
    struct Stub {
        model: Model,
        bug: Option<Bug>,
    }

    #[derive(Clone, Copy, PartialEq, Debug)]
    enum Bug {
        ForgetsOnRestart,
        MovesOnPut,
        DropsLastWrite,
        MixesTables,
    }

    impl Rows for Stub {
        type Error = Infallible;

        async fn commit(&mut self, mut writes: Vec<Write>) -> Result<(), Infallible> {
            match self.bug {
                Some(Bug::DropsLastWrite) if writes.len() > 4 => drop(writes.pop()),
                Some(Bug::MovesOnPut) => {
                    writes = writes
                        .into_iter()
                        .flat_map(|w| {
                            let (table, key) = w.target();
                            [Write::delete(table, key), w]
                        })
                        .collect();
                }
                _ => {}
            }
            self.model.apply(&writes);
            Ok(())
        }

        async fn scan(&mut self, table: Table) -> Result<Scan, Infallible> {
            Ok(self.model.scan(table))
        }

        async fn get(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Infallible> {
            let any = self.bug == Some(Bug::MixesTables);
            let found = self.model.0.iter().find(|(t, k, _)| (any || *t == table) && k == key);
            Ok(found.map(|(_, _, value)| value.clone()))
        }
    }

    impl Reopen for Stub {
        async fn reopen(mut self) -> Result<Self, Infallible> {
            if self.bug == Some(Bug::ForgetsOnRestart) {
                self.model.0.pop();
            }
            Ok(self)
        }
    }

    #[tokio::test]
    async fn a_right_store_passes_and_every_wrong_one_is_found() {
        assert!(check(Stub::default()).await.is_ok());
        for bug in [Bug::ForgetsOnRestart, Bug::MovesOnPut, Bug::DropsLastWrite, Bug::MixesTables] {
            let store = Stub { bug: Some(bug), ..Stub::default() };
            assert!(matches!(check(store).await, Err(Breach::Broken { .. })), "{bug:?}");
        }
    }
}
