// Stands where a list is empty: what would be here, and how to get it.
import { Text } from '@mantine/core';
import type { IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

export function EmptyState(props: {
  icon: typeof IconCircleCheck;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  const Icon = props.icon;
  return (
    <div className={classes.empty}>
      <Icon size={34} stroke={1.5} aria-hidden className={classes.icon} />
      <Text fw={600}>{props.title}</Text>
      <Text size="sm" c="dimmed" className={classes.text}>
        {props.children}
      </Text>
      {props.action && <div className={classes.action}>{props.action}</div>}
    </div>
  );
}
