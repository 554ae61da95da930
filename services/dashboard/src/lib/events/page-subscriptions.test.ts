// Which listener of a page gets what.
import { aCluster, eventOf } from '@/test/samples';
import { Channel, PageSubscriptions } from './page-subscriptions';
import type { FromHub, ToHub, Topic } from './protocol';

const at = (position: number) => `0000000a-${position}`;
const topic: Topic = { kind: 'workspace', id: 'ws_1' };

function aPage() {
  const sent: ToHub[] = [];
  const page = new PageSubscriptions((message) => void sent.push(message));
  const listen = (since: string | null) => {
    const [channel, received] = [new Channel(), [] as string[]];
    channel.on('workspace:status', (_, cursor) => received.push(cursor));
    channel.on('vcluster:health', (_, cursor) => received.push(`health ${cursor}`));
    channel.on('reset', (cursor) => received.push(`reset ${cursor}`));
    return { received, channel, end: page.listen(topic, since, channel) };
  };
  const status = (position: number) =>
    page.receive({
      kind: 'message',
      message: { type: 'workspace:status', cursor: at(position), data: eventOf(aCluster()) },
      topics: [topic],
    });
  const health = (position: number) => {
    const data = { cluster_id: 'clu_demo', health: 'OK', version: 1 };
    const message = { type: 'vcluster:health', cursor: at(position), data } as const;
    page.receive({ kind: 'message', message, topics: [topic] });
  };
  const subscribed = (position: number, reset = false) =>
    page.receive({ kind: 'subscribed', topic, cursor: at(position), reset } satisfies FromHub);
  return { page, sent, listen, status, health, subscribed };
}

describe("a page's subscriptions", () => {
  it('passes each event on once and in order, however often it comes', () => {
    const { listen, status, health } = aPage();
    const [early, late] = [listen(at(10)), listen(at(12))];
    for (const position of [11, 12, 13]) status(position);
    health(13);
    for (const position of [12, 13, 14]) status(position);
    health(13);
    expect(early.received).toEqual([at(11), at(12), at(13), `health ${at(13)}`, at(14)]);
    expect(late.received).toEqual([at(13), `health ${at(13)}`, at(14)]);
  });

  it('wants a topic once for all its listeners, and no more after the last', () => {
    const { listen, sent } = aPage();
    const [one, two] = [listen(null), listen(null)];
    one.end();
    expect(sent.map(({ kind }) => kind)).toEqual(['subscribe', 'subscribe']);
    two.end();
    expect(sent.at(-1)).toEqual({ kind: 'unsubscribe', topic });
  });

  it('subscribes again from where it was', () => {
    const { page, listen, status, sent } = aPage();
    listen(at(10));
    status(14);
    const end = page.enter({ organization_id: 'org_1', cluster_id: 'clu_1' }, () => {});
    sent.length = 0;
    page.restore();
    expect(sent).toEqual([
      { kind: 'subscribe', topic, since: at(14) },
      { kind: 'places', places: [{ organization_id: 'org_1', cluster_id: 'clu_1' }] },
    ]);
    end();
    expect(sent.at(-1)).toEqual({ kind: 'places', places: [] });
  });

  it('begins where the server says when it named no cursor, and goes on after a reset', () => {
    const { listen, status, subscribed } = aPage();
    const { received } = listen(null);
    subscribed(20);
    status(20);
    status(21);
    subscribed(90, true);
    status(50);
    status(91);
    expect(received).toEqual([at(21), `reset ${at(90)}`, at(91)]);
  });

  it('lets one listener fail without the others', () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { listen, status } = aPage();
    const [broken, whole] = [listen(null), listen(null)];
    broken.channel.on('workspace:status', () => {
      throw new Error('broken');
    });
    status(11);
    status(12);
    expect(whole.received).toEqual([at(11), at(12)]);
    expect(reported).toHaveBeenCalledTimes(2);
  });

  it('ends a registration', () => {
    const { listen, status } = aPage();
    const { channel } = listen(null);
    const handler = vi.fn();
    const end = channel.on('workspace:status', handler);
    status(11);
    end();
    status(12);
    expect(handler).toHaveBeenCalledOnce();
  });

  it('knows nobody to be there while there is no connection', () => {
    const { page } = aPage();
    const seen: number[] = [];
    const place = { organization_id: 'org_1', workspace_id: 'ws_1' };
    page.enter(place, (here) => seen.push(here.length));
    const here = [{ user_id: 'usr_2', since: '2026-01-01T00:00:00.000Z' }];
    page.receive({ kind: 'presence', presence: { ...place, here } });
    page.receive({ kind: 'presence', presence: { organization_id: 'org_2', here } });
    page.receive({ kind: 'socket', connection: 'reconnecting', reconnects: 0 });
    expect(seen).toEqual([1, 0]);
  });
});
