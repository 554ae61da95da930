// An EventSource whose server is the test.
import type { Event } from '@/lib/api/types';
import type { EventSourceLike } from '@/lib/events/world';

type Listener = (event: MessageEvent<string>) => void;

export class FakeEventSource implements EventSourceLike {
  static readonly all: FakeEventSource[] = [];

  readyState = 0;
  private readonly listeners = new Map<string, Listener[]>();

  constructor(readonly url: string) {
    FakeEventSource.all.push(this);
  }

  static get last(): FakeEventSource {
    const last = FakeEventSource.all.at(-1);
    if (!last) throw new Error('no EventSource was opened');
    return last;
  }

  addEventListener(type: string, listener: Listener) {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  close() {
    this.readyState = 2;
  }

  emit(type: string, id = '', data: unknown = {}) {
    this.frame(type, id, JSON.stringify(data));
  }

  /** A frame whose data may be anything. */
  frame(type: string, id: string, data: string) {
    const event = new MessageEvent<string>(type, { data, lastEventId: id });
    for (const listener of this.listeners.get(type) ?? []) listener(event);
  }

  ready(cursor: string) {
    this.readyState = 1;
    this.emit('ready', cursor, { cursor });
  }

  event(cursor: string, event: Event) {
    this.emit('message', cursor, event);
  }

  /** The server refused: the browser does not try again. */
  refuse() {
    this.readyState = 2;
    this.emit('error');
  }

  /** The connection broke: the browser tries again by itself. */
  breakOff() {
    this.readyState = 0;
    this.emit('error');
  }
}
