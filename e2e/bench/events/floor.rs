//! The floor: what delivering costs when nothing but write() is done. One thread, one write() an event and
//! receiver, no request is understood beyond where it ends.

use std::{
    io::{BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

use e2e::receivers::Kind;

/// How a line to the floor begins that publishes; what follows are events, each after its length.
pub(crate) const PUBLISH: &str = "PUBLISH";
/// Receivers of this path get events; all others are idle.
pub(crate) const ACTIVE: &str = "/active";
const HEAD_MAX: usize = 4 << 10;

/// Serves until the publisher has gone.
pub(crate) fn run(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mut idle = Vec::new();
    let mut active = Vec::new();
    loop {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_nodelay(true).unwrap();
        let head = head(&mut socket);
        if head.starts_with(PUBLISH) {
            break publish(socket, &mut active);
        }
        let kind = if head.contains("Upgrade: websocket") {
            Kind::WebSocket
        } else {
            Kind::Sse
        };
        let answer = match kind {
            Kind::Sse => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
            Kind::WebSocket => {
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            }
        };
        socket.write_all(answer.as_bytes()).unwrap();
        if head.contains(ACTIVE) {
            active.push((socket, kind));
        } else {
            idle.push(socket);
        }
    }
}

fn head(socket: &mut TcpStream) -> String {
    // What comes after a head is not its own.
    let (mut head, mut piece) = (Vec::new(), [0; 1]);
    while !head.ends_with(b"\r\n\r\n") {
        let size = socket.read(&mut piece).unwrap();
        assert!(
            size > 0 && head.len() < HEAD_MAX,
            "a request that never ends"
        );
        head.extend_from_slice(&piece[..size]);
    }
    String::from_utf8(head).unwrap()
}

fn publish(socket: TcpStream, receivers: &mut Vec<(TcpStream, Kind)>) {
    let mut socket = BufReader::new(socket);
    let (mut size, mut event, mut position) = ([0; 4], Vec::new(), 0);
    while socket.read_exact(&mut size).is_ok() {
        event.resize(u32::from_be_bytes(size) as usize, 0);
        socket.read_exact(&mut event).unwrap();
        position += 1;
        let mut sse = format!("id: be-{position}\ndata: ").into_bytes();
        sse.extend_from_slice(&event);
        sse.extend_from_slice(b"\n\n");
        let mut message = vec![0x81];
        match u16::try_from(event.len()) {
            Ok(size) if size < 126 => message.push(size as u8),
            size => {
                message.push(126);
                message.extend_from_slice(&size.unwrap().to_be_bytes());
            }
        }
        message.extend_from_slice(&event);
        receivers.retain_mut(|(socket, kind)| {
            let frame = match kind {
                Kind::Sse => &sse,
                Kind::WebSocket => &message,
            };
            socket.write_all(frame).is_ok()
        });
    }
}
