// Lines of the audit in words.
import type { AuditEntry } from '@/lib/api/types';

/** Actions whose API names are not what people call them. */
const NAMES: Record<string, string> = { exec_cluster: 'Run command', end_share: 'Revoke share' };

/** `delete_cluster` is `Delete cluster`; the end of a command is `Run command, ended`. */
export function actionWords(action: string): string {
  const ended = action.endsWith('.ended');
  const name = action.replace(/\.ended$/, '');
  const words = NAMES[name] ?? sentence(name.replaceAll(/[_.]/g, ' '));
  return ended ? `${words}, ended` : words;
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

export function who(entry: AuditEntry, user: string): string {
  if (entry.user_id && entry.user_id === user) return 'You';
  const nobody = entry.action.startsWith('operator.') ? 'The operator' : 'Not logged in';
  return entry.email ?? entry.user_id ?? nobody;
}

/** The entry's details as pairs of name and value. */
export function details(detail: unknown): [string, string][] {
  if (detail === null || detail === undefined) return [];
  if (typeof detail !== 'object' || Array.isArray(detail)) return [['detail', text(detail)]];
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name.replaceAll('_', ' '), text(value)]);
}

/** A value as it is read: lists with commas, what is inside by its names. */
function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(', ');
  if (typeof value === 'object' && value !== null) {
    return details(value)
      .map(([name, inside]) => `${name} ${inside}`)
      .join(', ');
  }
  return String(value);
}
