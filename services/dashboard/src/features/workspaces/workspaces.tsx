// The workspaces of an organization, each with its usage and quota.
import { Button, Paper, Text, Title } from '@mantine/core';
import { IconPencil, IconPlus, IconStack2, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { EmptyState } from '@/components/empty-state';
import { Gated } from '@/components/gated';
import { Loaded } from '@/components/loaded';
import { ToneBadge } from '@/components/tone-badge';
import { people } from '@/lib/api/people';
import type { WorkspaceDetail } from '@/lib/api/types';
import { PEOPLE, workspacesQuery } from '@/lib/people/queries';
import { readMe } from '@/lib/session/me';
import { adminsOnly, type InOrganization } from '@/lib/session/rights';
import { count } from '@/lib/words';
import { Meters } from './meters';
import { statusOf } from './words';
import { WorkspaceDialog } from './workspace-form';
import classes from './workspaces.module.css';

type Doing = { kind: 'create' } | { kind: 'change' | 'delete'; workspace: WorkspaceDetail };

export function Workspaces(props: InOrganization) {
  const { organization } = props;
  const workspaces = useQuery(workspacesQuery(organization.id));
  const [doing, setDoing] = useState<Doing | null>(null);
  const reason = adminsOnly(props, 'create and change workspaces');
  const close = () => setDoing(null);
  return (
    <div className={classes.stack}>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          Workspaces hold clusters. A quota limits what a workspace can use.
        </Text>
        <Gated reason={reason}>
          <Button
            leftSection={<IconPlus size={17} aria-hidden />}
            onClick={() => setDoing({ kind: 'create' })}
          >
            New workspace
          </Button>
        </Gated>
      </div>
      <Loaded asked={workspaces} name="Loading the workspaces" height={240}>
        {(list) =>
          list.length === 0 ? (
            <Paper withBorder radius="lg">
              <EmptyState icon={IconStack2} title="No workspaces">
                Create a workspace to create clusters in.
              </EmptyState>
            </Paper>
          ) : (
            <div className={classes.cards}>
              {list.map((workspace) => (
                <WorkspaceCard
                  key={workspace.id}
                  workspace={workspace}
                  reason={reason}
                  onDo={setDoing}
                />
              ))}
            </div>
          )
        }
      </Loaded>
      {doing?.kind === 'create' && <WorkspaceDialog organization={organization} onClose={close} />}
      {doing?.kind === 'change' && (
        <WorkspaceDialog organization={organization} workspace={doing.workspace} onClose={close} />
      )}
      {doing?.kind === 'delete' && <DeleteDialog workspace={doing.workspace} onClose={close} />}
    </div>
  );
}

function WorkspaceCard(props: {
  workspace: WorkspaceDetail;
  reason: string | null;
  onDo: (doing: Doing) => void;
}) {
  const { workspace, reason, onDo } = props;
  const { word, look } = statusOf(workspace);
  return (
    <Paper
      withBorder
      radius="lg"
      className={classes.card}
      component="article"
      aria-label={workspace.name}
      data-testid={`workspace-${workspace.name}`}
    >
      <div className={classes.cardHead}>
        <div>
          <div>
            <Title order={2} size="h4">
              <Link to="/workspaces/$id" params={{ id: workspace.id }} className={classes.link}>
                {workspace.name}
              </Link>
            </Title>
            <ToneBadge look={look} word={word} testId={`workspace-status-${workspace.name}`} />
          </div>
          <Text size="sm" c="dimmed">
            {count(workspace.used.clusters, 'cluster')}
          </Text>
        </div>
        <span className={classes.tools}>
          <Gated reason={reason}>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPencil size={15} aria-hidden />}
              aria-label={`Change ${workspace.name}`}
              onClick={() => onDo({ kind: 'change', workspace })}
            >
              Change
            </Button>
          </Gated>
          <Gated reason={reason}>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconTrash size={15} aria-hidden />}
              aria-label={`Delete ${workspace.name}`}
              onClick={() => onDo({ kind: 'delete', workspace })}
            >
              Delete
            </Button>
          </Gated>
        </span>
      </div>
      <div className={classes.meters}>
        <Meters workspace={workspace} />
      </div>
    </Paper>
  );
}

function DeleteDialog(props: { workspace: WorkspaceDetail; onClose: () => void }) {
  const { workspace, onClose } = props;
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: () => people.deleteWorkspace(workspace.id),
    onSuccess: async () => {
      void readMe(queries).catch(() => undefined);
      await queries.invalidateQueries({ queryKey: PEOPLE });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Delete ${workspace.name}?`}
      confirm="Delete workspace"
      act={act}
      onClose={onClose}
    >
      <Text size="sm">Delete its clusters first. The audit log is kept.</Text>
    </ConfirmDialog>
  );
}
