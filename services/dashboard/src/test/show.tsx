// Shows parts of the page as the application does.
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterContextProvider, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Looks, makeApp } from '@/app/provider';
import { MeContext } from '@/features/auth/me';
import { LiveClusters } from '@/features/clusters/live';
import { me } from './samples';

/** One part, for a signed-in person, with the live clusters behind it. */
export function showPart(part: ReactNode) {
  const { queries, router } = makeApp();
  return render(
    <Looks env="test">
      <QueryClientProvider client={queries}>
        <RouterContextProvider router={router}>
          <MeContext value={me}>
            <LiveClusters user={me.user.id} onSignedOut={() => {}}>
              {part}
            </LiveClusters>
          </MeContext>
        </RouterContextProvider>
      </QueryClientProvider>
    </Looks>,
  );
}

/** The whole application at a path. */
export function showApp(path: string) {
  const app = makeApp();
  app.router.update({
    ...app.router.options,
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  const view = render(
    <Looks env="test">
      <QueryClientProvider client={app.queries}>
        <RouterProvider router={app.router} />
      </QueryClientProvider>
    </Looks>,
  );
  return { ...app, ...view };
}
