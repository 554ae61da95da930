// What each page wants of the one WebSocket: its rooms, and where its person is. Tells each page
// what happens in its own rooms alone.
import type { Order, Presence, Room, Signal, Told, Whereabouts } from './protocol';
import { keyOf, placeOf } from './room';
import { Socket } from './socket';
import type { World } from './world';

/** Subscriptions of one WebSocket, as the server has it. */
export const ROOMS_MAX = 64;
/** Places one WebSocket may be in, as the server has it: the pages looked at last. */
export const PLACES_MAX = 4;

interface Guest {
  rooms: Map<string, Room>;
  places: Whereabouts[];
}

export class Lobby<Page extends { send(signal: Signal): void }> {
  /** Who looked at their page last comes last. */
  private readonly guests = new Map<Page, Guest>();
  private readonly socket: Socket;
  private readonly presence = new Map<string, Presence>();

  constructor(world: World, onSignedOut: () => void) {
    this.socket = new Socket(world, {
      connection: (connection, reconnects) => {
        if (connection !== 'live') this.presence.clear();
        this.tell({ kind: 'socket', connection, reconnects });
      },
      told: (told, rooms) => this.pass(told, rooms),
      subscribed: (room, cursor, reset) =>
        this.tell({ kind: 'subscribed', room, cursor, reset }, (guest) =>
          guest.rooms.has(keyOf(room)),
        ),
      presence: (presence) => this.onPresence(presence),
      error: (error) => this.tell({ kind: 'error', error }),
      signedOut: onSignedOut,
    });
  }

  join(page: Page) {
    this.leave(page);
    this.guests.set(page, { rooms: new Map(), places: [] });
    const { connection, reconnects } = this.socket.state;
    page.send({ kind: 'socket', connection, reconnects });
  }

  receive(page: Page, order: Order) {
    const guest = this.guests.get(page);
    if (!guest) return;
    switch (order.kind) {
      case 'subscribe':
        return this.subscribe(page, guest, order.room, order.since);
      case 'unsubscribe':
        guest.rooms.delete(keyOf(order.room));
        return this.vacate(order.room);
      case 'here':
        return this.here(page, guest, order.places);
    }
  }

  leave(page: Page) {
    const guest = this.guests.get(page);
    if (!guest) return;
    this.guests.delete(page);
    for (const room of guest.rooms.values()) this.vacate(room);
    if (guest.places.length > 0) this.settle();
  }

  retry() {
    this.socket.retry();
  }

  stop() {
    this.guests.clear();
    this.presence.clear();
    this.socket.stop();
  }

  private subscribe(page: Page, guest: Guest, room: Room, since: string | null) {
    const key = keyOf(room);
    const wanted = new Set([...this.guests.values()].flatMap(({ rooms }) => [...rooms.keys()]));
    if (!wanted.has(key) && wanted.size >= ROOMS_MAX) {
      const message = `${ROOMS_MAX} subscriptions are as many as one browser may have.`;
      const error = { code: 'quota_exceeded', message, about: `subscribe:${room.topic}` } as const;
      page.send({ kind: 'error', error });
      return;
    }
    guest.rooms.set(key, room);
    this.socket.subscribe(room, since);
  }

  /** Nobody may want it any more. */
  private vacate(room: Room) {
    const key = keyOf(room);
    for (const { rooms } of this.guests.values()) if (rooms.has(key)) return;
    this.socket.unsubscribe(room);
  }

  private here(page: Page, guest: Guest, places: Whereabouts[]) {
    guest.places = places.slice(0, PLACES_MAX);
    this.guests.delete(page);
    this.guests.set(page, guest);
    this.settle();
    for (const place of guest.places) {
      const presence = this.presence.get(placeOf(place));
      if (presence) page.send({ kind: 'presence', presence });
    }
  }

  /** The places of the pages looked at last, each with the page looked at last. */
  private settle() {
    const chosen = new Map<string, Whereabouts>();
    for (const { places } of [...this.guests.values()].reverse()) {
      for (const place of places) {
        const key = placeOf(place);
        if (!chosen.has(key) && chosen.size < PLACES_MAX) chosen.set(key, place);
      }
    }
    for (const key of this.presence.keys()) if (!chosen.has(key)) this.presence.delete(key);
    this.socket.here([...chosen.values()]);
  }

  private onPresence(presence: Presence) {
    const key = placeOf(presence);
    this.presence.set(key, presence);
    this.tell({ kind: 'presence', presence }, ({ places }) =>
      places.some((place) => placeOf(place) === key),
    );
  }

  private pass(told: Told, rooms: Room[]) {
    const keys = rooms.map(keyOf);
    this.tell({ kind: 'told', told, rooms }, (guest) => keys.some((key) => guest.rooms.has(key)));
  }

  private tell(signal: Signal, whom: (guest: Guest) => boolean = () => true) {
    for (const [page, guest] of this.guests) if (whom(guest)) page.send(signal);
  }
}
