// /audit: what was done and what was denied, by whom and from where.
import { Button, Paper } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconHistoryOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { EmptyState } from '@/components/empty-state';
import { Loaded } from '@/components/loaded';
import { PageHead } from '@/components/page-head';
import { WhoIsHere } from '@/components/who-is-here';
import { people } from '@/lib/api/people';
import { workspacesOf } from '@/lib/presence/places';
import { useMe } from '@/lib/session/me';
import classes from './audit.module.css';
import { AuditList } from './audit-list';
import { DownloadButton } from './download';
import { Filters } from './filters';
import { type AuditSearch, toFilter } from './search';

const PAGE = 50;

export function AuditPage() {
  useDocumentTitle('Audit · labyard');
  const me = useMe();
  const search = useSearch({ from: '/members/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const filter = toFilter(search, me);
  // Nobody else sees one's own actions: there is no presence there.
  const organization = filter.organization_id;
  const audit = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => people.audit(filter, PAGE, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    retry: false,
    refetchOnMount: 'always',
  });
  const show = (more: AuditSearch) =>
    void navigate({ search: (now) => ({ ...now, ...more }), replace: true, resetScroll: false });
  const filtered = Boolean(search.action || search.allowed || search.user);
  return (
    <>
      <PageHead
        title="Audit"
        marks={organization && <WhoIsHere places={workspacesOf(me, organization, '/audit')} />}
        about="Every action, allowed or denied: the person, the time and the address. Entries never change."
      >
        <DownloadButton filter={filter} />
      </PageHead>
      <Filters search={search} onChange={show} />
      <Loaded asked={audit} name="Loading the audit log" height={320}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          return entries.length === 0 ? (
            <Paper withBorder radius="lg">
              <EmptyState
                icon={IconHistoryOff}
                title={filtered ? 'No matching entries' : 'No entries yet'}
                action={
                  filtered && (
                    <Button
                      variant="default"
                      onClick={() =>
                        show({ action: undefined, allowed: undefined, user: undefined })
                      }
                    >
                      Clear filters
                    </Button>
                  )
                }
              >
                {filtered
                  ? 'No entries match these filters.'
                  : 'Changes, commands and denied requests appear here.'}
              </EmptyState>
            </Paper>
          ) : (
            <AuditList entries={entries} />
          );
        }}
      </Loaded>
      {audit.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={audit.isFetchingNextPage}
            onClick={() => void audit.fetchNextPage()}
          >
            Load older
          </Button>
        </div>
      )}
    </>
  );
}
