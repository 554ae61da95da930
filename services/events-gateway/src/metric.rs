//! The numbers on `/metrics`, each with its meaning; handles are made once, not per event.

use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

/// Handles of every metric of the streams.
pub(crate) struct Metrics {
    pub connections: Gauge,
    pub frames: Counter,
    pub writes: Counter,
    pub resumes_ring: Counter,
    pub resumes_older: Counter,
    pub gaps: Counter,
    pub lag: Histogram,
    pub position: Gauge,
}

impl Metrics {
    /// Takes the handles from the process's recorder, which must be installed before.
    pub(crate) fn new() -> Self {
        describe_gauge!("labyard_streams", "Streams open now");
        describe_counter!("labyard_stream_frames_total", "Events written to streams");
        describe_counter!(
            "labyard_stream_writes_total",
            "Writes those events went out in"
        );
        describe_counter!(
            "labyard_stream_resumes_total",
            "Streams that went on at a cursor, by where from"
        );
        describe_counter!(
            "labyard_stream_resets_total",
            "Streams that could not go on, by reason"
        );
        describe_counter!("labyard_stream_refusals_total", "Streams refused, by code");
        describe_counter!(
            "labyard_stream_ends_total",
            "Streams this side ended, by reason"
        );
        describe_counter!(
            "labyard_log_gaps_total",
            "Holes in what the bus delivered, read again"
        );
        describe_histogram!(
            "labyard_log_lag_seconds",
            "From an event's time to its frame"
        );
        describe_gauge!("labyard_log_position", "The last position applied");
        Self {
            connections: gauge!("labyard_streams", "transport" => "sse"),
            frames: counter!("labyard_stream_frames_total", "transport" => "sse"),
            writes: counter!("labyard_stream_writes_total", "transport" => "sse"),
            resumes_ring: counter!("labyard_stream_resumes_total", "from" => "ring"),
            resumes_older: counter!("labyard_stream_resumes_total", "from" => "database"),
            gaps: counter!("labyard_log_gaps_total"),
            lag: histogram!("labyard_log_lag_seconds"),
            position: gauge!("labyard_log_position"),
        }
    }

    pub(crate) fn reset(&self, reason: &'static str) {
        counter!("labyard_stream_resets_total", "reason" => reason).increment(1);
    }

    pub(crate) fn refused(code: &'static str) {
        counter!("labyard_stream_refusals_total", "code" => code).increment(1);
    }

    pub(crate) fn ended(&self, reason: &'static str) {
        counter!("labyard_stream_ends_total", "reason" => reason).increment(1);
    }
}
