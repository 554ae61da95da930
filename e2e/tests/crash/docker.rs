//! The worker's points of create and delete, on the Docker engine.
