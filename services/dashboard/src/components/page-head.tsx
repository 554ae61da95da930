// The head of a page: title, marks, a line about it, and its tools.
import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './page-head.module.css';

type Props = {
  title: string;
  /** Beside the title: a status, who is here. */
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
