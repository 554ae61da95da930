// This page's end of the event stream: through the SharedWorker that all pages of the browser
// share, or, where there is none, a stream of its own that is closed while the page is hidden.
import { Keeper } from './keeper';
import type { Order, Signal } from './protocol';
import { browser } from './world';

export interface Feed {
  retry(): void;
  /** The person has logged out here. */
  logOut(): void;
  close(): void;
}

export interface FeedOptions {
  user: string;
  /** Where in the log the page's list was read. */
  since: string | null;
  onSignal(signal: Signal): void;
}

type Send = (order: Order) => void;

/** Talks to the SharedWorker; `undefined` where there is none. */
function throughWorker(onSignal: (signal: Signal) => void, onBroken: () => void): Send | undefined {
  if (typeof SharedWorker === 'undefined') return undefined;
  try {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
      type: 'module',
      name: 'labyard-events',
    });
    worker.onerror = onBroken;
    worker.port.onmessage = (message: MessageEvent<Signal>) => onSignal(message.data);
    return (order) => worker.port.postMessage(order);
  } catch {
    return undefined;
  }
}

function inPage(onSignal: (signal: Signal) => void): Send {
  const keeper = new Keeper(browser);
  const page = { send: onSignal };
  return (order) => keeper.receive(page, order);
}

export function openFeed({ user, since, onSignal }: FeedOptions): Feed {
  let cursor = since;
  let closed = false;
  const hear = (signal: Signal) => {
    if (closed) return;
    if (signal.kind === 'event' || signal.kind === 'reset') cursor = signal.cursor || cursor;
    onSignal(signal);
  };
  const join = () => send({ kind: 'join', user, since: cursor });

  const worker = throughWorker(hear, () => {
    // The worker's file could not be loaded or run.
    if (closed || !shared) return;
    shared = false;
    send = inPage(hear);
    if (!document.hidden) join();
  });
  let shared = worker !== undefined;
  let send: Send = worker ?? inPage(hear);

  const onVisibility = () => {
    if (shared) return;
    if (document.hidden) send({ kind: 'leave' });
    else join();
  };
  const onHide = () => send({ kind: 'leave' });
  // A page that comes back from the browser's cache has missed what happened meanwhile.
  const onShow = (event: PageTransitionEvent) => event.persisted && join();
  const onOnline = () => send({ kind: 'retry' });
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('pagehide', onHide);
  window.addEventListener('pageshow', onShow);
  window.addEventListener('online', onOnline);

  if (shared || !document.hidden) join();

  return {
    retry: () => send({ kind: 'retry' }),
    logOut: () => send({ kind: 'log_out' }),
    close: () => {
      closed = true;
      send({ kind: 'leave' });
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('pagehide', onHide);
      window.removeEventListener('pageshow', onShow);
      window.removeEventListener('online', onOnline);
    },
  };
}
