// A WebSocket whose server is the test.
import type { Wire } from '@/lib/events/world';

export class FakeWebSocket implements Wire {
  static readonly all: FakeWebSocket[] = [];

  readyState = 0;
  onopen: Wire['onopen'] = null;
  onmessage: Wire['onmessage'] = null;
  onclose: Wire['onclose'] = null;
  /** What the page has said. */
  readonly said: { type: string; data?: Record<string, unknown> }[] = [];

  constructor(readonly url = '/ws') {
    FakeWebSocket.all.push(this);
  }

  static get last(): FakeWebSocket {
    const last = FakeWebSocket.all.at(-1);
    if (!last) throw new Error('no WebSocket was opened');
    return last;
  }

  send(text: string) {
    this.said.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  /** The server says something. */
  say(type: string, data: unknown, cursor?: string) {
    this.frame(JSON.stringify({ type, data, cursor }));
  }

  /** What may be no message at all. */
  frame(text: string) {
    this.onmessage?.(new MessageEvent('message', { data: text }));
  }

  connect(heartbeat_secs = 15) {
    this.readyState = 1;
    this.say('connected', { heartbeat_secs, cursor: '0000000a-1' });
  }

  /** The server, or the network, ends it. */
  end(code = 1006) {
    this.readyState = 3;
    this.onclose?.(new CloseEvent('close', { code }));
  }
}
