//! A table cut into chunks by its key, and chunks that differ cut into smaller ones, down to their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::asked::{Asked, Trouble};
use super::side_by_side::side_by_side;
use super::table::{Digest, Key, Range, Table};
use crate::kernel::model::NodeName;

/// A piece of a chunk that differs is cut into about so many.
const PIECES: u64 = 8;
/// By so much a range is made smaller that took a node too long.
const SHORTER: u64 = 10;

/// How large the pieces are, and how often they are looked at.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Rows of the first chunk. The next ones are as large as a node reads in `pace`.
    pub first: u64,
    pub least: u64,
    pub most: u64,
    pub pace: Duration,
    /// Rows that are compared one by one.
    pub rows: u64,
    /// After so many rows of a table that seem to differ, no more chunks are cut down to rows.
    pub suspects: usize,
    /// The most looks at a row that differs.
    pub looks: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first: 2000,
            least: 200,
            most: 500_000,
            pace: Duration::from_millis(500),
            rows: 200,
            suspects: 10_000,
            looks: 12,
        }
    }
}

/// A node did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub node: NodeName,
    pub why: String,
}

/// What each of the nodes has under one key: a row's hash, or nothing. In the nodes' order.
pub type Seen = Vec<Option<String>>;

/// A small range with rows that differed at the first look.
pub struct Leaf {
    pub range: Range,
    pub suspects: BTreeMap<Key, Seen>,
}

/// A table after its first look.
#[derive(Default)]
pub struct Walked {
    /// Of each node, in the nodes' order.
    pub rows: Vec<u64>,
    pub chunks: u64,
    pub leaves: Vec<Leaf>,
    /// Chunks that differ and were not cut down to rows.
    pub unopened: u64,
}

impl Walked {
    pub fn suspects(&self) -> usize {
        self.leaves.iter().map(|leaf| leaf.suspects.len()).sum()
    }
}

/// One table on the nodes that have it.
pub struct Chunks<'a, A> {
    pub asked: &'a A,
    pub table: &'a Table,
    pub nodes: &'a [NodeName],
    pub limits: &'a Limits,
    /// The node by whose keys the table is cut.
    pub cutter: &'a NodeName,
}

