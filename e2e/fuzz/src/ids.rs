//! Texts of an address, a header or a field: identifiers, cursors, names.

use std::{fmt::Display, str::FromStr};

use domain::{
    ClusterId, Cursor, EventId, HostId, IdentityId, InvitationId, OrganizationId, SessionId,
    ShareId, TaskId, TrustId, UserId, WebhookId, WorkspaceId, limits,
};

/// Whatever is read is written again, and names are what their rules say.
pub fn ids(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    same::<ClusterId>(text);
    same::<EventId>(text);
    same::<HostId>(text);
    same::<IdentityId>(text);
    same::<InvitationId>(text);
    same::<OrganizationId>(text);
    same::<SessionId>(text);
    same::<ShareId>(text);
    same::<TaskId>(text);
    same::<TrustId>(text);
    same::<UserId>(text);
    same::<WebhookId>(text);
    same::<WorkspaceId>(text);
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string().parse(), Ok(cursor), "{text:?}");
    }
    names(text);
}

fn same<T: FromStr + Display>(text: &str) {
    if let Ok(id) = text.parse::<T>() {
        assert_eq!(id.to_string(), text);
    }
}

fn names(text: &str) {
    if limits::check_name(text).is_ok() {
        assert!(text.len() <= limits::NAME_MAX && text.is_ascii() && !text.contains(' '));
    }
    if limits::check_namespace(text).is_ok() {
        assert!((1..=63).contains(&text.len()) && text.is_ascii() && !text.contains('/'));
    }
    if limits::check_email(text).is_ok() {
        assert!(text.matches('@').count() == 1 && !text.contains(char::is_control));
    }
    if limits::check_person_name(text).is_ok() {
        assert!(!text.trim().is_empty() && !text.contains(char::is_control));
    }
}
