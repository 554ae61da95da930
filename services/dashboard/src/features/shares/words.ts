// Levels, actions and reasons of access in words.
import { IconEye, IconPencil, IconStack2 } from '@tabler/icons-react';
import type { Action, Because, Level, NamespaceGrant, Person } from '@/lib/api/types';
import type { Look } from '@/lib/look';
import { roleWords } from '@/lib/people/roles';
import { moment } from '@/lib/time/format';

export const LEVELS: readonly Level[] = ['viewer', 'operator', 'namespaces'];

const LEVEL: Record<Level, { word: string; may: string; look: Look }> = {
  viewer: {
    word: 'Viewer',
    may: 'Can view everything in the cluster except Secrets',
    look: { icon: IconEye, tone: 'gray' },
  },
  operator: {
    word: 'Operator',
    may: 'Can change everything in the cluster, but not the cluster itself',
    look: { icon: IconPencil, tone: 'blue' },
  },
  namespaces: {
    word: 'Namespaces',
    may: 'Can use only the namespaces you choose',
    look: { icon: IconStack2, tone: 'gray' },
  },
};

export const levelWords = (level: Level) => LEVEL[level];

/** `change dev, view prod` */
export const namespacesInWords = (namespaces: NamespaceGrant[] = []) =>
  namespaces.map(({ name, edit }) => `${edit ? 'change' : 'view'} ${name}`).join(', ');

const ACTIONS: Partial<Record<Action, string>> = {
  cluster_read: 'view',
  cluster_use: 'use',
  cluster_change: 'change, delete',
  cluster_share: 'share',
};

export function actionsInWords(actions: Action[]): string {
  const words = actions.flatMap((action) => ACTIONS[action] ?? []);
  const last = words.at(-1);
  if (!last) return 'No access';
  const rest = words.slice(0, -1);
  return `Can ${rest.length > 0 ? `${rest.join(', ')} and ` : ''}${last}`;
}

/** Why the address may belong to somebody else; empty where a provider has verified it. */
export function doubtInWords({ name, email, email_verified, lookalike }: Person): string {
  const other = lookalike?.looks_like ? `, not ${lookalike.looks_like}` : '';
  return [
    lookalike && `The address is ${lookalike.spelled}${other}.`,
    !email_verified &&
      `${email} isn’t verified to belong to ${name}. To be sure, revoke this share and send a link.`,
  ]
    .filter(Boolean)
    .join(' ');
}

export function becauseInWords(because: Because): string {
  switch (because.by) {
    case 'role':
      return `${roleWords(because.role).word} of the organization`;
    case 'made_it':
      return 'Created the cluster';
    case 'share': {
      const { level, namespaces, link, until } = because;
      const what = level === 'namespaces' ? namespacesInWords(namespaces) : levelWords(level).word;
      return [
        `${link ? 'Joined by link' : 'Share'}: ${what}`,
        until ? `until ${moment(until)}` : 'until the cluster is deleted',
      ].join(', ');
    }
    default:
      return 'Unknown to this page: reload it';
  }
}
