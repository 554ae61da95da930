//! The two ways in which events reach a client.

/// How events reach a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Transport {
    Sse,
    WebSocket,
}

impl Transport {
    pub(crate) const ALL: [Self; 2] = [Self::Sse, Self::WebSocket];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}
