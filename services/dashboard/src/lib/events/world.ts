// Network, clock and randomness as a connection needs them, and the real ones of a page or a worker.

/** An EventSource. */
export interface Source {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

/** A WebSocket. */
export interface Wire {
  readonly readyState: number;
  onopen: ((event: globalThis.Event) => void) | null;
  onmessage: ((event: MessageEvent<string>) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface World {
  open(url: string): Source;
  dial(path: string): Wire;
  /** Asks whether the session still holds. */
  session(): Promise<'holds' | 'over' | 'unknown'>;
  /** Calls back once after a while; returns what calls it off. */
  after(ms: number, action: () => void): () => void;
  random(): number;
}

export const browser: World = {
  open: (url) => new EventSource(url),
  dial: (path) => new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`),
  session: async () => {
    try {
      const answer = await fetch('/api/v1/auth/me', { cache: 'no-store' });
      if (answer.status === 401) return 'over';
      return answer.ok ? 'holds' : 'unknown';
    } catch {
      return 'unknown';
    }
  },
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
