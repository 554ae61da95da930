// The timers a test has begun, so that none of them goes off in a later one: a connection that nobody
// closed would open again there.
const begun = new Set<NodeJS.Timeout>();
const { setTimeout, setInterval } = globalThis;

/** From now on timers are remembered. */
export function watchTimers() {
  const watched =
    <Wanted extends unknown[]>(begin: (...wanted: Wanted) => NodeJS.Timeout) =>
    (...wanted: Wanted) => {
      const timer = begin(...wanted);
      begun.add(timer);
      return timer;
    };
  Object.assign(globalThis, {
    setTimeout: watched(setTimeout),
    setInterval: watched(setInterval),
  });
}

export function endTimers() {
  for (const timer of begun) clearTimeout(timer);
  begun.clear();
}

/** The timers of others are none of this file's business. */
export function unwatchTimers() {
  Object.assign(globalThis, { setTimeout, setInterval });
}
