//! Whether this replica can do its work: the bus is there and the log is being heard.

use std::{sync::Arc, time::Duration};

use api::health::Check;
use bus::Bus;

use crate::{fan_out::FanOut, log_reader::LastHead, stream_limits::StreamLimits};

/// The log's end is published every second; silence longer than this is a fault.
const HEARD_WITHIN: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(crate) struct Health {
    pub bus: Bus,
    pub fan_out: Arc<FanOut>,
    pub limits: Arc<StreamLimits>,
    pub last_head: Arc<LastHead>,
}

impl Health {
    /// What is said before there is anything to check.
    pub(crate) fn starting() -> Vec<Check> {
        vec![check("start", false, "starting".to_owned())]
    }

    pub(crate) fn checks(&self) -> Vec<Check> {
        let connected = self.bus.connected();
        let heard = self.last_head.ago();
        let (head, message) = match (self.fan_out.cursor(), heard) {
            (None, _) => (false, "not read yet".to_owned()),
            (_, None) => (false, "not heard yet".to_owned()),
            (_, Some(ago)) if ago > HEARD_WITHIN => {
                (false, format!("not heard for {} s", ago.as_secs()))
            }
            (Some(cursor), Some(_)) => (true, format!("at {cursor}")),
        };
        let bus = if connected { "ok" } else { "not connected" };
        let open = self.limits.check().is_ok();
        let streams = if open { "ok" } else { "full or stopping" };
        vec![
            check("bus", connected, bus.to_owned()),
            check("log", head, message),
            check("streams", open, streams.to_owned()),
        ]
    }
}

fn check(name: &str, ok: bool, message: String) -> Check {
    Check {
        name: name.to_owned(),
        ok,
        message,
    }
}
