//! Pages of lists, cut in one place: by rows, before any of them is left out of what is shown.

use api::Page;

/// The rows to ask for: one more than fits says that there is a next page.
pub(crate) fn rows(limit: u64) -> u64 {
    limit + 1
}

/// One page of what [`rows`] asked for. `place` is where a row stands in the list; a row that cannot be shown takes its
/// place like any other.
pub(crate) fn of<R, T>(
    mut rows: Vec<R>,
    limit: u64,
    place: impl Fn(&R) -> String,
    shown: impl FnMut(R) -> Option<T>,
) -> Page<T> {
    let fits = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > fits;
    rows.truncate(fits);
    let next_cursor = rows.last().filter(|_| more).map(place);
    Page {
        items: rows.into_iter().filter_map(shown).collect(),
        next_cursor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is on a page of three, and where the next begins; odd ones cannot be shown.
    fn page(rows: &[u32]) -> (Vec<u32>, Option<String>) {
        let even = |row: u32| row.is_multiple_of(2).then_some(row);
        let page = of(rows.to_vec(), 3, |row| row.to_string(), even);
        (page.items, page.next_cursor)
    }

    #[test]
    fn a_row_that_is_not_shown_ends_no_list() {
        assert_eq!(page(&[9, 8, 7]), (vec![8], None));
        assert_eq!(page(&[9, 8, 7, 6]), (vec![8], Some("7".into())));
        assert_eq!(page(&[8, 6, 4, 3]), (vec![8, 6, 4], Some("4".into())));
        assert_eq!(page(&[]), (vec![], None));
    }
}
