// Downloads all that the filters match as CSV, which the server writes.
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { AuditFilter } from '@/lib/api/people';

export function exportPath(filter: AuditFilter): string {
  const query = new URLSearchParams({ format: 'csv' });
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `/api/v1/audit/export?${query}`;
}

export function DownloadButton({ filter }: { filter: AuditFilter }) {
  return (
    <Button
      component="a"
      href={exportPath(filter)}
      download
      variant="default"
      leftSection={<IconDownload size={17} aria-hidden />}
    >
      Download CSV
    </Button>
  );
}
