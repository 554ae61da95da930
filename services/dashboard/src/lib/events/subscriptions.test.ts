// Which page gets what of the one WebSocket.
import { aCluster, eventOf } from '@/test/samples';
import { FakeWebSocket } from '@/test/web-socket';
import type { FromHub, Topic, Whereabouts } from './protocol';
import { PLACES_MAX, Subscriptions, TOPICS_MAX } from './subscriptions';

const at = (position: number) => `0000000a-${position}`;
const workspace = (id: string): Topic => ({ kind: 'workspace', id });
const place = (cluster_id: string, page = '/'): Whereabouts => ({
  organization_id: 'org_1',
  cluster_id,
  page,
});

function someSubscriptions() {
  const subscriptions = new Subscriptions<{ send(message: FromHub): void }>(
    {
      openStream: () => {
        throw new Error('no stream here');
      },
      openSocket: () => new FakeWebSocket(),
      session: async () => 'holds',
      after: () => () => {},
      random: () => 0,
    },
    () => {},
  );
  const aPage = () => {
    const received: FromHub[] = [];
    const page = { send: (message: FromHub) => void received.push(message) };
    subscriptions.join(page);
    return {
      page,
      received,
      kinds: () => received.map(({ kind }) => kind).filter((kind) => kind !== 'socket'),
      subscribe: (topic: Topic, since: string | null = null) =>
        subscriptions.receive(page, { kind: 'subscribe', topic, since }),
      enter: (...places: Whereabouts[]) => subscriptions.receive(page, { kind: 'places', places }),
    };
  };
  const sent = (type: string) =>
    FakeWebSocket.last.sent.filter((one) => one.type === type).map(({ data }) => data);
  return { subscriptions, aPage, sent };
}

describe('one WebSocket for all pages', () => {
  it('sends each page what happens in its own topics alone', () => {
    const { aPage } = someSubscriptions();
    const [one, two] = [aPage(), aPage()];
    one.subscribe(workspace('ws_1'));
    two.subscribe(workspace('ws_2'));
    FakeWebSocket.last.connect();
    FakeWebSocket.last.emit('workspace:status', eventOf(aCluster()), at(2));
    expect(FakeWebSocket.all).toHaveLength(1);
    expect([one.kinds(), two.kinds()]).toEqual([['message'], []]);
  });

  it('unsubscribes when the last page that wants a topic goes', () => {
    const { subscriptions, aPage, sent } = someSubscriptions();
    const [one, two] = [aPage(), aPage()];
    one.subscribe(workspace('ws_1'));
    two.subscribe(workspace('ws_1'));
    FakeWebSocket.last.connect();
    subscriptions.leave(one.page);
    expect(sent('unsubscribe:workspace')).toEqual([]);
    subscriptions.receive(two.page, { kind: 'unsubscribe', topic: workspace('ws_1') });
    expect(sent('unsubscribe:workspace')).toEqual([{ id: 'ws_1' }]);
  });

  it('has no more topics than a connection may have, and says so', () => {
    const { aPage } = someSubscriptions();
    const [one, two] = [aPage(), aPage()];
    for (let n = 0; n < TOPICS_MAX; n += 1) one.subscribe(workspace(`ws_${n}`));
    two.subscribe(workspace('ws_0'));
    expect(two.kinds()).toEqual([]);
    two.subscribe(workspace('ws_more'));
    expect(two.kinds()).toEqual(['error']);
  });

  it('is where the pages are that were looked at last', () => {
    const { aPage, sent } = someSubscriptions();
    const pages = Array.from({ length: PLACES_MAX + 1 }, (_, n) => {
      const page = aPage();
      page.enter(place(`clu_${n}`));
      return page;
    });
    FakeWebSocket.last.connect();
    expect(sent('presence:enter').map((data) => data?.cluster_id)).toEqual([
      'clu_4',
      'clu_3',
      'clu_2',
      'clu_1',
    ]);
    pages[0]?.enter(place('clu_0'));
    expect(sent('presence:leave')).toEqual([{ organization_id: 'org_1', cluster_id: 'clu_1' }]);
    pages[2]?.enter(place('clu_0', '/history'));
    expect(sent('presence:enter')).toContainEqual(place('clu_0', '/history'));
  });

  it('lets a page that comes later know who is there, and not who was before a loss', () => {
    const { aPage } = someSubscriptions();
    aPage().enter(place('clu_1'));
    FakeWebSocket.last.connect();
    const here = [{ user_id: 'usr_2', since: '2026-01-01T00:00:00.000Z', page: '/' }];
    FakeWebSocket.last.emit('presence', { organization_id: 'org_1', cluster_id: 'clu_1', here });
    const later = aPage();
    later.enter(place('clu_1'));
    expect(later.kinds()).toEqual(['presence']);
    FakeWebSocket.last.end();
    const last = aPage();
    last.enter(place('clu_1'));
    expect(last.kinds()).toEqual([]);
  });
});
