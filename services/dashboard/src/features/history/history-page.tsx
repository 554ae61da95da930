// /history: what happened in an organization or one of its workspaces, newest first, growing as it
// happens.
import { Button, Paper } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { EmptyState } from '@/components/empty-state';
import { PageHead } from '@/components/page-head';
import { ProblemAlert } from '@/components/problem-alert';
import { useMe } from '@/features/auth/me';
import { PollingNotice } from '@/features/clusters/polling-notice';
import { membersQuery } from '@/features/organizations/queries';
import { useScope } from '@/features/organizations/scope';
import { workspacesOf } from '@/features/presence/places';
import { WhoIsHere } from '@/features/presence/who-is-here';
import { EventLines, LinesSkeleton } from '@/features/timeline/event-lines';
import { useTimeline } from '@/features/timeline/use-timeline';
import { whoIs } from '@/features/timeline/words';
import type { TimelineFilter } from '@/lib/api/client';
import { useOrganizationUpdates, useWebSocket, useWorkspaceUpdates } from '@/lib/events/hooks';
import { Filters } from './filters';
import classes from './history.module.css';
import { type HistorySearch, toFilter } from './search';

const NO_FILTERS: HistorySearch = {
  workspace: undefined,
  cluster: undefined,
  user: undefined,
  kind: undefined,
  from: undefined,
  until: undefined,
};

export function HistoryPage() {
  useDocumentTitle('Activity · labyard');
  const me = useMe();
  const { scope } = useScope();
  const search = useSearch({ from: '/members/history' });
  const navigate = useNavigate({ from: '/history' });
  const chosen =
    me.organizations.find(({ organization_id }) => organization_id === search.of) ??
    (scope.kind === 'organization' ? scope.membership : undefined) ??
    me.organizations.find(({ personal }) => !personal) ??
    me.organizations[0];
  const show = (more: HistorySearch) =>
    void navigate({ search: (now) => ({ ...now, ...more }), replace: true, resetScroll: false });
  if (!chosen) return <Nowhere />;
  const organization = chosen.organization_id;
  const filter = toFilter(search, organization);
  // The organization alone is no filter.
  const filtered = Object.keys(filter).length > 1;
  return (
    <>
      <PageHead
        title="Activity"
        marks={<WhoIsHere places={workspacesOf(me, organization, '/history')} />}
        about={`Live activity in ${chosen.personal ? 'your personal organization' : chosen.name}`}
      />
      <Filters search={search} organization={organization} onChange={show} />
      <PollingNotice />
      <Events
        key={`${organization} ${search.workspace ?? ''}`}
        organization={organization}
        workspace={search.workspace}
        filter={filter}
        onClear={filtered ? () => show(NO_FILTERS) : undefined}
      />
    </>
  );
}

interface EventsProps {
  organization: string;
  workspace: string | undefined;
  filter: TimelineFilter;
  onClear: (() => void) | undefined;
}

/** What was read, and what is told since of the workspace, or of all of them. */
function useHistory({ organization, workspace, filter }: EventsProps) {
  const { connection } = useWebSocket();
  const history = useTimeline(filter, connection === 'live');
  const { hear, refetch, since } = history;
  // What is told goes on from what was read.
  const listed = since === undefined ? undefined : organization;
  const one = useWorkspaceUpdates(listed, workspace, since);
  const all = useOrganizationUpdates(workspace ? undefined : listed, since);
  const told = workspace ? one : all;
  useEffect(() => {
    const ends = [
      told.onWorkspaceStatus(hear),
      told.onTaskProgress(hear),
      told.onEvent(hear),
      told.onReset(() => void refetch()),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [told, hear, refetch]);
  return history;
}

function Events(props: EventsProps) {
  const { organization, onClear } = props;
  const { user } = useMe();
  const history = useHistory(props);
  const members = useQuery(membersQuery(organization)).data;
  const who = useMemo(
    () => whoIs(user.id, new Map(members?.map(({ user_id, name }) => [user_id, name]))),
    [user.id, members],
  );
  const { events, error } = history;
  return (
    <>
      {error && (
        <ProblemAlert
          error={error}
          busy={history.isFetching}
          onRetry={() => void history.refetch()}
        />
      )}
      {(events || !error) && (
        <Paper withBorder radius="lg" className={classes.card}>
          {!events && <LinesSkeleton name="Loading activity" />}
          {events?.length === 0 && <Nothing onClear={onClear} />}
          {events && events.length > 0 && <EventLines events={events} who={who} withClusters />}
        </Paper>
      )}
      {history.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={history.isFetchingNextPage}
            onClick={() => void history.fetchNextPage()}
          >
            Load older
          </Button>
        </div>
      )}
    </>
  );
}

function Nothing({ onClear }: { onClear: (() => void) | undefined }) {
  return (
    <EmptyState
      icon={IconHistory}
      title={onClear ? 'No matching activity' : 'No activity yet'}
      action={
        onClear && (
          <Button variant="default" onClick={onClear}>
            Clear filters
          </Button>
        )
      }
    >
      {onClear
        ? 'No activity matches these filters.'
        : 'Cluster activity appears here, even after deletion.'}
    </EmptyState>
  );
}

function Nowhere() {
  return (
    <Paper withBorder radius="lg">
      <EmptyState icon={IconHistory} title="No organization">
        You aren’t in an organization. Activity of clusters shared with you is on their pages.
      </EmptyState>
    </Paper>
  );
}
