// What a page begins with: its title with marks beside it, a line about it, and what can be done with all of it.
import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './page-head.module.css';

type Props = {
  title: string;
  /** How it is, and who is here. */
  marks?: ReactNode;
  about?: ReactNode;
  /** Buttons and filters, at the far end. */
  children?: ReactNode;
};

export function PageHead({ title, marks, about, children }: Props) {
  return (
    <div className={classes.head}>
      <div className={classes.words}>
        <div className={classes.title}>
          <Title order={1} size="h2">
            {title}
          </Title>
          {marks}
        </div>
        {about !== undefined && (
          <Text c="dimmed" size="sm" mt={2}>
            {about}
          </Text>
        )}
      </div>
      {children}
    </div>
  );
}
