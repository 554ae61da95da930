// A new secret with a button to copy it: the server never shows it again.
import { Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CodeLine } from './code-line';
import { Note } from './note';

export function ShownOnce(props: { title: string; value: string; children: ReactNode }) {
  return (
    <Note tone="green" role="status" title={props.title} icon={<IconKey aria-hidden />}>
      <div data-testid="shown-once">
        <CodeLine>{props.value}</CodeLine>
      </div>
      <Text size="sm" mt={8}>
        {props.children} Copy it now: you won’t see it again.
      </Text>
    </Note>
  );
}
