//! One cluster in this worker's hands, until its goal is reached, given up or somebody else's.

mod act;
mod holding;
mod report;
mod step_loop;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

pub(crate) use holding::Holding;
