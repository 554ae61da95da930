import { aCluster, eventOf } from '@/test/samples';
import { FakeWebSocket } from '@/test/web-socket';
import { Lobby, PLACES_MAX, ROOMS_MAX } from './lobby';
import type { Room, Signal, Whereabouts } from './protocol';

const at = (position: number) => `0000000a-${position}`;
const workspace = (id: string): Room => ({ topic: 'workspace', id });
const place = (cluster_id: string, page = '/'): Whereabouts => ({
  organization_id: 'org_1',
  cluster_id,
  page,
});

function aLobby() {
  const lobby = new Lobby<{ send(signal: Signal): void }>(
    {
      open: () => {
        throw new Error('no stream here');
      },
      dial: () => new FakeWebSocket(),
      session: async () => 'holds',
      after: () => () => {},
      random: () => 0,
    },
    () => {},
  );
  const aPage = () => {
    const heard: Signal[] = [];
    const page = { send: (signal: Signal) => void heard.push(signal) };
    lobby.join(page);
    return {
      page,
      heard,
      kinds: () => heard.map(({ kind }) => kind).filter((kind) => kind !== 'socket'),
      subscribe: (room: Room, since: string | null = null) =>
        lobby.receive(page, { kind: 'subscribe', room, since }),
      here: (...places: Whereabouts[]) => lobby.receive(page, { kind: 'here', places }),
    };
  };
  const said = (type: string) =>
    FakeWebSocket.last.said.filter((one) => one.type === type).map(({ data }) => data);
  return { lobby, aPage, said };
}

describe('one WebSocket for all pages', () => {
  it('tells each page of its own rooms alone', () => {
    const { aPage } = aLobby();
    const [one, two] = [aPage(), aPage()];
    one.subscribe(workspace('ws_1'));
    two.subscribe(workspace('ws_2'));
    FakeWebSocket.last.connect();
    FakeWebSocket.last.say('workspace:status', eventOf(aCluster()), at(2));
    expect(FakeWebSocket.all).toHaveLength(1);
    expect([one.kinds(), two.kinds()]).toEqual([['told'], []]);
  });

  it('leaves a room when the last page that wants it goes', () => {
    const { lobby, aPage, said } = aLobby();
    const [one, two] = [aPage(), aPage()];
    one.subscribe(workspace('ws_1'));
    two.subscribe(workspace('ws_1'));
    FakeWebSocket.last.connect();
    lobby.leave(one.page);
    expect(said('unsubscribe:workspace')).toEqual([]);
    lobby.receive(two.page, { kind: 'unsubscribe', room: workspace('ws_1') });
    expect(said('unsubscribe:workspace')).toEqual([{ id: 'ws_1' }]);
  });

  it('has no more rooms than a connection may have, and says so', () => {
    const { aPage } = aLobby();
    const [one, two] = [aPage(), aPage()];
    for (let n = 0; n < ROOMS_MAX; n += 1) one.subscribe(workspace(`ws_${n}`));
    two.subscribe(workspace('ws_0'));
    expect(two.kinds()).toEqual([]);
    two.subscribe(workspace('ws_more'));
    expect(two.kinds()).toEqual(['error']);
  });

  it('is where the pages are that were looked at last', () => {
    const { aPage, said } = aLobby();
    const pages = Array.from({ length: PLACES_MAX + 1 }, (_, n) => {
      const page = aPage();
      page.here(place(`clu_${n}`));
      return page;
    });
    FakeWebSocket.last.connect();
    expect(said('presence:enter').map((data) => data?.cluster_id)).toEqual([
      'clu_4',
      'clu_3',
      'clu_2',
      'clu_1',
    ]);
    pages[0]?.here(place('clu_0'));
    expect(said('presence:leave')).toEqual([{ organization_id: 'org_1', cluster_id: 'clu_1' }]);
    pages[2]?.here(place('clu_0', '/history'));
    expect(said('presence:enter')).toContainEqual(place('clu_0', '/history'));
  });

  it('tells a page that comes later who is there, and not who was before a loss', () => {
    const { aPage } = aLobby();
    aPage().here(place('clu_1'));
    FakeWebSocket.last.connect();
    const here = [{ user_id: 'usr_2', since: '2026-01-01T00:00:00.000Z', page: '/' }];
    FakeWebSocket.last.say('presence', { organization_id: 'org_1', cluster_id: 'clu_1', here });
    const later = aPage();
    later.here(place('clu_1'));
    expect(later.kinds()).toEqual(['presence']);
    FakeWebSocket.last.end();
    const last = aPage();
    last.here(place('clu_1'));
    expect(last.kinds()).toEqual([]);
  });
});
