// Shows parts of the page as the application does.
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterContextProvider, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Looks, makeApp } from '@/app/provider';
import { StatusToasts } from '@/features/clusters/status-toasts';
import { LiveProvider } from '@/lib/live';
import { MeContext } from '@/lib/session/me';
import { me } from './samples';

/** One part that needs theme and toasts alone. */
export const showBare = (part: ReactNode) =>
  render(part, { wrapper: ({ children }) => <Looks env="test">{children}</Looks> });

/** One part, for a signed-in person, with the live clusters behind it. */
export function showPart(part: ReactNode) {
  const { queries, router } = makeApp();
  return render(
    <Looks env="test">
      <QueryClientProvider client={queries}>
        <RouterContextProvider router={router}>
          <MeContext value={me}>
            <LiveProvider user={me.user.id} onSignedOut={() => {}}>
              <StatusToasts />
              {part}
            </LiveProvider>
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
