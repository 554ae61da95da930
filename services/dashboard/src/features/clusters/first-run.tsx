// What a person without clusters sees: what this is for, and two ways to begin.
import { Button, Paper, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Mark } from '@/components/brand';
import { CodeLine } from '@/components/code-line';
import classes from './first-run.module.css';

export function FirstRun({ onCreate }: { onCreate: () => void }) {
  return (
    <Paper withBorder radius="lg" className={classes.card}>
      <Mark size={52} />
      <Title order={2} size="h3" mt="md">
        Your first cluster
      </Title>
      <Text c="dimmed" size="sm" className={classes.text}>
        A real Kubernetes cluster of your own, ready in seconds. Run kubectl right here, or download
        its kubeconfig. When its time is up it removes itself.
      </Text>
      <Button leftSection={<IconPlus size={17} aria-hidden />} size="md" mt="lg" onClick={onCreate}>
        Create your first cluster
      </Button>
      <div className={classes.cli}>
        <Text size="sm" fw={600}>
          Or from your terminal
        </Text>
        <CodeLine>{`labyard auth login --server ${window.location.origin}`}</CodeLine>
        <CodeLine>labyard cluster create --name demo</CodeLine>
        <CodeLine>labyard cluster exec demo -- kubectl get nodes</CodeLine>
      </div>
    </Paper>
  );
}
