// The frame of every signed-in page: brand, connection, person, footer; and what runs behind it.
import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback } from 'react';
import { Brand } from '@/components/brand';
import { ColorSchemeToggle } from '@/components/color-scheme-toggle';
import { ConnectionIndicator } from '@/components/connection-indicator';
import { ErrorBoundary } from '@/components/error-boundary';
import { UserMenu } from '@/features/auth/user-menu';
import { StatusToasts } from '@/features/clusters/status-toasts';
import { TimedToasts } from '@/features/clusters/timed-toasts';
import { OrganizationSwitcher } from '@/features/organizations/switcher';
import { api } from '@/lib/api/client';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Me } from '@/lib/api/types';
import { LiveProvider, useLive } from '@/lib/live';
import { MeContext, useFreshMe } from '@/lib/session/me';
import { isSignedOut } from '@/lib/session/session';
import classes from './layout.module.css';
import { LiveLists } from './live-lists';

export function DashboardLayout(props: { me: Me }) {
  const me = useFreshMe(props.me);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = useCallback(async () => {
    queries.clear();
    notifications.clean();
    await navigate({ to: '/login', replace: true });
  }, [queries, navigate]);
  return (
    <MeContext value={me}>
      <LiveProvider user={me.user.id} onSignedOut={leave}>
        <StatusToasts />
        <TimedToasts />
        <LiveLists />
        <Frame me={me} onLeave={leave}>
          <ErrorBoundary>
            <Outlet />
          </ErrorBoundary>
        </Frame>
      </LiveProvider>
    </MeContext>
  );
}

function Frame(props: { me: Me; onLeave: () => void; children: ReactNode }) {
  const { me, onLeave } = props;
  const live = useLive();
  const logOut = useMutation({
    mutationFn: () => api.logOut(),
    onSuccess: () => {
      live.logOut();
      onLeave();
    },
    onError: (thrown) => {
      if (isSignedOut(thrown)) return onLeave();
      notifications.show({
        color: 'red',
        title: 'Couldn’t log out',
        message: inOneLine(toApiError(thrown)),
      });
    },
  });
  return (
    <div className={classes.page}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/dashboard" className={classes.home} aria-label="labyard, go to clusters">
            <Brand />
          </Link>
          <OrganizationSwitcher />
          <Navigation admin={me.user.is_admin} />
          <div className={classes.tools}>
            <ConnectionIndicator
              connection={live.shown}
              reconnects={live.reconnects}
              onRetry={live.retry}
            />
            <ColorSchemeToggle />
            <UserMenu user={me.user} busy={logOut.isPending} onLogOut={() => logOut.mutate()} />
          </div>
        </div>
      </header>
      <main id="content" className={classes.main} tabIndex={-1}>
        {props.children}
      </main>
      <footer className={classes.footer}>
        <div className={classes.bar}>
          <Text size="xs" c="dimmed">
            labyard {__VERSION__} · <a href="/docs">API</a>
          </Text>
          <Text size="xs" c="dimmed" className={classes.isolation}>
            {isolationInWords(me.isolation)}
            {!window.isSecureContext && ' · Not secure: this connection doesn’t use HTTPS.'}
          </Text>
        </div>
      </footer>
    </div>
  );
}

/** Beside the brand where there is room, below it on a phone. */
function Navigation({ admin }: { admin: boolean }) {
  const inCluster = useLocation({ select: ({ pathname }) => pathname.startsWith('/clusters/') });
  return (
    <nav className={classes.nav} aria-label="Pages">
      <Link to="/dashboard" className={classes.tab} data-within={inCluster}>
        Clusters
      </Link>
      <Link to="/tasks" className={classes.tab} activeOptions={{ includeSearch: false }}>
        Tasks
      </Link>
      <Link to="/history" className={classes.tab} activeOptions={{ includeSearch: false }}>
        Activity
      </Link>
      <Link to="/audit" className={classes.tab} activeOptions={{ includeSearch: false }}>
        Audit
      </Link>
      {admin && (
        <Link to="/hosts" className={classes.tab}>
          Hosts
        </Link>
      )}
    </nav>
  );
}

function isolationInWords(isolation: string): string {
  return isolation === 'dev'
    ? 'Isolation: dev (plain containers). Root in a cluster is root on its host. Trusted users only.'
    : `Isolation: ${isolation}`;
}
