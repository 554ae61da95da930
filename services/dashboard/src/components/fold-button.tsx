// Shows and hides what stands below it.
import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './fold-button.module.css';

export function FoldButton(props: { open: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <UnstyledButton className={classes.toggle} aria-expanded={props.open} onClick={props.onToggle}>
      <IconChevronRight size={13} className={classes.chevron} aria-hidden />
      {props.children}
    </UnstyledButton>
  );
}
