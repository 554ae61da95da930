//! The limit of open files: raised to the hard limit at start, because every stream is a file.

use rlimit::Resource;

/// Raises the soft limit of open files to the hard one, and says what to do if that is below `wanted`.
pub fn raise_file_limit(wanted: u64) {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit >= wanted => {}
        Ok(limit) => tracing::warn!(
            limit,
            wanted,
            "few open files allowed: raise the hard limit (ulimit -Hn) of the account this runs as"
        ),
        Err(error) => {
            let limit = Resource::NOFILE.get_soft().unwrap_or_default();
            tracing::warn!(%error, limit, wanted, "the limit of open files could not be raised");
        }
    }
}
