// A word with an icon in one of the page's tones: never colour alone.
import type { Look } from '@/lib/look';
import classes from './tone-badge.module.css';

export function ToneBadge(props: { look: Look; word: string; testId?: string }) {
  const { icon: Icon, tone, turns } = props.look;
  return (
    <span className={classes.badge} data-tone={tone} data-testid={props.testId}>
      <Icon size={14} stroke={2.2} className={turns ? classes.turning : undefined} aria-hidden />
      {props.word}
    </span>
  );
}

/** The icon alone, where the word stands beside it. */
export function ToneMark({ look, size = 20 }: { look: Look; size?: number }) {
  const { icon: Icon, tone, turns } = look;
  return (
    <span className={classes.mark} data-tone={tone} aria-hidden>
      <Icon size={size} stroke={2} className={turns ? classes.turning : undefined} />
    </span>
  );
}
