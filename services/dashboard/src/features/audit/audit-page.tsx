// /audit: what was done and what was refused, by whom and from where.
import { Button, Paper } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconHistoryOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { EmptyState } from '@/components/empty-state';
import { Loaded } from '@/components/loaded';
import { PageHead } from '@/components/page-head';
import { mayIn, useMe } from '@/features/auth/me';
import { workspacesOf } from '@/features/presence/places';
import { WhoIsHere } from '@/features/presence/who-is-here';
import { type AuditFilter, people } from '@/lib/api/people';
import type { Me } from '@/lib/api/types';
import classes from './audit.module.css';
import { AuditList } from './audit-list';
import { DownloadButton } from './download';
import { Filters } from './filters';

const PAGE = 50;
/** One's own acts, in the address. */
export const OWN = 'own';

export interface AuditSearch {
  /** An organization, one's own acts, or, left out, the first of these the person may read. */
  of?: string;
  user?: string;
  action?: string;
  allowed?: 'yes' | 'no';
}

const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined);

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  const { of, user, action, allowed } = search;
  return {
    of: text(of),
    user: text(user),
    action: text(action),
    allowed: allowed === 'yes' || allowed === 'no' ? allowed : undefined,
  };
}

/** What of the audit a person may choose, the widest first. */
export function choices({ user, organizations }: Me): { value: string; label: string }[] {
  return [
    ...(user.is_admin ? [{ value: '', label: 'Entire installation' }] : []),
    { value: OWN, label: 'My actions' },
    ...organizations
      .filter((membership) => mayIn(membership, 'audit_read'))
      .map(({ organization_id, name, personal }) => ({
        value: organization_id,
        label: personal ? `${name} (personal)` : name,
      })),
  ];
}

export function toFilter({ of, user, action, allowed }: AuditSearch, me: Me): AuditFilter {
  const own = of === OWN || (!of && !me.user.is_admin);
  const whose = own ? me.user.id : user;
  return {
    ...(of && !own ? { organization_id: of } : {}),
    ...(whose ? { user_id: whose } : {}),
    ...(action ? { action } : {}),
    ...(allowed ? { allowed: allowed === 'yes' } : {}),
  };
}

export function AuditPage() {
  useDocumentTitle('Audit · labyard');
  const me = useMe();
  const search = useSearch({ from: '/members/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const filter = toFilter(search, me);
  // One's own acts are nobody else's page.
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
