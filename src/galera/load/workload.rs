//! What a transaction does, and the tables that it needs.

use fastrand::Rng;

use super::own::Own;

/// The table whose rows are changed all over, and the one with few rows.
pub const ITEMS: &str = "items";
pub const COUNTERS: &str = "counters";
/// Hot rows of one region. Most transactions change the first.
pub const HOT_ROWS: u64 = 4;
/// Of ten transactions, so many change the first hot row.
const FIRST_OF_TEN: u8 = 7;
/// Rows of one INSERT.
const BATCH: u64 = 1000;

/// Which rows transactions change.
#[derive(Debug, Clone)]
pub enum Workload {
    /// Two rows of `items`, each as likely as any other.
    Spread,
    /// One row of `items`, and a row of `counters`, which has few.
    Hot,
    /// The user's own statements.
    Own(Own),
}

/// The rows that a client may change.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// Rows of `items`.
    pub count: u64,
    /// How many regions they are divided into.
    pub regions: u64,
    /// The client's own region, from 0; `None`: all rows.
    pub region: Option<u64>,
}

impl Rows {
    /// An id of a table with so many rows in all, from 1, that the client may change.
    fn pick(self, rng: &mut Rng, of: u64) -> u64 {
        match self.region {
            // Ids are dealt out to the regions in turn, as auto-increment does with its step.
            Some(region) => 1 + region + self.regions * rng.u64(0..(of / self.regions.max(1)).max(1)),
            None => 1 + rng.u64(0..of.max(1)),
        }
    }

    /// The id of a hot row: mostly the first, of the region or of all.
    fn pick_hot(self, rng: &mut Rng) -> u64 {
        let which = if rng.u8(0..10) < FIRST_OF_TEN { 0 } else { rng.u64(1..HOT_ROWS) };
        which * self.regions.max(1) + self.region.unwrap_or(0) + 1
    }
}

impl Workload {
    /// The statements of the next transaction, without its beginning and its end.
    pub fn transaction(&self, rng: &mut Rng, database: &str, rows: Rows, client: usize) -> Vec<String> {
        let item = |id: u64| format!("UPDATE {database}.{ITEMS} SET amount = amount + 1 WHERE id = {id}");
        match self {
            // In the order of their ids: InnoDB's own deadlocks are another matter.
            Self::Spread => {
                let mut ids = [rows.pick(rng, rows.count), rows.pick(rng, rows.count)];
                ids.sort_unstable();
                ids.map(item).to_vec()
            }
            Self::Hot => {
                let counter = rows.pick_hot(rng);
                vec![
                    item(rows.pick(rng, rows.count)),
                    format!("UPDATE {database}.{COUNTERS} SET amount = amount + 1 WHERE id = {counter}"),
                ]
            }
            Self::Own(own) => {
                let row = rows.pick(rng, rows.count);
                own.transaction(rng, row, rows.region, client)
            }
        }
    }

    /// The statements that make the tables and fill them.
    pub fn tables(&self, database: &str, rows: Rows) -> Vec<String> {
        if let Self::Own(own) = self {
            return own
                .setup
                .iter()
                .map(|statement| statement.replace("{rows}", &rows.count.to_string()))
                .collect();
        }
        let table = |name: &str| {
            format!(
                "CREATE TABLE {database}.{name} (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL, note CHAR(60) NOT NULL) ENGINE=InnoDB"
            )
        };
        let mut statements = vec![table(ITEMS), table(COUNTERS)];
        statements.extend(filled(database, ITEMS, rows.count));
        statements.extend(filled(database, COUNTERS, HOT_ROWS * rows.regions.max(1)));
        statements
    }
}

/// Statements that give a table these rows.
fn filled(database: &str, table: &str, rows: u64) -> impl Iterator<Item = String> {
    (0..rows.div_ceil(BATCH)).map(move |batch| {
        let ids = batch * BATCH + 1..=rows.min((batch + 1) * BATCH);
        let values: Vec<_> = ids.map(|id| format!("({id},0,'row {id} of a load test')")).collect();
        format!("INSERT INTO {database}.{table} VALUES {}", values.join(","))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids(workload: &Workload, region: Option<u64>, table: &str) -> Vec<u64> {
        let (mut rng, rows) = (Rng::with_seed(7), Rows { count: 1000, regions: 3, region });
        let statements = (0..2000).flat_map(|_| workload.transaction(&mut rng, "d", rows, 0));
        let of_table = |text: String| {
            text.contains(&format!("d.{table} ")).then(|| text.rsplit(' ').next().unwrap().parse().unwrap())
        };
        statements.filter_map(of_table).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_transactions() {
        let some = |seed| {
            let (mut rng, rows) = (Rng::with_seed(seed), Rows { count: 1000, regions: 3, region: None });
            (0..20).flat_map(|_| Workload::Hot.transaction(&mut rng, "d", rows, 0)).collect::<Vec<_>>()
        };
        assert_eq!(some(1), some(1));
        assert_ne!(some(1), some(2));
    }

    #[test]
    fn every_row_that_is_changed_is_there() {
        for region in [None, Some(0), Some(2)] {
            for table in [ITEMS, COUNTERS] {
                let most = if table == ITEMS { 1000 } else { HOT_ROWS * 3 };
                assert!(ids(&Workload::Hot, region, table).iter().all(|id| (1..=most).contains(id)));
            }
        }
        let made = Workload::Hot.tables("d", Rows { count: 2500, regions: 3, region: None });
        let rows: usize = made.iter().map(|statement| statement.matches(",0,'").count()).sum();
        assert_eq!(rows, 2512);
    }

    #[test]
    fn no_row_belongs_to_two_regions() {
        for table in [ITEMS, COUNTERS] {
            let of = |region| ids(&Workload::Hot, Some(region), table).into_iter().collect::<BTreeSet<_>>();
            assert!(of(0).is_disjoint(&of(1)) && of(1).is_disjoint(&of(2)) && of(0).is_disjoint(&of(2)));
        }
        assert!(
            ids(&Workload::Spread, None, ITEMS)
                .iter()
                .any(|id| ids(&Workload::Spread, Some(1), ITEMS).contains(id))
        );
    }

    #[test]
    fn the_first_counter_is_the_hottest() {
        let counters = ids(&Workload::Hot, None, COUNTERS);
        assert!(counters.iter().filter(|id| **id == 1).count() * 2 > counters.len());
    }
}
