// The frame of the pages before the log-in.
import { Paper, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconShieldOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './auth-card.module.css';
import { Brand } from './brand';
import { ColorSchemeToggle } from './color-scheme-toggle';
import { Note } from './note';

export function AuthCard(props: { title: string; intro: string; children: ReactNode }) {
  useDocumentTitle(`${props.title} · labyard`);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Brand />
        <ColorSchemeToggle />
      </header>
      <main className={classes.main}>
        <Paper className={classes.card} withBorder radius="lg">
          <Title order={1} size="h2">
            {props.title}
          </Title>
          <Text c="dimmed" mt={4} mb="lg" size="sm">
            {props.intro}
          </Text>
          {!window.isSecureContext && (
            <Note tone="orange" role="status" mb="md" icon={<IconShieldOff aria-hidden />}>
              This connection isn’t secure: others on your network can read what you send. Use
              HTTPS, or open labyard on the machine it runs on.
            </Note>
          )}
          {props.children}
        </Paper>
        <Text className={classes.promise} size="sm" c="dimmed">
          Disposable Kubernetes clusters for teams and CI.
        </Text>
      </main>
    </div>
  );
}
