// Idempotency keys: a request that is repeated because its answer was lost carries the same
// `Idempotency-Key`, so that the server does it once.

/** Requests without an answer that are remembered; the oldest are forgotten first. */
const OPEN_MAX = 50;
const KEY_BYTES = 16;

// crypto.randomUUID is there on protected pages only.
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether the server keeps a request's answer by its key: changes, except log-ins and commands. */
export const isKept = (method: string, path: string) =>
  method !== 'GET' && !/^\/api\/v1\/auth\/|\/exec$|\/active$/.test(path);

export class OpenRequests {
  private readonly keys = new Map<string, string>();

  /** The key of a request that is about to be sent. */
  key(request: string): string {
    const key = this.keys.get(request) ?? freshKey();
    this.keys.set(request, key);
    if (this.keys.size > OPEN_MAX) {
      const oldest = this.keys.keys().next().value;
      if (oldest !== undefined) this.keys.delete(oldest);
    }
    return key;
  }

  /** An answer came: the same request again is a new one. */
  answered(key: string) {
    for (const [request, known] of this.keys) if (known === key) this.keys.delete(request);
  }
}
