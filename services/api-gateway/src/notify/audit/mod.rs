//! The audit as it is read: pages of it, and files.

pub(crate) mod http;

use std::sync::Arc;

use api::{Page, audit::AuditEntry};
use domain::{Action, OrganizationId};
use futures_util::{Stream, stream::try_unfold};

use crate::kernel::{
    actor::Actor,
    audit::{
        allowed,
        sql::{self, Filter},
    },
    error::Error,
    page,
    state::App,
    tenant,
};

/// The audit of one organization to who may read it; of everything to the installation's
/// administrators; one's own acts to everyone.
pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    organization: Option<OrganizationId>,
    mut filter: Filter,
) -> Result<Page<AuditEntry>, Error> {
    match organization.or(actor.only()) {
        Some(id) if !actor.is_admin => {
            let found = tenant::permitted(&app.people, actor, Action::AuditRead, Some(id));
            filter.organization = Some(found.await?.id);
        }
        Some(id) => filter.organization = Some(id.uuid()),
        None if !actor.is_admin => filter.user = Some(actor.user),
        None => {}
    }
    let limit = filter.limit;
    filter.limit = page::rows(limit);
    let entries = sql::list(&app.people, &filter).await?;
    let place = |entry: &AuditEntry| entry.number.to_string();
    Ok(page::of(entries, limit, place, Some))
}

/// Entries of one piece of an export: two of them are in memory at once.
const EXPORT_PAGE: u64 = 1_000;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A JSON object a line.
    #[default]
    Ndjson,
    Csv,
}

/// All that [`list`] lists, newest first, a page at a time as fast as it is read. Each page is asked for by the right of
/// that moment; when that ends, so does the connection, before the file does.
pub(crate) async fn export(
    app: Arc<App>,
    actor: Actor,
    organization: Option<OrganizationId>,
    mut filter: Filter,
    format: Format,
) -> Result<impl Stream<Item = Result<String, Error>>, Error> {
    filter.limit = EXPORT_PAGE;
    let first = list(&app, &actor, organization, filter.clone()).await?;
    allowed(&app.people, &actor).await?;
    let head = match format {
        Format::Ndjson => String::new(),
        Format::Csv => api::audit::csv_head(),
    };
    let begin = (app, actor, filter, Some((head, first)));
    Ok(try_unfold(
        begin,
        move |(app, actor, mut filter, now)| async move {
            let Some((mut text, page)) = now else {
                return Ok(None);
            };
            for entry in &page.items {
                match format {
                    Format::Ndjson => {
                        let line = serde_json::to_string(entry);
                        text += &line.map_err(|error| Error::Internal(error.into()))?;
                        text.push('\n');
                    }
                    Format::Csv => text += &entry.csv(),
                }
            }
            let next = match page.next_cursor {
                Some(cursor) => {
                    filter.before = cursor.parse().ok();
                    let page = list(&app, &actor, organization, filter.clone()).await?;
                    Some((String::new(), page))
                }
                None => None,
            };
            Ok(Some((text, (app, actor, filter, next))))
        },
    ))
}
