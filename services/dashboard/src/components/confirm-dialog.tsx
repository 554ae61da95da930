// The question before something that cannot be undone; for the gravest a name has to be typed.
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ProblemAlert } from './problem-alert';

interface Act {
  mutate: () => void;
  isPending: boolean;
  error: unknown;
}

export function ConfirmDialog(props: {
  title: string;
  children: ReactNode;
  /** The label of the button. */
  confirm: string;
  act: Act;
  onClose: () => void;
  /** What has to be typed before the button is enabled. */
  typed?: string;
  calm?: boolean;
}) {
  const { act, typed } = props;
  const [text, setText] = useState('');
  const ready = typed === undefined || text.trim() === typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !act.isPending) act.mutate();
  };
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <div>{props.children}</div>
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to confirm`}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          {act.error ? <ProblemAlert error={act.error} /> : null}
          <Group justify="flex-end">
            <Button
              variant="default"
              onClick={props.onClose}
              data-autofocus={typed === undefined}
              disabled={act.isPending}
            >
              Cancel
            </Button>
            <Button
              type="submit"
              color={props.calm ? undefined : 'red'}
              loading={act.isPending}
              disabled={!ready}
            >
              {props.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
