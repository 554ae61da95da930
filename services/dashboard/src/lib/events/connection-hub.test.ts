// Pages that come and go at one hub.
import { FakeEventSource } from '@/test/event-source';
import { aCluster, eventOf } from '@/test/samples';
import { FakeWebSocket } from '@/test/web-socket';
import { ConnectionHub, RECENT_MAX } from './connection-hub';
import type { FromHub } from './protocol';

function aHub() {
  const hub = new ConnectionHub({
    openStream: (url) => new FakeEventSource(url),
    openSocket: () => new FakeWebSocket(),
    session: async () => 'holds',
    after: () => () => {},
    random: () => 0,
  });
  const aPage = (user = 'usr_1', since: string | null = '0000000a-10') => {
    const received: FromHub[] = [];
    const page = { send: (message: FromHub) => void received.push(message) };
    hub.receive(page, { kind: 'join', user, since });
    const words = () =>
      received.flatMap((message) => {
        if (message.kind === 'socket') return [];
        if (message.kind === 'event') return message.cursor;
        return message.kind === 'stream' ? message.connection : message.kind;
      });
    return { page, words };
  };
  const event = (position: number) =>
    FakeEventSource.last.event(`0000000a-${position}`, eventOf(aCluster()));
  return { hub, aPage, event };
}

describe('one stream for all pages', () => {
  it('opens once, however many pages join', () => {
    const { aPage, event } = aHub();
    const first = aPage();
    FakeEventSource.last.ready('0000000a-10');
    const others = Array.from({ length: 9 }, () => aPage());
    event(11);
    expect(FakeEventSource.all).toHaveLength(1);
    expect(first.words()).toEqual(['connecting', 'live', '0000000a-11']);
    for (const page of others) expect(page.words()).toEqual(['live', '0000000a-11']);
  });

  it('gives a page that joins later what it has missed, once and in order', () => {
    const { aPage, event } = aHub();
    aPage();
    for (const position of [11, 12, 13]) event(position);
    expect(aPage('usr_1', '0000000a-11').words()).toEqual([
      'connecting',
      '0000000a-12',
      '0000000a-13',
    ]);
  });

  it('has a page list again when it has missed more than is kept', () => {
    const { aPage, event } = aHub();
    aPage();
    for (let n = 0; n <= RECENT_MAX; n += 1) event(11 + n);
    expect(aPage('usr_1', '0000000a-10').words().at(-1)).toBe('reset');
    expect(aPage('usr_1', '0000000a-11').words().at(-1)).toBe(`0000000a-${11 + RECENT_MAX}`);
    expect(aPage('usr_1', '0000000b-11').words().at(-1)).toBe('reset');
  });

  it('closes with the last page', () => {
    const { hub, aPage } = aHub();
    const [one, two] = [aPage(), aPage()];
    hub.receive(one.page, { kind: 'leave' });
    expect(FakeEventSource.last.readyState).not.toBe(2);
    hub.receive(two.page, { kind: 'leave' });
    expect(FakeEventSource.last.readyState).toBe(2);
  });

  it('signs the other pages out on a log-out', () => {
    const { hub, aPage } = aHub();
    const [one, two] = [aPage(), aPage()];
    hub.receive(one.page, { kind: 'log_out' });
    expect(one.words()).not.toContain('signed_out');
    expect(two.words()).toContain('signed_out');
    expect(FakeEventSource.last.readyState).toBe(2);
  });

  it('starts anew for another person and sends the first away', () => {
    const { aPage, event } = aHub();
    const first = aPage('usr_1');
    event(11);
    const second = aPage('usr_2', '0000000a-10');
    expect(first.words().at(-1)).toBe('signed_out');
    expect(second.words()).toEqual(['connecting']);
    expect(FakeEventSource.all).toHaveLength(2);
  });

  it('knows that a page is gone that could not say so', async () => {
    const freed: (() => void)[] = [];
    const locks = { request: (_: string, act: () => void) => Promise.resolve(freed.push(act)) };
    vi.stubGlobal('navigator', { locks });
    const { hub, aPage } = aHub();
    const { page } = aPage();
    hub.receive(page, { kind: 'lock', name: 'labyard-page-1' });
    expect(FakeEventSource.last.readyState).not.toBe(2);
    for (const act of freed) act();
    expect(FakeEventSource.last.readyState).toBe(2);
    vi.unstubAllGlobals();
  });
});
