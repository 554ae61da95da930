// Who may do what with a cluster, and why.
import { Button, Text } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Loaded } from '@/components/loaded';
import { ProblemAlert } from '@/components/problem-alert';
import { people } from '@/lib/api/people';
import type { Access, PersonAccess, Share } from '@/lib/api/types';
import { CLUSTERS } from '@/lib/clusters/cache';
import { accessQuery } from '@/lib/people/queries';
import { useMe } from '@/lib/session/me';
import { moment } from '@/lib/time/format';
import { count } from '@/lib/words';
import classes from './shares.module.css';
import { actionsInWords, becauseInWords, levelWords, namespacesInWords } from './words';

export function AccessList({ clusterId }: { clusterId: string }) {
  const access = useQuery({ ...accessQuery(clusterId), refetchOnMount: 'always' });
  return (
    <Loaded asked={access} name="Loading access" height={120}>
      {(known) => <People access={known} />}
    </Loaded>
  );
}

function People({ access }: { access: Access }) {
  const me = useMe();
  const own = access.people.find(({ person }) => person.user_id === me.user.id);
  const all = own?.actions.includes('cluster_share');
  return (
    <>
      <ul className={classes.list} aria-label="Access">
        {access.people.map((one) => (
          <PersonRow key={one.person.user_id} one={one} clusterId={access.cluster_id} />
        ))}
      </ul>
      {access.links && access.links.length > 0 && (
        <ul className={classes.list} aria-label="Open links">
          {access.links.map((link) => (
            <LinkRow key={link.id} link={link} />
          ))}
        </ul>
      )}
      {access.more && (
        <Text size="sm" c="dimmed" mt="sm">
          Some people and links aren’t shown.
        </Text>
      )}
      {!all && (
        <Text size="sm" c="dimmed" mt="sm">
          Only people who can share the cluster see everyone’s access.
        </Text>
      )}
    </>
  );
}

/** A link that anyone who has it may still use. */
function LinkRow({ link }: { link: Share }) {
  return (
    <li className={classes.row}>
      <IconLink size={18} aria-hidden />
      <span className={classes.what}>
        <span className={classes.name}>Open link</span>
        <span className={classes.detail}>
          {[
            link.level === 'namespaces'
              ? namespacesInWords(link.namespaces)
              : levelWords(link.level).word,
            `${count(link.uses_left ?? 0, 'use')} left`,
            link.expires_at ? `expires ${moment(link.expires_at)}` : 'until the cluster is deleted',
          ].join(' · ')}
        </span>
      </span>
    </li>
  );
}

function PersonRow({ one, clusterId }: { one: PersonAccess; clusterId: string }) {
  const { person, actions, groups, because } = one;
  const me = useMe();
  const self = person.user_id === me.user.id;
  return (
    <li className={classes.row}>
      <span className={classes.what}>
        <span className={classes.name}>
          {person.name}
          {self && ' (you)'}
        </span>
        <span className={classes.detail}>{person.email}</span>
      </span>
      <span className={classes.why}>
        <span>{actionsInWords(actions)}</span>
        <ul className={classes.because}>
          {because.map((reason) => (
            <li key={JSON.stringify(reason)}>
              {becauseInWords(reason)}
              {self && reason.by === 'share' && (
                <RemoveMyAccess clusterId={clusterId} shareId={reason.share_id} />
              )}
            </li>
          ))}
        </ul>
        <span className={classes.groups}>
          <span className="visually-hidden">In the cluster: </span>
          {groups.map((group) => (
            <code key={group}>{group}</code>
          ))}
        </span>
      </span>
    </li>
  );
}

/** Everyone may end what was shared with them. */
function RemoveMyAccess({ clusterId, shareId }: { clusterId: string; shareId: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const end = useMutation({
    mutationFn: () => people.endShare(clusterId, shareId),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: CLUSTERS });
      await navigate({ to: '/dashboard' });
    },
  });
  return (
    <>
      {' '}
      <Button
        size="compact-xs"
        variant="subtle"
        loading={end.isPending}
        onClick={() => end.mutate()}
      >
        Remove my access
      </Button>
      {end.error && <ProblemAlert error={end.error} />}
    </>
  );
}
