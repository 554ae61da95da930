//! Lists to their end, page by page.

use std::future::Future;

use anyhow::anyhow;
use api::{
    Page,
    client::{Client, Error},
};

use crate::{failure::Failure, session::Session};

/// Pages of one list, 20,000 things; a server that has more has lost its way.
const PAGES_MAX: usize = 100;

/// Where the next page begins; nowhere for the first.
pub(crate) type From = Option<String>;

/// What a page is asked for with.
pub(crate) fn query(from: &From) -> Vec<(&str, &str)> {
    let mut query = vec![("limit", "200")];
    query.extend(from.as_deref().map(|cursor| ("cursor", cursor)));
    query
}

/// Every page; all of them or a failure.
pub(crate) async fn all<T, F, Fut>(
    session: &mut Session,
    what: &str,
    page_from: F,
) -> Result<Vec<T>, Failure>
where
    F: Fn(Client, From) -> Fut,
    Fut: Future<Output = Result<Page<T>, Error>>,
{
    let mut items = Vec::new();
    let mut cursor: From = None;
    for _ in 0..PAGES_MAX {
        let page = session
            .call(|client| page_from(client, cursor.clone()))
            .await?;
        items.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(items);
        }
    }
    let pages = anyhow!("The list of {what} has no end after {PAGES_MAX} pages");
    Err(Failure::Other(pages))
}
