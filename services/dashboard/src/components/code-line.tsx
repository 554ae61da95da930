// A command to copy.
import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useId } from 'react';
import classes from './code-line.module.css';

export function CodeLine({ children }: { children: string }) {
  const id = useId();
  return (
    <div className={classes.line}>
      <code className={classes.code} id={id}>
        {children}
      </code>
      {/* Browsers give the clipboard to protected pages only. */}
      {window.isSecureContext && (
        <CopyButton value={children}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? 'Copied' : 'Copy'}>
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={copy}
                aria-label={copied ? 'Copied' : 'Copy'}
                aria-describedby={id}
              >
                {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      )}
    </div>
  );
}
