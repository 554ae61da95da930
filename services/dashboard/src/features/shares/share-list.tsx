// The shares and links of a cluster, each with its end.
import { Button, Text } from '@mantine/core';
import { IconLink, IconUser } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Loaded } from '@/components/loaded';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge } from '@/components/tone-badge';
import { people } from '@/lib/api/people';
import type { Cluster, Share } from '@/lib/api/types';
import { accessQuery, sharesQuery } from '@/lib/people/queries';
import { duration, exact } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import { count } from '@/lib/words';
import classes from './shares.module.css';
import { levelWords, namespacesInWords } from './words';

export function ShareList({ cluster }: { cluster: Cluster }) {
  const shares = useQuery(sharesQuery(cluster.id));
  return (
    <Loaded asked={shares} name="Loading the shares" height={70}>
      {(list) =>
        list.length === 0 ? (
          <Text size="sm" c="dimmed">
            Not shared outside its organization.
          </Text>
        ) : (
          <ul className={classes.list} aria-label="Shares">
            {list.map((share) => (
              <ShareRow key={share.id} share={share} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function ShareRow({ share }: { share: Share }) {
  const queries = useQueryClient();
  const now = useNow();
  const end = useMutation({
    mutationFn: () => people.endShare(share.cluster_id, share.id),
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: accessQuery(share.cluster_id).queryKey });
      await queries.invalidateQueries({ queryKey: sharesQuery(share.cluster_id).queryKey });
    },
  });
  const name = share.person ? `${share.person.name} (${share.person.email})` : 'Link';
  const { word, look } = levelWords(share.level);
  const detail = [
    share.person && share.link_id && 'by link',
    !share.person &&
      `${count(share.uses_left ?? 0, 'use')} left; revoking also removes everyone who joined by it`,
    share.level === 'namespaces' && namespacesInWords(share.namespaces),
    share.expires_at
      ? `expires in ${duration(Date.parse(share.expires_at) - now)}`
      : 'until the cluster is deleted',
  ].filter(Boolean);
  return (
    <li className={classes.row}>
      {share.person ? <IconUser size={18} aria-hidden /> : <IconLink size={18} aria-hidden />}
      <span className={classes.what}>
        <span className={classes.name}>{name}</span>
        <span
          className={classes.detail}
          title={share.expires_at ? exact(share.expires_at) : undefined}
        >
          {detail.join(' · ')}
        </span>
      </span>
      <ToneBadge look={look} word={word} />
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Revoke: ${name}`}
        loading={end.isPending}
        onClick={() => end.mutate()}
      >
        Revoke
      </Button>
      {end.error && <ProblemAlert error={end.error} />}
    </li>
  );
}
