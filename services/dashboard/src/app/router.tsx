// Every page and who may open it.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { LoginPage } from '@/features/auth/login-page';
import { RegisterPage } from '@/features/auth/register-page';
import { safeNext, whoAmI } from '@/features/auth/session';
import { ClusterPage } from '@/features/clusters/cluster-page';
import { ClustersPage } from '@/features/clusters/clusters-page';
import { HostsPage } from '@/features/installation/hosts-page';
import { TasksPage, tasksSearch } from '@/features/tasks/tasks-page';
import { DashboardLayout } from './layout';
import { ErrorPage, NotFoundPage } from './status-pages';

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

/** Pages for who is not signed in; whoever is goes on to the clusters. */
const guests = createRoute({
  getParentRoute: () => root,
  id: 'guests',
  beforeLoad: async ({ context }) => {
    // A server that cannot say who this is must not keep the log-in page away.
    const me = await whoAmI(context.queries).catch(() => null);
    if (me) throw redirect({ to: '/dashboard', replace: true });
  },
});

const login = createRoute({
  getParentRoute: () => guests,
  path: '/login',
  validateSearch: (search): { next?: string } =>
    search.next ? { next: safeNext(search.next) } : {},
  component: LoginPage,
});

const register = createRoute({
  getParentRoute: () => guests,
  path: '/register',
  component: RegisterPage,
});

const members = createRoute({
  getParentRoute: () => root,
  id: 'members',
  beforeLoad: async ({ context, location }) => {
    const me = await whoAmI(context.queries);
    if (!me) {
      const next = location.pathname === '/dashboard' ? {} : { next: location.href };
      throw redirect({ to: '/login', search: next, replace: true });
    }
    return { me };
  },
  component: function Members() {
    const { me } = members.useRouteContext();
    return <DashboardLayout key={me.session_id} me={me} />;
  },
});

const dashboard = createRoute({
  getParentRoute: () => members,
  path: '/dashboard',
  component: function Dashboard() {
    return <ClustersPage me={dashboard.useRouteContext().me} />;
  },
});

const tasks = createRoute({
  getParentRoute: () => members,
  path: '/tasks',
  validateSearch: tasksSearch,
  component: TasksPage,
});

const cluster = createRoute({
  getParentRoute: () => members,
  path: '/clusters/$id',
  component: ClusterPage,
});

/** For administrators; for others there is no such page. */
const hosts = createRoute({
  getParentRoute: () => members,
  path: '/hosts',
  beforeLoad: ({ context }) => {
    if (!context.me.user.is_admin) throw notFound();
  },
  component: HostsPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/dashboard', replace: true });
  },
});

const routes = root.addChildren([
  home,
  guests.addChildren([login, register]),
  members.addChildren([dashboard, cluster, tasks, hosts]),
]);

export const makeRouter = (queries: QueryClient) =>
  createRouter({ routeTree: routes, context: { queries }, defaultPendingMs: 300 });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
