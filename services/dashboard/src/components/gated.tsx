// Disables a control that this person may not use: it can still be focused, and its tooltip gives the
// reason.
import { Tooltip } from '@mantine/core';
import { cloneElement, type MouseEvent, type ReactElement } from 'react';

interface Control {
  disabled?: boolean;
  onClick?: (event: MouseEvent<HTMLElement>) => void;
}

/** Without a reason the control stays as it is. */
export function Gated(props: { reason?: string | null; children: ReactElement<Control> }) {
  const { reason, children } = props;
  const asleep = {
    'data-disabled': true,
    'aria-disabled': true,
    disabled: undefined,
    title: undefined,
    type: 'button',
    onClick: (event: MouseEvent<HTMLElement>) => event.preventDefault(),
  };
  return (
    <Tooltip
      label={reason}
      disabled={!reason}
      multiline
      w={260}
      events={{ hover: true, focus: true, touch: true }}
    >
      {reason ? cloneElement(children, asleep) : children}
    </Tooltip>
  );
}
