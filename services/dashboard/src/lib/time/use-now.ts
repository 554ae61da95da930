// One ticking clock for the whole page: every countdown moves in the same frame.
import { useSyncExternalStore } from 'react';
import { serverNow } from './clock';

const TICK_MS = 1_000;

const listeners = new Set<() => void>();
let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  if (listeners.size === 0) {
    now = serverNow();
    timer = setInterval(tick, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** The server's time, again each second. */
export const useNow = () => useSyncExternalStore(subscribe, () => now);
