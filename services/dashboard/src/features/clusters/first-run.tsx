// What a person without clusters sees: what this is for, and two ways to begin.
import { Button, Paper, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Mark } from '@/components/brand';
import { CodeLine } from '@/components/code-line';
import { installCommand, serverAddress } from '@/lib/server';
import classes from './first-run.module.css';

export function FirstRun({ onCreate }: { onCreate: () => void }) {
  return (
    <Paper withBorder radius="lg" className={classes.card}>
      <Mark size={52} />
      <Title order={2} size="h3" mt="md">
        Your first cluster
      </Title>
      <Text c="dimmed" size="sm" className={classes.text}>
        A real Kubernetes cluster of your own. Run commands right here or download a kubeconfig. The
        cluster auto-deletes when its time is up.
      </Text>
      <Button leftSection={<IconPlus size={17} aria-hidden />} size="md" mt="lg" onClick={onCreate}>
        Create your first cluster
      </Button>
      <div className={classes.cli}>
        <Text size="sm" fw={600}>
          Or from your terminal
        </Text>
        <Text size="sm" c="dimmed">
          Get the labyard command (Linux, same architecture as the server):
        </Text>
        <CodeLine>{installCommand()}</CodeLine>
        <CodeLine>{`./labyard auth login --server ${serverAddress()}`}</CodeLine>
        <CodeLine>./labyard cluster create demo</CodeLine>
        <CodeLine>./labyard cluster exec demo -- kubectl get nodes</CodeLine>
      </div>
    </Paper>
  );
}
