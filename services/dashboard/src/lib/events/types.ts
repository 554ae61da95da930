// The types of a cluster's events in words, as docs/events.md has them.

export const TYPES = [
  { value: 'cluster.created', label: 'Created', what: 'A cluster was asked for' },
  {
    value: 'cluster.changed',
    label: 'Changes',
    what: 'Its status, host or end changed; deleted too',
  },
  {
    value: 'cluster.expiring',
    label: 'Expiry warnings',
    what: 'It is about to be deleted',
  },
  {
    value: 'cluster.idling',
    label: 'Idle warnings',
    what: 'It is about to be stopped, unused',
  },
  { value: 'task.created', label: 'Tasks asked for', what: 'A task was asked for' },
  {
    value: 'task.changed',
    label: 'Tasks taken up and ended',
    what: 'A task was taken up or ended',
  },
  { value: 'task.step_began', label: 'Steps begun', what: 'A step of a task began' },
  { value: 'task.step_ended', label: 'Steps ended', what: 'A step of a task ended' },
] as const;
