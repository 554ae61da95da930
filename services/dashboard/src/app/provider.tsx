// What every part of the page stands on: theme, toasts, query cache, router.
import { Anchor, Drawer, MantineProvider, Menu, Modal, Tooltip } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { isSignedOut, meQuery } from '@/lib/session/session';
import { makeRouter } from './router';
import { theme } from './theme';

const TOASTS_MAX = 4;

const appTheme = {
  ...theme,
  components: {
    // Scrolling is locked by tokens.css: the built-in way writes an inline style sheet.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true, radius: 'lg' } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
    // Colour alone tells nobody that it is a link.
    Anchor: Anchor.extend({ defaultProps: { underline: 'always' } }),
    // A menu holds nothing but items, and the first has the focus.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
  },
};

/** Theme and toasts alone: all that a component needs to be shown. */
export function Looks({ children, env }: { children: ReactNode; env?: 'default' | 'test' }) {
  return (
    <MantineProvider
      theme={appTheme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
      env={env}
    >
      <Notifications position="bottom-right" limit={TOASTS_MAX} />
      {children}
    </MantineProvider>
  );
}

export function makeApp() {
  const onError = (error: unknown) => {
    // Whatever request it was: the session is over, and the router leads to the log-in page.
    if (isSignedOut(error) && queries.getQueryData(meQuery.queryKey)) {
      queries.removeQueries({ queryKey: meQuery.queryKey });
      void router.invalidate();
    }
  };
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    // A request is sent even when the browser reports that it is offline: its error says more.
    defaultOptions: { queries: { networkMode: 'always' }, mutations: { networkMode: 'always' } },
  });
  const router = makeRouter(queries);
  return { queries, router };
}

export function App({ app }: { app: ReturnType<typeof makeApp> }) {
  return (
    <Looks>
      <QueryClientProvider client={app.queries}>
        <RouterProvider router={app.router} />
      </QueryClientProvider>
    </Looks>
  );
}
