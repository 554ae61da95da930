// Breadcrumbs: links to the pages above this one, then its name.
import { IconChevronRight } from '@tabler/icons-react';
import { Children, type ReactNode } from 'react';
import classes from './trail.module.css';

export function Trail({ children, name }: { children: ReactNode; name: ReactNode }) {
  return (
    <nav className={classes.trail} aria-label="Breadcrumb">
      {Children.map(
        children,
        (link) =>
          link && (
            <>
              {link}
              <IconChevronRight size={14} aria-hidden />
            </>
          ),
      )}
      <span aria-current="page">{name}</span>
    </nav>
  );
}
