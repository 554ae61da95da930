// The pipelines that an organization trusts, each with a button to remove it.
import { Button, Paper, Text } from '@mantine/core';
import { IconGitBranch, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CodeLine } from '@/components/code-line';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { EmptyState } from '@/components/empty-state';
import { Gated } from '@/components/gated';
import { Loaded } from '@/components/loaded';
import { NotForRole } from '@/components/not-for-role';
import { people } from '@/lib/api/people';
import type { Trust } from '@/lib/api/types';
import { PEOPLE, trustsQuery } from '@/lib/people/queries';
import { adminsOnly, type InOrganization } from '@/lib/session/rights';
import { age, exact } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import { NewTrust } from './new-trust';
import classes from './organizations.module.css';

export function Trusts(props: InOrganization) {
  const reason = adminsOnly(props, 'see and trust pipelines');
  const [making, setMaking] = useState(false);
  const make = () => setMaking(true);
  return (
    <div className={classes.stack}>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          Pipelines that log in without a secret, with their provider’s token
        </Text>
        <Gated reason={reason}>
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={make}>
            Trust a pipeline
          </Button>
        </Gated>
      </div>
      {reason ? <NotForRole reason={reason} /> : <TrustList {...props} />}
      {making && <NewTrust organization={props.organization} onClose={() => setMaking(false)} />}
    </div>
  );
}

function TrustList({ organization }: InOrganization) {
  const trusts = useQuery(trustsQuery(organization.id));
  const [ending, setEnding] = useState<Trust | null>(null);
  return (
    <Loaded asked={trusts} name="Loading the pipelines">
      {(list) => (
        <Paper withBorder radius="lg" className={classes.frame}>
          {list.length === 0 && (
            <EmptyState icon={IconGitBranch} title="No trusted pipelines">
              Choose a repository and a branch. Its runs log in as a member of their own, for up to
              an hour.
            </EmptyState>
          )}
          <ul className={classes.list} aria-label="Pipelines">
            {list.map((trust) => (
              <TrustRow key={trust.id} trust={trust} onEnd={() => setEnding(trust)} />
            ))}
          </ul>
          {ending && (
            <EndDialog
              organization={organization.id}
              trust={ending}
              onClose={() => setEnding(null)}
            />
          )}
        </Paper>
      )}
    </Loaded>
  );
}

function TrustRow({ trust, onEnd }: { trust: Trust; onEnd: () => void }) {
  const now = useNow();
  const claims = Object.entries(trust.claims).map(([name, value]) => `${name} = ${value}`);
  const used = trust.last_used_at
    ? `last used ${age(now - Date.parse(trust.last_used_at))}`
    : 'never used';
  return (
    <li className={classes.row}>
      <span className={classes.what}>
        <span className={classes.name}>{trust.name}</span>
        <span className={classes.detail} title={exact(trust.created_at)}>
          {claims.join(' · ')}
        </span>
        <span className={classes.detail}>
          {trust.issuer} · access: {trust.level} · {trust.minutes} min · {used}
        </span>
        <CodeLine>{`labyard auth login --ci ${trust.id}`}</CodeLine>
      </span>
      <Button variant="default" size="xs" aria-label={`Remove ${trust.name}`} onClick={onEnd}>
        Remove
      </Button>
    </li>
  );
}

function EndDialog(props: { organization: string; trust: Trust; onClose: () => void }) {
  const { organization, trust, onClose } = props;
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: () => people.endTrust(organization, trust.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: PEOPLE });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Remove ${trust.name}?`}
      confirm="Remove pipeline"
      act={act}
      onClose={onClose}
    >
      <Text size="sm">
        Its runs lose access and its member is removed. Clusters it created stay.
      </Text>
    </ConfirmDialog>
  );
}
