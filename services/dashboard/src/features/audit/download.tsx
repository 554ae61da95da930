// Takes what the filters show, all pages of it, as a file.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type AuditFilter, people } from '@/lib/api/people';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { AuditEntry } from '@/lib/api/types';
import { toCsv } from './csv';

const PAGE = 200;
/** Lines of one file; who wants more narrows the filters or asks the API. */
const LINES_MAX = 10_000;

async function readAll(filter: AuditFilter) {
  const entries: AuditEntry[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await people.audit(filter, PAGE, cursor ?? undefined);
    entries.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && entries.length < LINES_MAX);
  return { entries, whole: !cursor };
}

function save(text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The browser has begun to read it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url));
}

/** Of one organization the server writes the file: all of it, however much that is. */
export function exportPath({ organization_id, ...rest }: AuditFilter): string | undefined {
  if (!organization_id) return undefined;
  const query = new URLSearchParams({ format: 'csv' });
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `/api/v1/organizations/${organization_id}/audit/export?${query}`;
}

export function DownloadButton({ filter }: { filter: AuditFilter }) {
  const path = exportPath(filter);
  if (!path) return <SaveButton filter={filter} />;
  return (
    <Button
      component="a"
      href={path}
      download
      variant="default"
      leftSection={<IconDownload size={17} aria-hidden />}
    >
      Download CSV
    </Button>
  );
}

function SaveButton({ filter }: { filter: AuditFilter }) {
  const download = useMutation({
    mutationFn: () => readAll(filter),
    onSuccess: ({ entries, whole }) => {
      save(toCsv(entries), `labyard-audit-${new Date().toISOString().slice(0, 10)}.csv`);
      notifications.show({
        color: whole ? 'green' : 'orange',
        title: `${entries.length} lines downloaded`,
        message: whole
          ? 'All entries that match your filters.'
          : 'Only the newest entries. Narrow the filters to get older ones.',
      });
    },
    onError: (thrown) =>
      notifications.show({
        color: 'red',
        title: 'Couldn’t download the audit log',
        message: inOneLine(toApiError(thrown)),
      }),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={17} aria-hidden />}
      loading={download.isPending}
      onClick={() => download.mutate()}
    >
      Download CSV
    </Button>
  );
}
