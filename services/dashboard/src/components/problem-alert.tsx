// An error in words: what happened, what to do, and the request ID for an administrator.
import { Button, Code, Text } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { toApiError } from '@/lib/api/problem';
import { Note } from './note';

export function ProblemAlert(props: {
  error: unknown;
  title?: string;
  onRetry?: () => void;
  busy?: boolean;
  extra?: string;
}) {
  const problem = toApiError(props.error);
  return (
    <Note
      tone="red"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={props.title ?? problem.title}
    >
      <Text size="sm">{[problem.message, problem.fix, props.extra].filter(Boolean).join(' ')}</Text>
      {problem.requestId && (
        <Text size="xs" mt={6}>
          Request ID: <Code>{problem.requestId}</Code>
        </Text>
      )}
      {props.onRetry && (
        <Button
          size="xs"
          mt="sm"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={props.busy}
          onClick={props.onRetry}
        >
          Try again
        </Button>
      )}
    </Note>
  );
}
