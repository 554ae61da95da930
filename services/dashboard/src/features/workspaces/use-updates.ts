// Reads workspaces again when something happens in them; without a WebSocket, every few seconds.
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { useOrganizationUpdates } from '@/lib/events/hooks';
import { POLL_MS } from '@/lib/live';

/** Events that come so close together are one reason to read. */
const GATHER_MS = 150;

type Updates = ReturnType<typeof useOrganizationUpdates>;

/** Returns whether the WebSocket is live. */
export function useReadOn(updates: Updates, key: QueryKey): boolean {
  const queries = useQueryClient();
  // Keys are made anew with each render: they are compared by what they say.
  const wanted = JSON.stringify(key);
  const { connected, onWorkspaceStatus, onEvent, onReset } = updates;
  useEffect(() => {
    const read = () => void queries.invalidateQueries({ queryKey: JSON.parse(wanted) });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const readSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        read();
      }, GATHER_MS);
    };
    const ends = [onWorkspaceStatus(readSoon), onEvent(readSoon), onReset(readSoon)];
    const poll = connected ? undefined : setInterval(read, POLL_MS);
    // What happened before the subscription, or while it was lost, is in no message.
    if (connected) readSoon();
    return () => {
      for (const end of ends) end();
      clearTimeout(timer);
      clearInterval(poll);
    };
  }, [queries, wanted, connected, onWorkspaceStatus, onEvent, onReset]);
  return connected;
}
