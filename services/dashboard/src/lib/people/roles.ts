// Roles in words, as people choose and meet them.
import { IconCrown, IconEye, IconShieldHalf, IconUser } from '@tabler/icons-react';
import type { Role } from '@/lib/api/types';
import type { Look } from '@/lib/look';

export const ROLES: readonly Role[] = ['viewer', 'member', 'admin', 'owner'];

interface RoleWords {
  word: string;
  /** What it allows, in a line. */
  may: string;
  look: Look;
}

const WORDS: Record<Role, RoleWords> = {
  viewer: {
    word: 'Viewer',
    may: 'Can view clusters and everything in them except Secrets',
    look: { icon: IconEye, tone: 'gray' },
  },
  member: {
    word: 'Member',
    may: 'Can create clusters and work in all of them',
    look: { icon: IconUser, tone: 'gray' },
  },
  admin: {
    word: 'Admin',
    may: 'Can also manage people, workspaces and quotas',
    look: { icon: IconShieldHalf, tone: 'blue' },
  },
  owner: {
    word: 'Owner',
    may: 'Can do everything, including transferring or deleting the organization',
    look: { icon: IconCrown, tone: 'green' },
  },
};

export const roleWords = (role: Role) => WORDS[role];
