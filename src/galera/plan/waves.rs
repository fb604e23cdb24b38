//! Which nodes can join at once, so that each finds a free donor.
//!
//! Galera gives a joiner a Synced donor of its own segment, which gives to nobody else until the
//! transfer has ended. A joiner whose segment has any member waits for one of those. Only the first
//! one of a segment is served from another segment, and by whichever of its members Galera likes
//! (`group_find_node_by_state` in Galera's gcs_group.cpp).

use std::collections::{BTreeMap, BTreeSet};

/// `gmcast.segment`.
pub type Segment = u8;

/// Puts the joiners into waves, those of one segment in the order given. The first one of a segment
/// goes before others, because a segment grows by itself only once it has a member. `synced` are the
/// members by segment, 0 where those of a segment are busy; `kept` of them all stay free for clients,
/// as long as there are more. A node that has joined is a member from the next wave on.
pub fn waves<T>(
    mut synced: BTreeMap<Segment, usize>,
    kept: usize,
    joiners: impl IntoIterator<Item = (Segment, T)>,
) -> Vec<Vec<T>> {
    let mut waiting: Vec<_> = joiners.into_iter().collect();
    let mut waves = Vec::new();
    while !waiting.is_empty() {
        let mut wave = Wave::new(&synced, kept);
        let is_first = |(_, (segment, _)): &(usize, &(Segment, T))| !synced.contains_key(segment);
        let (first, local): (Vec<_>, Vec<_>) = waiting.iter().enumerate().partition(is_first);
        let chosen = first.into_iter().chain(local).filter(|(_, (segment, _))| wave.takes(*segment));
        let mut chosen: BTreeSet<usize> = chosen.map(|(number, _)| number).collect();
        // Where no donor is free, the next one waits for it alone.
        if chosen.is_empty() {
            chosen.insert(0);
        }
        let (starting, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().enumerate().partition(|(number, _)| chosen.contains(number));
        for (_, (segment, _)) in &starting {
            *synced.entry(*segment).or_default() += 1;
        }
        waves.push(starting.into_iter().map(|(_, (_, joiner))| joiner).collect());
        waiting = later.into_iter().map(|(_, joiner)| joiner).collect();
    }
    waves
}

/// The donors of one wave, and what is taken of them.
struct Wave<'a> {
    synced: &'a BTreeMap<Segment, usize>,
    /// How many more may give at all.
    free: usize,
    /// Transfers within a segment.
    local: BTreeMap<Segment, usize>,
    /// Segments that get their first member. Each takes a donor from no one knows which other segment.
    first: BTreeSet<Segment>,
}

impl<'a> Wave<'a> {
    fn new(synced: &'a BTreeMap<Segment, usize>, kept: usize) -> Self {
        let members: usize = synced.values().sum();
        let free = members.saturating_sub(kept).max(members.min(1));
        Self { synced, free, local: BTreeMap::new(), first: BTreeSet::new() }
    }

