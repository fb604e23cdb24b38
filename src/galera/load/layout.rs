//! Which nodes take writes.

use serde::Serialize;

/// How many nodes write, and whether each has rows of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Layout {
    pub writers: usize,
    /// Each writer changes the rows of its own region only.
    pub regions: bool,
}

impl Layout {
    /// The layouts that `--compare` runs, one after the other: one writer, two and so on, then each its own rows.
    pub fn compared(writers: usize) -> Vec<Self> {
        let any = (1..=writers).map(|writers| Self { writers, regions: false });
        let regions = (writers > 1).then_some(Self { writers, regions: true });
        any.chain(regions).collect()
    }

    pub fn name(self) -> String {
        match (self.regions, self.writers) {
            (true, writers) => format!("{writers} regions"),
            (false, 1) => "1 writer".into(),
            (false, writers) => format!("{writers} writers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    #[test]
    fn the_layouts_that_are_compared() {
        let names = |writers| Layout::compared(writers).into_iter().map(Layout::name).collect::<Vec<_>>();
        assert_eq!(names(3), ["1 writer", "2 writers", "3 writers", "3 regions"]);
        assert_eq!(names(1), ["1 writer"]);
    }
}
