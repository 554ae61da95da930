// A list of clusters with what opens from it: the command runner of one, and the question before it is
// deleted.
import { useState } from 'react';
import type { Cluster } from '@/lib/api/types';
import { ClusterList } from './cluster-list';
import { CommandRunner } from './command-runner/command-runner';
import { DeleteClusterDialog } from './delete-cluster';

/** `all` includes clusters that are not listed: an open runner's may be among them. */
export function ClustersWithActions({ clusters, all }: { clusters: Cluster[]; all: Cluster[] }) {
  const [deleting, setDeleting] = useState<Cluster | null>(null);
  const [running, setRunning] = useState<string | null>(null);
  return (
    <>
      {clusters.length > 0 && (
        <ClusterList
          clusters={clusters}
          onRunCommand={(cluster) => setRunning(cluster.id)}
          onDelete={setDeleting}
        />
      )}
      {deleting && <DeleteClusterDialog cluster={deleting} onClose={() => setDeleting(null)} />}
      <Runner
        cluster={all.find((cluster) => cluster.id === running)}
        asked={running}
        onClose={() => setRunning(null)}
      />
    </>
  );
}

/** The Command Runner stays open, with what it has shown, when its cluster is gone meanwhile. */
function Runner(props: { cluster?: Cluster; asked: string | null; onClose: () => void }) {
  const [last, setLast] = useState<Cluster | undefined>(props.cluster);
  if (props.cluster && props.cluster !== last) setLast(props.cluster);
  if (!props.asked || last?.id !== props.asked) return null;
  return <CommandRunner cluster={last} gone={!props.cluster} onClose={props.onClose} />;
}
