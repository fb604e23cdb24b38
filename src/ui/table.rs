//! Aligned columns.

use super::fold::fold_line;

/// Characters to which a column is padded. `format!` cannot pad to more than 65535, and a host may
/// say anything.
const WIDEST: usize = 500;
const BETWEEN: usize = 2;

/// Rows under a header, each column as wide as its widest cell.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    table_within(header, rows, None)
}

/// The same no wider than `width`, where that is known.
///
/// The columns that do not fit stand in a table of their own below, beside the first column again: what is
/// compared stays below each other, and nothing is left out.
pub fn table_within(header: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let widths: Vec<usize> = (0..header.len()).map(|column| widest(header, rows, column)).collect();
    let groups = groups(&widths, width.unwrap_or(usize::MAX));
    let parts = groups.iter().map(|columns| part(header, rows, (columns, &widths), width));
    parts.collect::<Vec<_>>().join("\n")
}

fn widest(header: &[&str], rows: &[Vec<String>], column: usize) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
    cells.chain([header[column].chars().count()]).max().unwrap_or(0).min(WIDEST)
}

/// The columns of each table; the first column is in all of them.
fn groups(widths: &[usize], room: usize) -> Vec<Vec<usize>> {
    let (mut groups, mut used) = (vec![vec![0]], widths.first().copied().unwrap_or(0));
    for (column, width) in widths.iter().enumerate().skip(1) {
        let more = BETWEEN + width;
        match groups.last_mut() {
            Some(group) if used + more <= room || group.len() == 1 => group.push(column),
            _ => {
                groups.push(vec![0, column]);
                used = widths[0];
            }
        }
        used += more;
    }
    groups
}

/// One table. A last cell that is wider than what is left beside the others goes on in a line below.
fn part(
    header: &[&str],
    rows: &[Vec<String>],
    (columns, widths): (&[usize], &[usize]),
    width: Option<usize>,
) -> String {
    let before = columns.iter().rev().skip(1).map(|column| widths[*column] + BETWEEN).sum();
    let line = |cell: &dyn Fn(usize) -> String| {
        let padded =
            columns.iter().map(|column| format!("{:width$}", cell(*column), width = widths[*column]));
        let line = padded.collect::<Vec<_>>().join(&" ".repeat(BETWEEN)).trim_end().to_owned();
        width.map_or(line.clone(), |width| fold_line(&line, before, width)) + "\n"
    };
    let body = rows.iter().map(|row| line(&|column| row.get(column).cloned().unwrap_or_default()));
    std::iter::once(line(&|column| header[column].to_owned())).chain(body).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_may_be_of_any_width() {
        let rows = [vec!["db1".to_owned(), "x".repeat(70_000), "up".to_owned()]];
        let text = table(&["NODE", "SERVER", "SAFE"], &rows);
        assert!(text.ends_with("x  up\n"), "{}", &text[..600]);
    }

    #[test]
    fn columns_that_do_not_fit_stand_below() {
        let rows =
            ["db1", "db2"].map(|node| [node, "inactive", "1b2c3d4e:20", "0"].map(str::to_owned).to_vec());
        let text = table_within(&["NODE", "SERVER", "GRASTATE.DAT", "SAFE"], &rows, Some(28));
        let folded = "\
NODE  SERVER    GRASTATE.DAT
db1   inactive  1b2c3d4e:20
db2   inactive  1b2c3d4e:20

NODE  SAFE
db1   0
db2   0
";
        assert_eq!(text, folded);
    }

    #[test]
    fn a_cell_that_is_too_wide_goes_on_below() {
        let rows = [vec!["ports".to_owned(), "db1, db2, db3, db4, db5".to_owned()]];
        let text = table_within(&["CHECK", "NODES"], &rows, Some(28));
        assert_eq!(text, "CHECK  NODES\nports  db1, db2, db3, db4,\n       db5\n");
    }
}
