// A WebSocket whose server is the test.
import type { SocketLike } from '@/lib/events/world';

export class FakeWebSocket implements SocketLike {
  static readonly all: FakeWebSocket[] = [];

  readyState = 0;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  /** What the page has sent. */
  readonly sent: { type: string; data?: Record<string, unknown> }[] = [];

  constructor(readonly url = '/ws') {
    FakeWebSocket.all.push(this);
  }

  static get last(): FakeWebSocket {
    const last = FakeWebSocket.all.at(-1);
    if (!last) throw new Error('no WebSocket was opened');
    return last;
  }

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  /** The server sends a message. */
  emit(type: string, data: unknown, cursor?: string) {
    this.frame(JSON.stringify({ type, data, cursor }));
  }

  /** What may be no message at all. */
  frame(text: string) {
    this.onmessage?.(new MessageEvent('message', { data: text }));
  }

  connect(heartbeat_secs = 15) {
    this.readyState = 1;
    this.emit('connected', { heartbeat_secs, cursor: '0000000a-1' });
  }

  /** The server, or the network, ends it. */
  end(code = 1006) {
    this.readyState = 3;
    this.onclose?.(new CloseEvent('close', { code }));
  }
}
