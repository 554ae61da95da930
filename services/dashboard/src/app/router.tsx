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
import { ProfilePage, profileSearch } from '@/features/account/profile-page';
import { ActivityPage } from '@/features/activity/activity-page';
import { activitySearch } from '@/features/activity/search';
import { AuditPage } from '@/features/audit/audit-page';
import { auditSearch } from '@/features/audit/search';
import { DevicePage } from '@/features/auth/device-page';
import { LoginPage } from '@/features/auth/login-page';
import { RegisterPage } from '@/features/auth/register-page';
import { ResetPage } from '@/features/auth/reset-page';
import { ClustersPage } from '@/features/clusters/clusters-page';
import { HostsPage } from '@/features/installation/hosts-page';
import { InvitationPage } from '@/features/organizations/invitation-page';
import { OrganizationsPage } from '@/features/organizations/organizations-page';
import { SharePage } from '@/features/shares/share-page';
import { TasksPage, tasksSearch } from '@/features/tasks/tasks-page';
import { keepToken, type Link } from '@/lib/session/kept-token';
import { safeNext, whoAmI } from '@/lib/session/session';
import { DashboardLayout } from './layout';
import { ClusterPage } from './pages/cluster-page';
import { OrganizationPage, organizationSearch } from './pages/organization-page';
import { WorkspacePage } from './pages/workspace-page';
import { ErrorPage, NotFoundPage } from './status-pages';

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

interface Next {
  next?: string;
  /** Why a login by a provider was refused. */
  refused?: string;
}
const nextSearch = (search: Record<string, unknown>): Next => ({
  ...(search.next ? { next: safeNext(search.next) } : {}),
  ...(typeof search.refused === 'string' ? { refused: search.refused } : {}),
});

/** Pages for people who are not signed in; those who are go on to `next`. */
const guests = createRoute({
  getParentRoute: () => root,
  id: 'guests',
  validateSearch: nextSearch,
  beforeLoad: async ({ context, search }) => {
    // A server that cannot say who this is must not keep the log-in page away.
    const me = await whoAmI(context.queries).catch(() => null);
    if (me) throw redirect({ to: safeNext(search.next), replace: true });
  },
});

const login = createRoute({
  getParentRoute: () => guests,
  path: '/login',
  component: LoginPage,
});

const register = createRoute({
  getParentRoute: () => guests,
  path: '/register',
  component: RegisterPage,
});

/** The secret behind the `#` leaves the address, and the history, before anything is shown. */
function keepHash(link: Link, hash: string) {
  if (!hash) return;
  keepToken(link, hash);
  throw redirect({ to: `/${link}`, replace: true });
}

async function openLink(link: Link, hash: string, queries: QueryClient) {
  keepHash(link, hash);
  return { me: await whoAmI(queries) };
}

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  beforeLoad: ({ context, location }) => openLink('invitation', location.hash, context.queries),
  component: InvitationPage,
});

const share = createRoute({
  getParentRoute: () => root,
  path: '/share',
  beforeLoad: ({ context, location }) => openLink('share', location.hash, context.queries),
  component: SharePage,
});

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  beforeLoad: ({ location }) => keepHash('reset', location.hash),
  component: ResetPage,
});

const device = createRoute({
  getParentRoute: () => root,
  path: '/device',
  beforeLoad: ({ context, location }) => openLink('device', location.hash, context.queries),
  component: DevicePage,
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
  component: ClustersPage,
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

const organizations = createRoute({
  getParentRoute: () => members,
  path: '/organizations',
  component: OrganizationsPage,
});

const organization = createRoute({
  getParentRoute: () => members,
  path: '/organizations/$id',
  validateSearch: organizationSearch,
  component: OrganizationPage,
});

const workspace = createRoute({
  getParentRoute: () => members,
  path: '/workspaces/$id',
  component: WorkspacePage,
});

const profile = createRoute({
  getParentRoute: () => members,
  path: '/profile',
  validateSearch: profileSearch,
  component: ProfilePage,
});

const audit = createRoute({
  getParentRoute: () => members,
  path: '/audit',
  validateSearch: auditSearch,
  component: AuditPage,
});

const history = createRoute({
  getParentRoute: () => members,
  path: '/history',
  validateSearch: activitySearch,
  component: ActivityPage,
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
  invitation,
  share,
  reset,
  device,
  guests.addChildren([login, register]),
  members.addChildren([
    dashboard,
    cluster,
    tasks,
    history,
    organizations,
    organization,
    workspace,
    audit,
    profile,
    hosts,
  ]),
]);

export const makeRouter = (queries: QueryClient) =>
  createRouter({ routeTree: routes, context: { queries }, defaultPendingMs: 300 });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
