// Who else is here: their initials, their names, and which pages they have open.
import { Popover, Text, UnstyledButton } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { usePresence } from '@/lib/events/hooks';
import type { Here, Whereabouts } from '@/lib/events/protocol';
import { initials } from '@/lib/people/initials';
import { accessQuery, membersQuery } from '@/lib/people/queries';
import { others, type Visitor, whoIsHere } from '@/lib/presence/words';
import { useMe } from '@/lib/session/me';
import { age } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './who-is-here.module.css';

/** Faces side by side; the others are a number. */
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

/** Members know each other's names; those of people with a share are known to who may see the access list. */
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

function Face({ person }: { person: Visitor }) {
  return (
    <span className={classes.face} data-tone={toneOf(person.id)}>
      {initials(person.name) || '?'}
    </span>
  );
}

function People({ people }: { people: Visitor[] }) {
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
