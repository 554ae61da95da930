//! Who shares what with whom: organizations, members, invitations, shares.

pub(crate) mod invitation;
pub(crate) mod member;
pub(crate) mod organization;
pub(crate) mod share;
