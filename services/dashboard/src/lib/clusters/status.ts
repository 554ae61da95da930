// What a cluster's status means for what can be done with it.
import type { Cluster } from '@/lib/api/types';

const CHANGING = ['PROVISIONING', 'STARTING', 'STOPPING', 'UPGRADING', 'RESTORING', 'DELETING'];

type HasStatus = Pick<Cluster, 'status'>;

/** A task is changing it. */
export const isChanging = ({ status }: HasStatus) => CHANGING.includes(status);

/** It is being deleted, or is. */
export const isGoing = ({ status }: HasStatus) => status === 'DELETING' || status === 'DELETED';
