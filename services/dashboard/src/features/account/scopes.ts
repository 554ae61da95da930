// What API tokens may be for, in words.
import type { ScopeLevel } from '@/lib/api/types';

export const SCOPE_LEVELS: readonly ScopeLevel[] = ['read', 'use', 'change', 'admin'];

const WORDS: Record<ScopeLevel, { word: string; may: string }> = {
  read: { word: 'Read', may: 'Can view clusters, tasks and events' },
  use: { word: 'Use', may: 'Can also run commands and download kubeconfigs' },
  change: { word: 'Change', may: 'Can also create, change and delete clusters' },
  admin: { word: 'Admin', may: 'Can do everything you can, except change your account' },
};

export const levelWord = (level: ScopeLevel) => WORDS[level].word;
export const levelMay = (level: ScopeLevel) => WORDS[level].may;
