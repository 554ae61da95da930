// Roles in words, as people choose and meet them.
import { IconCrown, IconEye, IconShieldHalf, IconUser } from '@tabler/icons-react';
import type { Look } from '@/components/tone-badge';
import type { Role } from '@/lib/api/types';

export const ROLES: readonly Role[] = ['viewer', 'member', 'admin', 'owner'];

interface RoleWords {
  word: string;
  /** What whoever has it may do, in a line. */
  may: string;
  look: Look;
}

const WORDS: Record<Role, RoleWords> = {
  viewer: {
    word: 'Viewer',
    may: 'Sees the clusters and everything in them but Secrets',
    look: { icon: IconEye, tone: 'gray' },
  },
  member: {
    word: 'Member',
    may: 'Makes clusters, works in all of them',
    look: { icon: IconUser, tone: 'gray' },
  },
  admin: {
    word: 'Admin',
    may: 'Looks after people, workspaces and quotas as well',
    look: { icon: IconShieldHalf, tone: 'blue' },
  },
  owner: {
    word: 'Owner',
    may: 'May do everything, giving it away and deleting it included',
    look: { icon: IconCrown, tone: 'green' },
  },
};

export const roleWords = (role: Role) => WORDS[role];

export const count = (number: number, one: string, many = `${one}s`) =>
  `${number} ${number === 1 ? one : many}`;
