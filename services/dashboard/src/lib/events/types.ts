// The types of a cluster's events in words, as docs/events.md has them.

export const TYPES = [
  { value: 'cluster.created', label: 'Created', what: 'A cluster was requested' },
  {
    value: 'cluster.changed',
    label: 'Changes',
    what: 'Status, host or expiry changed, or the cluster was deleted',
  },
  {
    value: 'cluster.expiring',
    label: 'Expiry warnings',
    what: 'The cluster is about to be deleted',
  },
  {
    value: 'cluster.idling',
    label: 'Idle warnings',
    what: 'The cluster is about to stop, unused',
  },
  { value: 'task.created', label: 'Tasks requested', what: 'A task was requested' },
  {
    value: 'task.changed',
    label: 'Tasks started and ended',
    what: 'A task started or ended',
  },
  { value: 'task.step_began', label: 'Steps started', what: 'A step of a task started' },
  { value: 'task.step_ended', label: 'Steps ended', what: 'A step of a task ended' },
] as const;
