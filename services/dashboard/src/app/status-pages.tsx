// The pages for an unknown path, and for a server that does not answer.
import { Button, Paper, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Link, useRouter } from '@tanstack/react-router';
import { Brand } from '@/components/brand';
import { ProblemAlert } from '@/components/problem-alert';
import classes from './status-pages.module.css';

export function NotFoundPage() {
  useDocumentTitle('Page not found · labyard');
  return (
    <main className={classes.page}>
      <Brand />
      <Paper withBorder radius="lg" className={classes.card}>
        <Text className={classes.number} aria-hidden="true">
          404
        </Text>
        <Title order={1} size="h3">
          Page not found
        </Title>
        <Text c="dimmed" size="sm" mt={4} mb="lg">
          Check the address. The page may have been deleted.
        </Text>
        <Button renderRoot={(props) => <Link to="/dashboard" {...props} />}>Go to clusters</Button>
      </Paper>
    </main>
  );
}

export function ErrorPage({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <main className={classes.page}>
      <Brand />
      <div className={classes.card}>
        <ProblemAlert error={error} onRetry={() => void router.invalidate()} />
      </div>
    </main>
  );
}
