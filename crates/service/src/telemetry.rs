//! Logs on stderr, traces to an OpenTelemetry collector if one is named, metrics for Prometheus.

use std::sync::OnceLock;

use anyhow::Context;
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// What a service says of itself, and to whom.
#[derive(Debug, Clone, clap::Args)]
pub struct TelemetryOptions {
    /// What is logged, as a filter: `info`, `debug,sqlx=warn` …
    #[arg(
        long,
        env = "LABYARD_LOG",
        default_value = "info,sqlx=warn,kube_client=off"
    )]
    pub log: String,
    /// `text` or `json`
    #[arg(long, env = "LABYARD_LOG_FORMAT", default_value = "text")]
    pub log_format: String,
    /// Where traces go (OTLP over HTTP); off if absent
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
}

/// Sends what is left when dropped.
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

/// Of every duration but [`BY_ROUTE`] the last minute's quantiles are on `/metrics` as they are. They
/// are few series, and each is exact to a thousandth, which buckets around a millisecond are not.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// The API's answers by method, route and status are hundreds of series: buckets, since one summary
/// may grow to 260 KB, and buckets of several replicas can be added. Their steps are small where the
/// answers are, between 1 and 10 ms, no more than half of what is below.
const BY_ROUTE: &str = "http_server_request_duration_seconds";
const BUCKETS: [f64; 24] = [
    0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.0125, 0.015,
    0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0, 60.0,
];

/// Sets up logs, traces and metrics for the whole process. Call it once, before the async runtime's
/// work begins.
///
/// # Errors
/// When the filter or the collector's address cannot be used.
pub fn init(service: &'static str, options: &TelemetryOptions) -> anyhow::Result<Telemetry> {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let filter = EnvFilter::try_new(&options.log).context("LABYARD_LOG is no log filter")?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match options.log_format.as_str() {
        "json" => lines.json().flatten_event(true).boxed(),
        _ => lines.with_ansi(false).compact().boxed(),
    };
    let provider = options
        .otlp_endpoint
        .as_deref()
        .map(|endpoint| provider(service, endpoint))
        .transpose()?;
    let traces = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer(service)));
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(traces)
        .try_init()
        .context("logs are set up twice")?;
    prometheus();
    Ok(Telemetry { provider })
}

fn provider(service: &'static str, endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    use opentelemetry_otlp::WithExportConfig;
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .context("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used")?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(service).build())
        .build())
}

/// The process's metrics; the first call installs the recorder.
pub(crate) fn prometheus() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder was there first");
        }
        handle
    })
}

fn recorder() -> PrometheusRecorder {
    let builder = PrometheusBuilder::new().set_quantiles(&QUANTILES);
    let by_route = Matcher::Full(BY_ROUTE.to_owned());
    builder
        .and_then(|builder| builder.set_buckets_for_metric(by_route, &BUCKETS))
        // Both fail for an empty list alone.
        .unwrap_or_default()
        .build_recorder()
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::debug!(%error, "some spans were not sent");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What is on `/metrics` after durations of 1 to 1,000 hundredths of a millisecond.
    fn measured(name: &'static str) -> String {
        let recorder = recorder();
        metrics::with_local_recorder(&recorder, || {
            let histogram = metrics::histogram!(name);
            // The window begins with what is first taken up, and holds nothing older.
            histogram.record(0.005);
            recorder.handle().run_upkeep();
            (1..=1_000).for_each(|step| histogram.record(f64::from(step) / 100_000.0));
        });
        recorder.handle().render()
    }

    #[test]
    fn a_lag_of_milliseconds_has_its_quantiles() {
        let text = measured("labyard_log_lag_seconds");
        for (quantile, expected) in [("0.5", 0.005), ("0.95", 0.0095), ("0.99", 0.0099)] {
            let line = format!("labyard_log_lag_seconds{{quantile=\"{quantile}\"}} ");
            let value = text.lines().find_map(|text| text.strip_prefix(&line));
            let value: f64 = value.unwrap_or_else(|| panic!("{text}")).parse().unwrap();
            assert!(
                (value / expected - 1.0).abs() < 0.003,
                "{quantile}: {value}"
            );
        }
    }

    #[test]
    fn buckets_are_fine_between_one_and_ten_milliseconds() {
        let text = measured(BY_ROUTE);
        assert!(text.contains("_bucket{le=\"0.005\"} 501"), "{text}");
        assert!(text.contains("_bucket{le=\"0.01\"} 1001"), "{text}");
        for pair in BUCKETS
            .windows(2)
            .filter(|pair| (0.001..0.01).contains(&pair[0]))
        {
            assert!(pair[1] < pair[0] * 1.501, "{pair:?}");
        }
    }
}
