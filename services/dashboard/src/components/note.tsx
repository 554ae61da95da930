// A notice in one of the page's tones.
import { Alert, type AlertProps } from '@mantine/core';
import classes from './note.module.css';

type Tone = 'green' | 'orange' | 'red';

/** `role` decides how it is read out: `alert` at once, `status` when there is time. */
export function Note({ tone, ...props }: { tone: Tone; role: 'alert' | 'status' } & AlertProps) {
  return <Alert className={classes.note} data-tone={tone} {...props} />;
}
