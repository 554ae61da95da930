// The signed-in person, for every part of a page.
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';
import type { Me } from '@/lib/api/types';
import { meQuery } from './session';

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = use(MeContext);
  if (!me) throw new Error('useMe outside MeContext');
  return me;
}

/** The person as the cache has them; reading them again is `readMe`'s business. */
export const useFreshMe = (me: Me): Me => useQuery({ ...meQuery, enabled: false }).data ?? me;

/** Asks again who this is: their organizations may have changed. */
export const readMe = (queries: QueryClient): Promise<Me> =>
  queries.fetchQuery({ ...meQuery, staleTime: 0 });