impl<A: Asked> Chunks<'_, A> {
    /// Goes once through the whole table.
    pub async fn walk(&self, tell: &mut (dyn FnMut(&Walked) + Send)) -> Result<Walked, Failure> {
        let mut walked = Walked { rows: vec![0; self.nodes.len()], ..Walked::default() };
        let (mut from, mut size) = (None, self.limits.first);
        loop {
            let (range, digests) = self.chunk(from, &mut size).await?;
            for (rows, digest) in walked.rows.iter_mut().zip(&digests) {
                *rows += digest.rows;
            }
            walked.chunks += 1;
            if differ(&digests) {
                self.narrow(range.clone(), &mut walked).await?;
            }
            tell(&walked);
            if range.to.is_none() {
                return Ok(walked);
            }
            size = self.next_size(size, &digests);
            from = range.to;
        }
    }

    /// The next chunk, and what the nodes say of it.
    async fn chunk(&self, from: Option<Key>, size: &mut u64) -> Result<(Range, Vec<Digest>), Failure> {
        let mut range = Range { from, to: None };
        range.to = self.key_after(self.cutter, &range, size).await?;
        loop {
            let answers =
                side_by_side(self.nodes.iter().map(|node| self.asked.digest(node, self.table, &range)));
            let slow = answers.await.into_iter().zip(self.nodes);
            let mut digests = Vec::new();
            let mut too_long = None;
            for (answer, node) in slow {
                match answer {
                    Ok(digest) => digests.push(digest),
                    Err(Trouble::TooLong) => too_long = Some(node),
                    Err(Trouble::Failed(why)) => return Err(Failure { node: node.clone(), why }),
                }
            }
            let Some(node) = too_long else { return Ok((range, digests)) };
            *size = (*size / SHORTER).max(1);
            match self.key_after(node, &range, size).await? {
                Some(key) if *size > 1 => range.to = Some(key),
                _ => return Err(self.too_long(node)),
            }
        }
    }

    /// As [`Asked::key_after`]; fewer rows where so many take the node too long.
    async fn key_after(
        &self,
        node: &NodeName,
        range: &Range,
        rows: &mut u64,
    ) -> Result<Option<Key>, Failure> {
        loop {
            match self.asked.key_after(node, self.table, range, *rows).await {
                Ok(key) => return Ok(key),
                Err(Trouble::TooLong) if *rows > 1 => *rows = (*rows / SHORTER).max(1),
                Err(Trouble::TooLong) => return Err(self.too_long(node)),
                Err(Trouble::Failed(why)) => return Err(Failure { node: node.clone(), why }),
            }
        }
    }

    fn too_long(&self, node: &NodeName) -> Failure {
        let why =
            format!("{}: it takes too long to read, and cannot be cut into smaller pieces", self.table.name);
        Failure { node: node.clone(), why }
    }

    fn next_size(&self, size: u64, digests: &[Digest]) -> u64 {
        let slowest = digests.iter().map(|digest| digest.took).max().unwrap_or_default();
        let slowest = slowest.max(Duration::from_millis(1));
        let fitting = u128::from(size) * self.limits.pace.as_millis() / slowest.as_millis();
        let fitting = u64::try_from(fitting).unwrap_or(u64::MAX);
        fitting.clamp(size / 4, size.saturating_mul(4)).clamp(self.limits.least, self.limits.most)
    }

    /// What all nodes say of a range.
    pub async fn digests(&self, range: &Range) -> Result<Vec<Digest>, Failure> {
        let answers = side_by_side(self.nodes.iter().map(|node| self.asked.digest(node, self.table, range)));
        self.all(answers.await)
    }

    /// The rows of a small range, by their keys.
    pub async fn rows(&self, range: &Range) -> Result<BTreeMap<Key, Seen>, Failure> {
        let answers = side_by_side(self.nodes.iter().map(|node| self.asked.rows(node, self.table, range)));
        let mut seen: BTreeMap<Key, Seen> = BTreeMap::new();
        for (place, rows) in self.all(answers.await)?.into_iter().enumerate() {
            for row in rows {
                seen.entry(row.key).or_insert_with(|| vec![None; self.nodes.len()])[place] = Some(row.hash);
            }
        }
        Ok(seen)
    }

    fn all<T>(&self, answers: Vec<Result<T, Trouble>>) -> Result<Vec<T>, Failure> {
        let answers = answers.into_iter().zip(self.nodes);
        let told = answers.map(|(answer, node)| {
            answer.map_err(|trouble| match trouble {
                Trouble::TooLong => self.too_long(node),
                Trouble::Failed(why) => Failure { node: node.clone(), why },
            })
        });
        told.collect()
    }

    /// Finds the rows in which a chunk differs. A write that was on its way to a node is not looked for.
    async fn narrow(&self, chunk: Range, walked: &mut Walked) -> Result<(), Failure> {
        self.settle(1).await?;
        let digests = self.digests(&chunk).await?;
        if !differ(&digests) {
            return Ok(());
        }
        let mut left = vec![(chunk, digests)];
        while let Some((range, digests)) = left.pop() {
            if walked.suspects() >= self.limits.suspects {
                walked.unopened += 1;
                continue;
            }
            for piece in self.pieces(&range, &digests).await? {
                let digests = self.digests(&piece).await?;
                let small = digests.iter().all(|digest| digest.rows <= self.limits.rows);
                match (differ(&digests), small || piece == range) {
                    (false, _) => {}
                    (true, false) => left.push((piece, digests)),
                    (true, true) => walked.leaves.extend(self.leaf(piece).await?),
                }
            }
        }
        Ok(())
    }

    /// Cut by the keys of the node that has most rows there: at the next level, no node has more than it.
    async fn pieces(&self, range: &Range, digests: &[Digest]) -> Result<Vec<Range>, Failure> {
        let most = digests.iter().zip(self.nodes).max_by_key(|(digest, _)| digest.rows);
        let Some((digest, node)) = most else { return Ok(Vec::new()) };
        let mut every = (digest.rows / PIECES).max(self.limits.rows / 2).max(1);
        let (mut pieces, mut rest) = (Vec::new(), range.clone());
        if digest.rows <= self.limits.rows {
            return Ok(vec![rest]);
        }
        while let Some(key) = self.key_after(node, &rest, &mut every).await? {
            if rest.from.as_ref() == Some(&key) {
                break;
            }
            pieces.push(Range { from: rest.from.take(), to: Some(key.clone()) });
            rest.from = Some(key);
        }
        pieces.push(rest);
        Ok(pieces)
    }

    async fn leaf(&self, range: Range) -> Result<Option<Leaf>, Failure> {
        let mut suspects = self.rows(&range).await?;
        suspects.retain(|_, seen| is_unequal(seen));
        Ok((!suspects.is_empty()).then_some(Leaf { range, suspects }))
    }

    /// What was on its way to a node has arrived.
    pub async fn settle(&self, look: u32) -> Result<(), Failure> {
        let answers = side_by_side(self.nodes.iter().map(|node| self.asked.settle(node, look))).await;
        for (answer, node) in answers.into_iter().zip(self.nodes) {
            let why = match answer {
                Ok(()) => continue,
                Err(Trouble::TooLong) => "it does not catch up with the others' writes".to_owned(),
                Err(Trouble::Failed(why)) => why,
            };
            return Err(Failure { node: node.clone(), why });
        }
        Ok(())
    }
}

pub fn differ(digests: &[Digest]) -> bool {
    digests.iter().any(|digest| !digest.agrees(&digests[0]))
}

pub fn is_unequal(seen: &Seen) -> bool {
    seen.iter().collect::<BTreeSet<_>>().len() > 1
}
