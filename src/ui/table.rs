//! Aligned columns.

/// Characters to which a column is padded. `format!` cannot pad to more than 65535, and a host may
/// say anything.
const WIDEST: usize = 500;

/// Rows under a header, each column as wide as its widest cell.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0).min(WIDEST)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let body = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    std::iter::once(line(header.to_vec())).chain(body).collect()
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
}
