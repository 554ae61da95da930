// The secret of a webhook, shown this once, and how signatures are checked with it.
import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ShownOnce } from '@/components/shown-once';
import { STANDARD } from './words';

export function Secret(props: { title: string; value: string; children?: ReactNode }) {
  return (
    <>
      <ShownOnce title={props.title} value={props.value}>
        {props.children} Give it to whoever receives the events, to check their signatures.
      </ShownOnce>
      <Text size="sm" c="dimmed">
        Signed as{' '}
        <Anchor size="sm" href={STANDARD} target="_blank" rel="noreferrer">
          Standard Webhooks
        </Anchor>{' '}
        has it: any of its libraries checks <code>webhook-signature</code>. By hand it is{' '}
        <code>v1,</code> and the HMAC-SHA256 of{' '}
        <code>{'<webhook-id>.<webhook-timestamp>.<body>'}</code> in base64, its key what stands
        behind <code>whsec_</code>, decoded from base64. What programs may do with webhooks is in{' '}
        <Anchor size="sm" href="/docs">
          the API
        </Anchor>
        .
      </Text>
    </>
  );
}
