// Who is here, and on which page, in words.
import type { Here } from '@/lib/events/protocol';

export interface Visitor {
  id: string;
  name: string;
  /** The pages they have open, each once. */
  pages: string[];
  since: string;
}

/** Letters shown of a page's name: it comes from another's browser and may be anything. */
const PAGE_SHOWN = 60;

export function pageWords(page: string | null | undefined): string | undefined {
  if (!page) return undefined;
  if (page === '/dashboard') return 'viewing clusters';
  if (page === '/history') return 'viewing activity';
  if (page === '/tasks') return 'viewing tasks';
  if (page === '/audit') return 'viewing the audit log';
  const organization = /^\/organizations\/(.+)$/.exec(page)?.[1];
  if (organization) return `viewing ${organization.slice(0, PAGE_SHOWN)}`;
  const workspace = /^\/workspaces\/(.+)$/.exec(page)?.[1];
  if (workspace) return `viewing workspace ${workspace.slice(0, PAGE_SHOWN)}`;
  const cluster = /^\/clusters\/(.+)$/.exec(page)?.[1];
  if (cluster) return `viewing cluster ${cluster.slice(0, PAGE_SHOWN)}`;
  return `viewing ${page.slice(0, PAGE_SHOWN)}`;
}

/** Everybody but oneself, once each whatever they have open, the first to come first. */
export function others(here: Here[], self: string, names: ReadonlyMap<string, string>): Visitor[] {
  const people = new Map<string, Visitor>();
  for (const { user_id, page, since } of here) {
    if (user_id === self) continue;
    const name = names.get(user_id) ?? 'Someone';
    const person = people.get(user_id) ?? { id: user_id, name, pages: [], since };
    const words = pageWords(page);
    if (words && !person.pages.includes(words)) person.pages.push(words);
    if (since < person.since) person.since = since;
    people.set(user_id, person);
  }
  return [...people.values()].sort((a, b) => a.since.localeCompare(b.since));
}

export function whoIsHere(people: Visitor[]): string {
  const [first, second] = people;
  if (!first) return 'No one else is here';
  if (!second) return `${first.name} is here`;
  if (people.length === 2) return `${first.name} and ${second.name} are here`;
  return `${first.name} and ${people.length - 1} others are here`;
}
