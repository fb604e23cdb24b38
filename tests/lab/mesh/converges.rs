//! What becomes of rows that two nodes change while they are cut off from each other.

use super::conflicts::{LAST_UPDATE_WINS, NODES, play};
use super::{hosts, release};

/// The book's table of conflicts says the same.
#[test]
#[ignore = "boots real hosts"]
fn the_last_update_wins() {
    let lab = hosts("t-mesh-wins", &release("trixie"), &NODES);
    let outcomes = play(&lab, &LAST_UPDATE_WINS);
    let told: Vec<_> = outcomes.iter().map(|it| (it.rows.clone(), it.stopped.is_empty())).collect();
    for it in &outcomes {
        println!("{}: {:?}, stopped {:?}: {:?}", it.case, it.rows, it.stopped, it.error);
        assert_eq!(it.refused, [None, None], "{}", it.case);
    }
    let everywhere = |rows: &str| (vec![rows.to_owned(); NODES.len()], true);
    let settled = ["(10,111,B)", "(1,1,B)", "no row", "no row", "no row", "(21,200,B)"];
    assert_eq!(told[..settled.len()], settled.map(everywhere));
    let last = &outcomes[settled.len()];
    assert!(!last.stopped.is_empty() && !last.is_equal(), "{:?}", last.rows);
    assert!(last.error.as_ref().is_some_and(|error| error.contains("duplicate key")), "{:?}", last.error);
}
