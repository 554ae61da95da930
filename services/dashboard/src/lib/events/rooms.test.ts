import { aCluster, eventOf } from '@/test/samples';
import type { Order, Room, Signal } from './protocol';
import { Channel, Rooms } from './rooms';

const at = (position: number) => `0000000a-${position}`;
const room: Room = { topic: 'workspace', id: 'ws_1' };

function aPage() {
  const orders: Order[] = [];
  const rooms = new Rooms((order) => void orders.push(order));
  const listen = (since: string | null) => {
    const [channel, heard] = [new Channel(), [] as string[]];
    channel.on('workspace:status', (_, cursor) => heard.push(cursor));
    channel.on('vcluster:health', (_, cursor) => heard.push(`health ${cursor}`));
    channel.on('reset', (cursor) => heard.push(`reset ${cursor}`));
    return { heard, channel, end: rooms.listen(room, since, channel) };
  };
  const status = (position: number) =>
    rooms.hear({
      kind: 'told',
      told: { type: 'workspace:status', cursor: at(position), data: eventOf(aCluster()) },
      rooms: [room],
    });
  const health = (position: number) => {
    const data = { cluster_id: 'clu_demo', health: 'OK', version: 1 };
    const told = { type: 'vcluster:health', cursor: at(position), data } as const;
    rooms.hear({ kind: 'told', told, rooms: [room] });
  };
  const subscribed = (position: number, reset = false) =>
    rooms.hear({ kind: 'subscribed', room, cursor: at(position), reset } satisfies Signal);
  return { rooms, orders, listen, status, health, subscribed };
}

describe("a page's rooms", () => {
  it('hears each event once and in order, however often it is told', () => {
    const { listen, status, health } = aPage();
    const [early, late] = [listen(at(10)), listen(at(12))];
    for (const position of [11, 12, 13]) status(position);
    health(13);
    for (const position of [12, 13, 14]) status(position);
    health(13);
    expect(early.heard).toEqual([at(11), at(12), at(13), `health ${at(13)}`, at(14)]);
    expect(late.heard).toEqual([at(13), `health ${at(13)}`, at(14)]);
  });

  it('wants a room once for all its listeners, and no more after the last', () => {
    const { listen, orders } = aPage();
    const [one, two] = [listen(null), listen(null)];
    one.end();
    expect(orders.map(({ kind }) => kind)).toEqual(['subscribe', 'subscribe']);
    two.end();
    expect(orders.at(-1)).toEqual({ kind: 'unsubscribe', room });
  });

  it('says again what it wants, from where it was', () => {
    const { rooms, listen, status, orders } = aPage();
    listen(at(10));
    status(14);
    const end = rooms.stay({ organization_id: 'org_1', cluster_id: 'clu_1' }, () => {});
    orders.length = 0;
    rooms.again();
    expect(orders).toEqual([
      { kind: 'subscribe', room, since: at(14) },
      { kind: 'here', places: [{ organization_id: 'org_1', cluster_id: 'clu_1' }] },
    ]);
    end();
    expect(orders.at(-1)).toEqual({ kind: 'here', places: [] });
  });

  it('begins where the server says when it named no place, and goes on after a reset', () => {
    const { listen, status, subscribed } = aPage();
    const { heard } = listen(null);
    subscribed(20);
    status(20);
    status(21);
    subscribed(90, true);
    status(50);
    status(91);
    expect(heard).toEqual([at(21), `reset ${at(90)}`, at(91)]);
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
    expect(whole.heard).toEqual([at(11), at(12)]);
    expect(reported).toHaveBeenCalledTimes(2);
  });

  it('ends a registration when it is told to', () => {
    const { listen, status } = aPage();
    const { channel } = listen(null);
    const hear = vi.fn();
    const end = channel.on('workspace:status', hear);
    status(11);
    end();
    status(12);
    expect(hear).toHaveBeenCalledOnce();
  });

  it('knows nobody to be there while nobody says it', () => {
    const { rooms } = aPage();
    const seen: number[] = [];
    const place = { organization_id: 'org_1', workspace_id: 'ws_1' };
    rooms.stay(place, (here) => seen.push(here.length));
    const here = [{ user_id: 'usr_2', since: '2026-01-01T00:00:00.000Z' }];
    rooms.hear({ kind: 'presence', presence: { ...place, here } });
    rooms.hear({ kind: 'presence', presence: { organization_id: 'org_2', here } });
    rooms.hear({ kind: 'socket', connection: 'reconnecting', reconnects: 0 });
    expect(seen).toEqual([1, 0]);
  });
});
