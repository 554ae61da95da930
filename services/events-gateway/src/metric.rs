//! The numbers on `/metrics`, each with its meaning. Handles are made once, not per event.

use feed::Reset;
use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

use crate::{hub::Began, transport::Transport};

/// What is counted for each transport apart.
pub(crate) struct StreamMetrics {
    pub frames: Counter,
    pub writes: Counter,
    pub bytes: Counter,
    pub messages: Counter,
    pub drops: Counter,
    pub resumes_ring: Counter,
    pub resumes_older: Counter,
    /// From an event's time to its write to the last reader that keeps up.
    pub lag: Histogram,
}

/// Handles of every metric of the streams.
pub(crate) struct Metrics {
    pub connections: [Gauge; 2],
    streams: [StreamMetrics; 2],
    pub gaps: Counter,
    /// From an event's time to this replica.
    pub lag: Histogram,
    pub position: Gauge,
    pub present: Gauge,
}

const LAG: &str = "labyard_log_lag_seconds";
const COUNTERS: [(&str, &str); 10] = [
    ("labyard_stream_frames_total", "Events written to streams"),
    (
        "labyard_stream_writes_total",
        "Writes those events went out in",
    ),
    ("labyard_stream_bytes_total", "Bytes written to streams"),
    (
        "labyard_stream_messages_total",
        "Messages that clients sent",
    ),
    (
        "labyard_stream_drops_total",
        "Streams closed because the other side was too slow or gone silent",
    ),
    (
        "labyard_stream_resumes_total",
        "Streams and subscriptions that went on at a cursor, by where from",
    ),
    (
        "labyard_stream_resets_total",
        "Streams that could not go on, by reason",
    ),
    ("labyard_stream_refusals_total", "Streams refused, by code"),
    (
        "labyard_stream_ends_total",
        "Streams this side ended, by reason",
    ),
    (
        "labyard_log_gaps_total",
        "Holes in what the bus delivered, read again",
    ),
];

impl Metrics {
    /// Takes the handles from the process's recorder, which must be installed before.
    pub(crate) fn new() -> Self {
        for (name, meaning) in COUNTERS {
            describe_counter!(name, meaning);
        }
        describe_gauge!("labyard_streams", "Streams open now");
        describe_gauge!("labyard_log_position", "The last position applied");
        describe_gauge!("labyard_presence", "Connections that say where they are");
        describe_histogram!(
            LAG,
            "From an event's time to the hub, and to the write to its last reader that keeps up"
        );
        Self {
            connections: Transport::ALL
                .map(|transport| gauge!("labyard_streams", "transport" => transport.as_str())),
            streams: Transport::ALL.map(StreamMetrics::new),
            gaps: counter!("labyard_log_gaps_total"),
            lag: histogram!(LAG, "to" => "hub"),
            position: gauge!("labyard_log_position"),
            present: gauge!("labyard_presence"),
        }
    }

    pub(crate) fn of(&self, transport: Transport) -> &StreamMetrics {
        &self.streams[transport as usize]
    }

    /// Counts how a stream or a subscription begins; a reset counts when the client is told.
    pub(crate) fn began(&self, transport: Transport, began: Began) {
        let metrics = self.of(transport);
        match began {
            Began::Ring => metrics.resumes_ring.increment(1),
            Began::Older => metrics.resumes_older.increment(1),
            Began::Now | Began::Reset(_) => {}
        }
    }

    pub(crate) fn reset(transport: Transport, reset: Reset) {
        let reason = match reset {
            Reset::TooOld => "too_old",
            Reset::OtherIncarnation => "other_incarnation",
            Reset::Unreadable => "unreadable",
        };
        counter!("labyard_stream_resets_total", "transport" => transport.as_str(), "reason" => reason)
            .increment(1);
    }

    pub(crate) fn refused(code: &'static str) {
        counter!("labyard_stream_refusals_total", "code" => code).increment(1);
    }

    pub(crate) fn ended(transport: Transport, reason: &'static str) {
        counter!("labyard_stream_ends_total", "transport" => transport.as_str(), "reason" => reason)
            .increment(1);
    }
}

impl StreamMetrics {
    fn new(transport: Transport) -> Self {
        let name = transport.as_str();
        Self {
            frames: counter!("labyard_stream_frames_total", "transport" => name),
            writes: counter!("labyard_stream_writes_total", "transport" => name),
            bytes: counter!("labyard_stream_bytes_total", "transport" => name),
            messages: counter!("labyard_stream_messages_total", "transport" => name),
            drops: counter!("labyard_stream_drops_total", "transport" => name),
            resumes_ring: counter!("labyard_stream_resumes_total", "transport" => name, "from" => "ring"),
            resumes_older: counter!("labyard_stream_resumes_total", "transport" => name, "from" => "database"),
            lag: histogram!(LAG, "to" => "socket", "transport" => name),
        }
    }
}
