// The secret of a webhook, shown this once, and how signatures are checked with it.
import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ShownOnce } from '@/components/shown-once';
import { STANDARD } from './words';

export function Secret(props: { title: string; value: string; children?: ReactNode }) {
  return (
    <>
      <ShownOnce title={props.title} value={props.value}>
        {props.children} The receiver checks signatures with this secret.
      </ShownOnce>
      <Text size="sm" c="dimmed">
        Events are signed as{' '}
        <Anchor size="sm" href={STANDARD} target="_blank" rel="noreferrer">
          Standard Webhooks
        </Anchor>{' '}
        defines; any of its libraries can check <code>webhook-signature</code>. To check by hand:{' '}
        <code>v1,</code> and the HMAC-SHA256 of{' '}
        <code>{'<webhook-id>.<webhook-timestamp>.<body>'}</code> in base64; the key is the part
        after <code>whsec_</code>, decoded from base64. Programs manage webhooks with{' '}
        <Anchor size="sm" href="/docs">
          {' '}
          the API{' '}
        </Anchor>{' '}
        .
      </Text>
    </>
  );
}
