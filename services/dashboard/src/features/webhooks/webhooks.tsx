// Where the events of an organization's workspaces are sent: a list for each workspace.
import { Anchor, Button, Paper, Text, Title } from '@mantine/core';
import { IconPlus, IconStack2, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { Gated } from '@/components/gated';
import { Loaded } from '@/components/loaded';
import { NotForRole } from '@/components/not-for-role';
import type { Webhook, WorkspaceDetail } from '@/lib/api/types';
import { workspacesQuery } from '@/lib/people/queries';
import { adminsOnly, type InOrganization } from '@/lib/session/rights';
import { DeleteWebhook } from './delete-webhook';
import { Deliveries } from './deliveries';
import { NewSecret } from './new-secret';
import { webhooksQuery } from './queries';
import { WebhookDialog } from './webhook-form';
import { type Doing, WebhookRow } from './webhook-row';
import classes from './webhooks.module.css';
import { STANDARD } from './words';

export function Webhooks(props: InOrganization) {
  const reason = adminsOnly(props, 'see and create webhooks');
  const [creating, setCreating] = useState(false);
  const workspaces = useQuery({
    ...workspacesQuery(props.organization.id),
    enabled: reason === null,
  });
  const list = workspaces.data ?? [];
  return (
    <div className={classes.stack}>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          Send events of a workspace to an address of yours
        </Text>
        <Gated reason={reason}>
          <Button
            leftSection={<IconPlus size={17} aria-hidden />}
            disabled={list.length === 0}
            onClick={() => setCreating(true)}
          >
            New webhook
          </Button>
        </Gated>
      </div>
      {reason ? (
        <NotForRole reason={reason} />
      ) : (
        <Loaded asked={workspaces} name="Loading the workspaces">
          {(known) =>
            known.length === 0 ? (
              <Paper withBorder radius="lg">
                <EmptyState icon={IconStack2} title="No workspaces">
                  Create a workspace first.
                </EmptyState>
              </Paper>
            ) : (
              known.map((workspace) => (
                <OfWorkspace
                  key={workspace.id}
                  workspace={workspace}
                  alone={known.length === 1}
                  onCreate={() => setCreating(true)}
                />
              ))
            )
          }
        </Loaded>
      )}
      {creating && <WebhookDialog workspaces={list} onClose={() => setCreating(false)} />}
    </div>
  );
}

function OfWorkspace(props: {
  workspace: WorkspaceDetail;
  /** The organization has no other one. */
  alone: boolean;
  onCreate: () => void;
}) {
  const { workspace, alone } = props;
  const asked = useQuery(webhooksQuery(workspace.id));
  const [doing, setDoing] = useState<{ what: Doing; webhook: Webhook } | null>(null);
  const close = () => setDoing(null);
  return (
    <section
      className={classes.section}
      aria-label={`Webhooks of ${workspace.name}`}
      data-testid={`webhooks-${workspace.name}`}
    >
      {!alone && (
        <Title order={2} size="h5">
          {workspace.name}
        </Title>
      )}
      <Loaded asked={asked} name={`Loading the webhooks of ${workspace.name}`} height={90}>
        {(list) => (
          <Paper withBorder radius="lg" className={classes.frame}>
            {list.length === 0 && (alone ? <None onCreate={props.onCreate} /> : <NoneHere />)}
            <ul className={classes.list} aria-label={`Webhooks of ${workspace.name}`}>
              {list.map((webhook) => (
                <WebhookRow
                  key={webhook.id}
                  webhook={webhook}
                  onDo={(what) => setDoing({ what, webhook })}
                />
              ))}
            </ul>
          </Paper>
        )}
      </Loaded>
      {doing?.what === 'change' && <WebhookDialog webhook={doing.webhook} onClose={close} />}
      {doing?.what === 'secret' && <NewSecret webhook={doing.webhook} onClose={close} />}
      {doing?.what === 'delete' && <DeleteWebhook webhook={doing.webhook} onClose={close} />}
      <Deliveries webhook={doing?.what === 'deliveries' ? doing.webhook : null} onClose={close} />
    </section>
  );
}

function None({ onCreate }: { onCreate: () => void }) {
  return (
    <EmptyState
      icon={IconWebhook}
      title="No webhooks yet"
      action={
        <Button variant="default" onClick={onCreate}>
          Create first webhook
        </Button>
      }
    >
      Notify a chat, a build or a script when a cluster is created, changes or is about to expire.
      Events are signed as{' '}
      <Anchor size="sm" href={STANDARD} target="_blank" rel="noreferrer">
        Standard Webhooks
      </Anchor>{' '}
      defines and retried for a day.
    </EmptyState>
  );
}

const NoneHere = () => (
  <Text size="sm" c="dimmed" className={classes.none}>
    No webhooks. Events of this workspace aren’t sent anywhere.
  </Text>
);
