// The audit as a file for spreadsheets: RFC 4180, made in the browser.
import type { AuditEntry } from '@/lib/api/types';

const COLUMNS = [
  'number',
  'at',
  'email',
  'user_id',
  'action',
  'object',
  'allowed',
  'code',
  'address',
  'organization_id',
  'workspace_id',
  'cluster_id',
  'detail',
] as const satisfies readonly (keyof AuditEntry)[];

/** Spreadsheets run what begins like this; whoever named a cluster must not run anything there. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /["\n\r,]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv(entries: readonly AuditEntry[]): string {
  const lines = entries.map((entry) => COLUMNS.map((column) => cell(entry[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}