    /// Whether one more joiner of this segment certainly finds a donor; if so, it is counted.
    fn takes(&mut self, segment: Segment) -> bool {
        if self.free == 0 || self.first.contains(&segment) {
            return false;
        }
        let inside = self.synced.contains_key(&segment);
        let elsewhere = self.first.len() + usize::from(!inside);
        let fits = self.synced.iter().all(|(other, synced)| {
            let local = self.local.get(other).unwrap_or(&0) + usize::from(inside && *other == segment);
            local == 0 || local + elsewhere <= *synced
        });
        if fits {
            self.free -= 1;
            match inside {
                true => *self.local.entry(segment).or_default() += 1,
                false => drop(self.first.insert(segment)),
            }
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sizes of the waves in which so many nodes of one segment join.
    fn sizes(members: usize, kept: usize, joiners: usize) -> Vec<usize> {
        let waves = waves(BTreeMap::from([(0, members)]), kept, (0..joiners).map(|joiner| (0, joiner)));
        assert_eq!(waves.concat(), (0..joiners).collect::<Vec<_>>(), "another order than the inventory's");
        waves.iter().map(Vec::len).collect()
    }

    /// The names of the nodes that join, as `a` of segment 0, `b` of segment 1.
    fn named(synced: &[(Segment, usize)], kept: usize, joiners: &str) -> Vec<String> {
        let joiners = joiners.split(' ').map(|name| (name.as_bytes()[0] - b'a', name));
        let waves = waves(synced.iter().copied().collect(), kept, joiners);
        waves.into_iter().map(|wave| wave.join(" ")).collect()
    }

    #[test]
    fn a_hundred_nodes_join_in_seven_waves() {
        assert_eq!(sizes(1, 0, 99), [1, 2, 4, 8, 16, 32, 36]);
        assert_eq!(sizes(1, 0, 6), [1, 2, 3]);
    }

    #[test]
    fn a_member_stays_free_for_clients() {
        assert_eq!(sizes(3, 1, 8), [2, 4, 2]);
        assert_eq!(sizes(2, 1, 3), [1, 2]);
        // The only member must give.
        assert_eq!(sizes(1, 1, 3), [1, 1, 1]);
    }

    #[test]
    fn a_new_segment_gets_one_transfer_from_outside_and_then_grows_by_itself() {
        let expected = ["b1", "a2 b2", "a3 a4 b3 b4"];
        assert_eq!(named(&[(0, 1)], 0, "a2 a3 a4 b1 b2 b3 b4"), expected);
        assert_eq!(named(&[(0, 4)], 1, "b1 b2 b3 b4"), ["b1", "b2", "b3 b4"]);
        assert_eq!(named(&[(0, 3)], 1, "b1 c1 d1"), ["b1 c1", "d1"]);
    }

    #[test]
    fn a_transfer_from_outside_may_take_any_donor() {
        // Either segment's only donor may be the one that c1 gets.
        assert_eq!(named(&[(0, 1), (1, 1)], 0, "c1 a2 b2"), ["c1", "a2 b2"]);
        assert_eq!(named(&[(0, 2), (1, 2)], 0, "c1 a3 b3 a4"), ["c1 a3 b3", "a4"]);
    }

    #[test]
    fn where_every_member_is_busy_one_joiner_waits_alone() {
        assert_eq!(named(&[(0, 0)], 1, "a2 a3 a4"), ["a2", "a3", "a4"]);
        assert_eq!(named(&[(0, 0)], 0, "b1 a2"), ["b1", "a2"]);
    }

    fn segments(most: usize) -> impl Strategy<Value = Vec<Segment>> {
        prop::collection::vec(0..4_u8, 0..most)
    }

    /// Whether each joiner of a wave gets a donor, also where every transfer from outside takes the one
    /// that is needed most.
    fn donors_found(synced: &BTreeMap<Segment, usize>, wave: &[Segment]) -> bool {
        let (mut spare, mut first) = (synced.clone(), BTreeSet::new());
        for segment in wave {
            match spare.get_mut(segment) {
                Some(0) => return false,
                Some(donors) => *donors -= 1,
                None if !first.insert(*segment) => return false,
                None => {}
            }
        }
        let needed = |segment: &Segment| spare[segment] < synced[segment];
        let least = spare.keys().filter(|segment| needed(segment)).map(|segment| spare[segment]).min();
        first.len() <= least.unwrap_or(usize::MAX) && first.len() <= spare.values().sum()
    }

    proptest! {
        #[test]
        fn every_joiner_joins_once_in_order_with_a_donor_of_its_own(
            members in segments(8), joiners in segments(40), kept in 0..2_usize
        ) {
            let mut synced = BTreeMap::new();
            for segment in members {
                *synced.entry(segment).or_insert(0) += 1;
            }
            let numbered = joiners.iter().enumerate().map(|(number, segment)| (*segment, number));
            let waves = waves(synced.clone(), kept, numbered);
            for segment in 0..4 {
                let of = |number: &usize| joiners[*number] == segment;
                let joined: Vec<_> = waves.iter().flatten().copied().filter(of).collect();
                prop_assert_eq!(joined, (0..joiners.len()).filter(of).collect::<Vec<_>>());
            }
            for wave in waves {
                prop_assert!(wave.is_sorted() && !wave.is_empty());
                let wave: Vec<_> = wave.iter().map(|number| joiners[*number]).collect();
                let total: usize = synced.values().sum();
                prop_assert!(wave.len() == 1 || wave.len() + kept <= total);
                prop_assert!(total == 0 || donors_found(&synced, &wave), "{wave:?} of {synced:?}");
                for segment in wave {
                    *synced.entry(segment).or_default() += 1;
                }
            }
        }
    }
}
