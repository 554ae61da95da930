// What API tokens may be for, in words.
import type { ScopeLevel } from '@/lib/api/types';

export const SCOPE_LEVELS: readonly ScopeLevel[] = ['read', 'use', 'change', 'admin'];

const WORDS: Record<ScopeLevel, { word: string; may: string }> = {
  read: { word: 'Read', may: 'Sees clusters, tasks and events' },
  use: { word: 'Use', may: 'Also runs commands and takes kubeconfigs' },
  change: { word: 'Change', may: 'Also makes, changes and deletes clusters' },
  admin: { word: 'Admin', may: 'All that you may, but your own account' },
};

export const levelWord = (level: ScopeLevel) => WORDS[level].word;
export const levelMay = (level: ScopeLevel) => WORDS[level].may;
