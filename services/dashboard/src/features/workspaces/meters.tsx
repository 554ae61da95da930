// A workspace's usage against its quota.
import { Meter } from '@/components/meter';
import type { WorkspaceDetail } from '@/lib/api/types';
import { cpus, gib, share } from '@/lib/measures';

const hours = (number: number) => `${Math.round(number * 10) / 10} h`;

export function Meters({ workspace: { quota, used } }: { workspace: WorkspaceDetail }) {
  return (
    <>
      <Bar name="Clusters" used={used.clusters} quota={quota.clusters} words={String} />
      <Bar name="CPU" used={used.cpu_millis} quota={quota.cpu_millis} words={cpus} />
      <Bar name="Memory" used={used.memory_mib} quota={quota.memory_mib} words={gib} />
      <Bar
        name="Cluster hours this month"
        used={used.cluster_hours}
        quota={quota.cluster_hours}
        words={hours}
      />
    </>
  );
}

function Bar(props: {
  name: string;
  used: number;
  quota: number | null | undefined;
  words: (number: number) => string;
}) {
  const { name, used, quota, words } = props;
  const limited = quota !== null && quota !== undefined;
  return (
    <Meter
      name={name}
      percent={limited ? share(used, quota) : 0}
      words={limited ? `${words(used)} of ${words(quota)}` : `${words(used)}, no limit`}
    />
  );
}
