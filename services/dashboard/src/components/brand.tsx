// The product's mark and name.
import classes from './brand.module.css';

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2b5fd9" />
      <rect x="7" y="7" width="8" height="8" rx="2" fill="#fff" />
      <rect x="7" y="17" width="8" height="8" rx="2" fill="#fff" opacity=".75" />
      <rect x="17" y="17" width="8" height="8" rx="2" fill="#fff" opacity=".5" />
    </svg>
  );
}

export function Brand() {
  return (
    <span className={classes.brand}>
      <Mark />
      <span>labyard</span>
    </span>
  );
}
