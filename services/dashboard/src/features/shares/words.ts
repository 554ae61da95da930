// Levels, actions and reasons of access in words.
import { IconEye, IconPencil, IconStack2 } from '@tabler/icons-react';
import type { Look } from '@/components/tone-badge';
import { roleWords } from '@/features/organizations/words';
import type { Action, Because, Level, NamespaceGrant, Person } from '@/lib/api/types';
import { moment } from '@/lib/time/format';

export const LEVELS: readonly Level[] = ['viewer', 'operator', 'namespaces'];

const LEVEL: Record<Level, { word: string; may: string; look: Look }> = {
  viewer: {
    word: 'Look',
    may: 'Sees everything in the cluster but Secrets',
    look: { icon: IconEye, tone: 'gray' },
  },
  operator: {
    word: 'Work',
    may: 'Changes everything in the cluster, but not the cluster itself',
    look: { icon: IconPencil, tone: 'blue' },
  },
  namespaces: {
    word: 'Namespaces',
    may: 'Only the namespaces you name',
    look: { icon: IconStack2, tone: 'gray' },
  },
};

export const levelWords = (level: Level) => LEVEL[level];

/** `edit dev, see prod` */
export const namespacesInWords = (namespaces: NamespaceGrant[] = []) =>
  namespaces.map(({ name, edit }) => `${edit ? 'change' : 'see'} ${name}`).join(', ');

const ACTIONS: Partial<Record<Action, string>> = {
  cluster_read: 'see it',
  cluster_use: 'use it',
  cluster_change: 'change and delete it',
  cluster_share: 'share it',
};

export function actionsInWords(actions: Action[]): string {
  const words = actions.flatMap((action) => ACTIONS[action] ?? []);
  const last = words.at(-1);
  if (!last) return 'Nothing';
  const rest = words.slice(0, -1);
  return `May ${rest.length > 0 ? `${rest.join(', ')} and ` : ''}${last}`;
}

/** Why an address may not be whose it seems to be; empty where a provider has verified it. */
export function doubtInWords({ name, email, email_verified, lookalike }: Person): string {
  const other = lookalike?.looks_like ? `, not ${lookalike.looks_like}` : '';
  return [
    lookalike && `The address is ${lookalike.spelled}${other}.`,
    !email_verified &&
      `Nobody has verified that ${email} belongs to ${name}. To be sure, end this share and send a link.`,
  ]
    .filter(Boolean)
    .join(' ');
}

export function becauseInWords(because: Because): string {
  switch (because.by) {
    case 'role':
      return `${roleWords(because.role).word} of the organization`;
    case 'made_it':
      return 'Made the cluster';
    case 'share': {
      const { level, namespaces, link, until } = because;
      const what =
        level === 'namespaces'
          ? `to ${namespacesInWords(namespaces)}`
          : `to ${levelWords(level).word.toLowerCase()}`;
      return [
        `${link ? 'Took a link' : 'A share'} ${what}`,
        until ? `until ${moment(until)}` : 'as long as it lives',
      ].join(', ');
    }
    default:
      return 'Something newer than this page';
  }
}
