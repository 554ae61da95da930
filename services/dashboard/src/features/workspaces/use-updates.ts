// Reads workspaces again when something happens in their rooms; while there is no WebSocket, every
// few seconds.
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { POLL_MS } from '@/features/clusters/live';
import type { useOrganizationUpdates } from '@/lib/events/hooks';

/** Events that come so close together are one reason to read. */
const GATHER_MS = 150;

type Updates = ReturnType<typeof useOrganizationUpdates>;

/** Gives whether what is shown follows by itself. */
export function useReadOn(updates: Updates, key: QueryKey): boolean {
  const queries = useQueryClient();
  // Keys are made anew with each render: they are told apart by what they say.
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
    // What happened before the room was entered, or while it was lost.
    if (connected) readSoon();
    return () => {
      for (const end of ends) end();
      clearTimeout(timer);
      clearInterval(poll);
    };
  }, [queries, wanted, connected, onWorkspaceStatus, onEvent, onReset]);
  return connected;
}
