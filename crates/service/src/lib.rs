//! What every main() shares: telemetry, the internal port, the way to the bus, the end; and what both gateways read of a
//! request and say in an answer.

pub mod answer;
mod cookie;
mod credential;
pub mod internal;
mod limits;
mod options;
pub mod origin;
mod request;
mod shutdown;
pub mod telemetry;

pub use cookie::cookie;
pub use credential::bearer;
pub use limits::raise_file_limit;
pub use options::BusOptions;
pub use origin::{OriginOptions, Origins};
pub use request::{REQUEST_ID, RequestId, RequestSpan};
pub use shutdown::shutdown;
pub use telemetry::TelemetryOptions;

/// Makes aws-lc-rs the one TLS provider of this process. Call it first in every `main`.
pub fn install_crypto() {
    // A second call finds the same provider installed.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
