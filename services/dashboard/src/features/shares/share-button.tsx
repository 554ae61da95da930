// Opens the sharing of a cluster, for who may share it.
import { Button } from '@mantine/core';
import { IconUserShare } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Gated } from '@/components/gated';
import type { Cluster } from '@/lib/api/types';
import { isGoing } from '@/lib/clusters/status';
import { accessQuery } from '@/lib/people/queries';
import { useMe } from '@/lib/session/me';

export function ShareButton({ cluster, onShare }: { cluster: Cluster; onShare: () => void }) {
  const me = useMe();
  // The server alone knows: a role allows it, and having made the cluster does too.
  const access = useQuery(accessQuery(cluster.id)).data;
  const own = access?.people.find(({ person }) => person.user_id === me.user.id);
  const may = own?.actions.includes('cluster_share');
  return (
    <Gated
      reason={
        access && !may
          ? 'Only its creator and admins of the organization can share a cluster. Ask one of them.'
          : null
      }
    >
      <Button
        variant="default"
        leftSection={<IconUserShare size={17} aria-hidden />}
        aria-label={`Share ${cluster.name}`}
        disabled={!access || isGoing(cluster)}
        onClick={onShare}
      >
        Share
      </Button>
    </Gated>
  );
}
