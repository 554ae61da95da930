// How much of something is in use, as a bar with its amount in words.
import { Progress } from '@mantine/core';
import classes from './meter.module.css';

/** Percent from which on the bar warns. */
const TIGHT = 90;

export function Meter(props: {
  name: string;
  percent: number;
  words: string;
  note?: string;
  /** Being full is nothing to worry about. */
  calm?: boolean;
}) {
  const tight = !props.calm && props.percent >= TIGHT;
  return (
    <div className={classes.meter}>
      <span className={classes.name}>{props.name}</span>
      <span className={classes.value}>{props.words}</span>
      <Progress
        value={props.percent}
        size={6}
        radius="xl"
        color={tight ? 'orange' : 'yard'}
        aria-label={`${props.name}: ${props.words}`}
      />
      {props.note && <span className={classes.note}>{props.note}</span>}
    </div>
  );
}
