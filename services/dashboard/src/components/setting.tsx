// One setting in a frame of its own; a red frame for what cannot be undone.
import { Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './setting.module.css';

export function Setting(props: { title: string; grave?: boolean; children: ReactNode }) {
  return (
    <Paper
      withBorder
      radius="lg"
      component="section"
      className={`${classes.setting} ${props.grave ? classes.danger : ''}`}
      aria-label={props.title}
    >
      <Title order={2} size="h5">
        {props.title}
      </Title>
      {props.children}
    </Paper>
  );
}
