// Who else is here: their initials, their names, and what they look at.
import { Popover, Text, UnstyledButton } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMe } from '@/features/auth/me';
import { initials } from '@/features/auth/user-menu';
import { membersQuery } from '@/features/organizations/queries';
import { accessQuery } from '@/features/shares/queries';
import { usePresence } from '@/lib/events/hooks';
import type { Here, Whereabouts } from '@/lib/events/protocol';
import { age } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './who-is-here.module.css';
import { others, type Person, whoIsHere } from './words';

/** Avatars side by side; who is more is a number. */
const SHOWN = 4;
const TONES = ['blue', 'green', 'orange', 'red'] as const;

/** The same person has the same colour everywhere. */
const toneOf = (id: string) =>
  TONES[[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % TONES.length];

export function WhoIsHere({ places }: { places: Whereabouts[] }) {
  const me = useMe();
  const here = usePresence(places);
  const alone = here.every(({ user_id }) => user_id === me.user.id);
  return alone ? null : <Others here={here} places={places} />;
}

/** Members are known by name to each other; who was given a share, to whoever may see that. */
function useNames(places: Whereabouts[]): ReadonlyMap<string, string> {
  const me = useMe();
  const mine = new Set(me.organizations.map(({ organization_id }) => organization_id));
  const organizations = [...new Set(places.map(({ organization_id }) => organization_id))];
  const cluster = places.find(({ cluster_id }) => cluster_id)?.cluster_id;
  const members = useQueries({
    queries: organizations.filter((id) => mine.has(id)).map(membersQuery),
  });
  const access = useQuery({ ...accessQuery(cluster ?? ''), enabled: Boolean(cluster) });
  return new Map([
    ...(access.data?.people ?? []).map(({ person }) => [person.user_id, person.name] as const),
    ...members.flatMap(({ data }) =>
      (data ?? []).map(({ user_id, name }) => [user_id, name] as const),
    ),
  ]);
}

function Others({ here, places }: { here: Here[]; places: Whereabouts[] }) {
  const { user } = useMe();
  const people = others(here, user.id, useNames(places));
  const words = whoIsHere(people);
  return (
    <>
      <Popover position="bottom-start" width={280} shadow="md" trapFocus={false}>
        <Popover.Target>
          <UnstyledButton className={classes.target} data-testid="who-is-here">
            <span className={classes.stack} aria-hidden>
              {people.slice(0, SHOWN).map((person) => (
                <Face key={person.id} person={person} />
              ))}
              {people.length > SHOWN && (
                <span className={classes.face} data-tone="gray">
                  +{people.length - SHOWN}
                </span>
              )}
            </span>
            <span className={classes.words}>{words}</span>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown className={classes.list}>
          <People people={people} />
        </Popover.Dropdown>
      </Popover>
      <span className="visually-hidden" role="status">
        {words}
      </span>
    </>
  );
}

function Face({ person }: { person: Person }) {
  return (
    <span className={classes.face} data-tone={toneOf(person.id)}>
      {initials(person.name) || '?'}
    </span>
  );
}

function People({ people }: { people: Person[] }) {
  const now = useNow();
  return (
    <ul className={classes.people} aria-label="People here">
      {people.map((person) => (
        <li key={person.id} className={classes.person}>
          <Face person={person} />
          <span className={classes.who}>
            <Text size="sm" fw={600} truncate>
              {person.name}
            </Text>
            {person.pages.map((page) => (
              <Text key={page} size="xs" c="dimmed" className={classes.page}>
                {page}
              </Text>
            ))}
            <Text size="xs" c="dimmed">
              here since {age(now - Date.parse(person.since))}
            </Text>
          </span>
        </li>
      ))}
    </ul>
  );
}
