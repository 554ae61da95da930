// Lines of the audit in words.
import type { AuditEntry } from '@/lib/api/types';

/** `delete_cluster` as people say it: `delete cluster`; what ended: `exec cluster, ended`. */
export function actionWords(action: string): string {
  const ended = action.endsWith('.ended');
  const words = action.replace(/\.ended$/, '').replaceAll(/[_.]/g, ' ');
  return ended ? `${words}, ended` : words;
}

export function who(entry: AuditEntry, user: string): string {
  if (entry.user_id && entry.user_id === user) return 'You';
  const nobody = entry.action.startsWith('operator.') ? 'The operator' : 'Nobody';
  return entry.email ?? entry.user_id ?? nobody;
}

/** What else was kept, as `name: value` pairs. */
export function details(detail: unknown): [string, string][] {
  if (detail === null || detail === undefined) return [];
  if (typeof detail !== 'object' || Array.isArray(detail)) return [['detail', text(detail)]];
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name.replaceAll('_', ' '), text(value)]);
}

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
