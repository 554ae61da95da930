// /history: the activity of an organization or one of its workspaces, newest first, live.
import { Button, Paper } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { EmptyState } from '@/components/empty-state';
import { PageHead } from '@/components/page-head';
import { PollingNotice } from '@/components/polling-notice';
import { ProblemAlert } from '@/components/problem-alert';
import { WhoIsHere } from '@/components/who-is-here';
import type { TimelineFilter } from '@/lib/api/client';
import { useOrganizationUpdates, useWebSocket, useWorkspaceUpdates } from '@/lib/events/hooks';
import { membersQuery } from '@/lib/people/queries';
import { workspacesOf } from '@/lib/presence/places';
import { useMe } from '@/lib/session/me';
import { useScope } from '@/lib/session/scope';
import classes from './activity.module.css';
import { EventLines, LinesSkeleton } from './event-lines';
import { Filters } from './filters';
import { type ActivitySearch, toFilter } from './search';
import { useTimeline } from './use-timeline';
import { whoIs } from './words';

const NO_FILTERS: ActivitySearch = {
  workspace: undefined,
  cluster: undefined,
  user: undefined,
  kind: undefined,
  from: undefined,
  until: undefined,
};

export function ActivityPage() {
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
  const show = (more: ActivitySearch) =>
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

/** The pages that were read, and the events since of the workspace, or of all of them. */
function useActivity({ organization, workspace, filter }: EventsProps) {
  const { connection } = useWebSocket();
  const timeline = useTimeline(filter, connection === 'live');
  const { onEvent, refetch, since } = timeline;
  // The events continue the list: it is read first.
  const listed = since === undefined ? undefined : organization;
  const one = useWorkspaceUpdates(listed, workspace, since);
  const all = useOrganizationUpdates(workspace ? undefined : listed, since);
  const updates = workspace ? one : all;
  useEffect(() => {
    const ends = [
      updates.onWorkspaceStatus(onEvent),
      updates.onTaskProgress(onEvent),
      updates.onEvent(onEvent),
      updates.onReset(() => void refetch()),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [updates, onEvent, refetch]);
  return timeline;
}

function Events(props: EventsProps) {
  const { organization, onClear } = props;
  const { user } = useMe();
  const timeline = useActivity(props);
  const members = useQuery(membersQuery(organization)).data;
  const who = useMemo(
    () => whoIs(user.id, new Map(members?.map(({ user_id, name }) => [user_id, name]))),
    [user.id, members],
  );
  const { events, error } = timeline;
  return (
    <>
      {error && (
        <ProblemAlert
          error={error}
          busy={timeline.isFetching}
          onRetry={() => void timeline.refetch()}
        />
      )}
      {(events || !error) && (
        <Paper withBorder radius="lg" className={classes.card}>
          {!events && <LinesSkeleton name="Loading activity" />}
          {events?.length === 0 && <Nothing onClear={onClear} />}
          {events && events.length > 0 && <EventLines events={events} who={who} withClusters />}
        </Paper>
      )}
      {timeline.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={timeline.isFetchingNextPage}
            onClick={() => void timeline.fetchNextPage()}
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
