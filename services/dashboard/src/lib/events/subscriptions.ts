// What each page wants of the one WebSocket: its topics, and where its person is. Sends each page
// what happens in its own topics alone.
import type { FromHub, Presence, ToHub, Topic, TopicMessage, Whereabouts } from './protocol';
import { Socket } from './socket';
import { placeKey, topicKey } from './topic';
import type { World } from './world';

/** Subscriptions of one WebSocket, as the server has it. */
export const TOPICS_MAX = 64;
/** Places one WebSocket may be in, as the server has it: those of the pages looked at last. */
export const PLACES_MAX = 4;

interface PageState {
  topics: Map<string, Topic>;
  places: Whereabouts[];
}

export class Subscriptions<Page extends { send(message: FromHub): void }> {
  /** In the order in which they were looked at: the latest is last. */
  private readonly pages = new Map<Page, PageState>();
  private readonly socket: Socket;
  private readonly presence = new Map<string, Presence>();

  constructor(world: World, onSignedOut: () => void) {
    this.socket = new Socket(world, {
      connection: (state) => {
        if (state.connection !== 'live') this.presence.clear();
        this.notify({ kind: 'socket', ...state });
      },
      message: (message, topics) => this.onMessage(message, topics),
      subscribed: (topic, cursor, reset) =>
        this.notify({ kind: 'subscribed', topic, cursor, reset }, ({ topics }) =>
          topics.has(topicKey(topic)),
        ),
      presence: (presence) => this.onPresence(presence),
      error: (error) => this.notify({ kind: 'error', error }),
      signedOut: onSignedOut,
    });
  }

  join(page: Page) {
    this.leave(page);
    this.pages.set(page, { topics: new Map(), places: [] });
    const { connection, reconnects } = this.socket.state;
    page.send({ kind: 'socket', connection, reconnects });
  }

  receive(page: Page, message: ToHub) {
    const state = this.pages.get(page);
    if (!state) return;
    switch (message.kind) {
      case 'subscribe':
        return this.subscribe(page, state, message.topic, message.since);
      case 'unsubscribe':
        state.topics.delete(topicKey(message.topic));
        return this.release(message.topic);
      case 'places':
        return this.setPlaces(page, state, message.places);
    }
  }

  leave(page: Page) {
    const state = this.pages.get(page);
    if (!state) return;
    this.pages.delete(page);
    for (const topic of state.topics.values()) this.release(topic);
    if (state.places.length > 0) this.choosePlaces();
  }

  retry() {
    this.socket.retry();
  }

  stop() {
    this.pages.clear();
    this.presence.clear();
    this.socket.stop();
  }

  private subscribe(page: Page, state: PageState, topic: Topic, since: string | null) {
    const key = topicKey(topic);
    const open = new Set([...this.pages.values()].flatMap(({ topics }) => [...topics.keys()]));
    if (!open.has(key) && open.size >= TOPICS_MAX) {
      const message = `${TOPICS_MAX} subscriptions are as many as one browser may have.`;
      const error = { code: 'quota_exceeded', message, about: `subscribe:${topic.kind}` } as const;
      page.send({ kind: 'error', error });
      return;
    }
    state.topics.set(key, topic);
    this.socket.subscribe(topic, since);
  }

  /** Unsubscribes from a topic that no page wants any more. */
  private release(topic: Topic) {
    const key = topicKey(topic);
    for (const { topics } of this.pages.values()) if (topics.has(key)) return;
    this.socket.unsubscribe(topic);
  }

  private setPlaces(page: Page, state: PageState, places: Whereabouts[]) {
    state.places = places.slice(0, PLACES_MAX);
    this.pages.delete(page);
    this.pages.set(page, state);
    this.choosePlaces();
    for (const place of state.places) {
      const presence = this.presence.get(placeKey(place));
      if (presence) page.send({ kind: 'presence', presence });
    }
  }

  /** The places of the pages looked at last, each as the page looked at last has it. */
  private choosePlaces() {
    const chosen = new Map<string, Whereabouts>();
    for (const { places } of [...this.pages.values()].reverse()) {
      for (const place of places) {
        const key = placeKey(place);
        if (!chosen.has(key) && chosen.size < PLACES_MAX) chosen.set(key, place);
      }
    }
    for (const key of this.presence.keys()) if (!chosen.has(key)) this.presence.delete(key);
    this.socket.setPlaces([...chosen.values()]);
  }

  private onPresence(presence: Presence) {
    const key = placeKey(presence);
    this.presence.set(key, presence);
    this.notify({ kind: 'presence', presence }, ({ places }) =>
      places.some((place) => placeKey(place) === key),
    );
  }

  private onMessage(message: TopicMessage, topics: Topic[]) {
    const keys = topics.map(topicKey);
    this.notify({ kind: 'message', message, topics }, (state) =>
      keys.some((key) => state.topics.has(key)),
    );
  }

  private notify(message: FromHub, isFor: (state: PageState) => boolean = () => true) {
    for (const [page, state] of this.pages) if (isFor(state)) page.send(message);
  }
}
