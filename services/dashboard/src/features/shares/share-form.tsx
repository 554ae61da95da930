// The form for a new share, and the link that comes of it.
import {
  Alert,
  Button,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { ShownOnce } from '@/components/shown-once';
import { LIMITS } from '@/lib/api/limits';
import { people } from '@/lib/api/people';
import { aboveFields, atFields } from '@/lib/api/problem';
import type { Cluster, CreateShare, Level } from '@/lib/api/types';
import { checkEmail, checkHours, checkWhole } from '@/lib/checks';
import { accessQuery, sharesQuery } from '@/lib/people/queries';
import { moment } from '@/lib/time/format';
import classes from './shares.module.css';
import { doubtInWords, LEVELS, levelWords } from './words';

const FIELDS = ['email', 'level', 'hours', 'uses', 'namespaces'] as const;
/** How long a link is good without hours of its own, as the API has it. */
const LINK_HOURS = 24;

export interface ShareValues {
  to: 'person' | 'link';
  email: string;
  level: Level;
  /** Namespaces to change and to see, where the level is that. */
  change: string[];
  see: string[];
  /** Nothing: as long as the cluster lives. */
  hours: number | string;
  uses: number | string;
}

export function toShare(values: ShareValues): CreateShare {
  const { to, email, level, change, see, hours, uses } = values;
  const namespaces = [
    ...change.map((name) => ({ name, edit: true })),
    ...see.filter((name) => !change.includes(name)).map((name) => ({ name, edit: false })),
  ];
  return {
    level,
    ...(level === 'namespaces' ? { namespaces } : {}),
    ...(hours === '' ? {} : { hours: Number(hours) }),
    ...(to === 'person' ? { email: email.trim() } : { uses: Number(uses) }),
  };
}

export function ShareForm({ cluster }: { cluster: Cluster }) {
  const queries = useQueryClient();
  const form = useForm<ShareValues>({
    initialValues: {
      to: 'person',
      email: '',
      level: 'viewer',
      change: [],
      see: [],
      hours: '',
      uses: 1,
    },
    validate: {
      email: (email, { to }) => (to === 'person' ? checkEmail(email.trim()) : null),
      uses: (uses, { to }) => (to === 'link' ? checkWhole(uses, LIMITS.linkUses) : null),
      hours: (hours) => (hours === '' ? null : checkHours(hours, LIMITS.shareHours)),
      change: (change, { level, see }) =>
        level === 'namespaces' && change.length + see.length === 0
          ? 'Enter at least one namespace'
          : null,
    },
  });
  const share = useMutation({
    mutationFn: (values: ShareValues) => people.share(cluster.id, toShare(values)),
    onSuccess: ({ share: made }) => {
      void queries.invalidateQueries({ queryKey: sharesQuery(cluster.id).queryKey });
      void queries.invalidateQueries({ queryKey: accessQuery(cluster.id).queryKey });
      if (made.person) {
        notifications.show({
          color: 'green',
          title: `Shared with ${made.person.name}`,
          message: `${cluster.name} appears in their list of clusters.`,
        });
      }
      form.setFieldValue('email', '');
    },
    onError: (thrown) => {
      const { namespaces, ...known } = atFields(thrown, FIELDS);
      form.setErrors({ ...known, ...(namespaces ? { change: namespaces } : {}) });
    },
  });
  const error = aboveFields(share.error, FIELDS);
  const link = form.values.to === 'link';
  const made = share.data?.url ? share.data : undefined;
  const doubt = share.data?.share.person && doubtInWords(share.data.share.person);
  const busy = { disabled: share.isPending };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => share.mutate(values))}>
      <Stack>
        {error && <ProblemAlert error={error} />}
        {made?.url && (
          <ShownOnce title="Link created" value={made.url}>
            Anyone with the link can join{' '}
            {made.share.expires_at ? ` until ${moment(made.share.expires_at)}` : ''}.
          </ShownOnce>
        )}
        {doubt && (
          <Alert color="yellow" title="Check who this is">
            {doubt}
          </Alert>
        )}
        <SegmentedControl
          aria-label="Share with"
          data={[
            { value: 'person', label: 'A person' },
            { value: 'link', label: 'Anyone with the link' },
          ]}
          {...form.getInputProps('to')}
          {...busy}
        />
        {!link && (
          <TextInput
            label="Email"
            description="The person needs an account here. For anyone else, create a link."
            type="email"
            autoComplete="off"
            data-autofocus
            required
            {...form.getInputProps('email')}
            {...busy}
          />
        )}
        <div className={classes.pair}>
          <Select
            label="Role"
            description={levelWords(form.values.level).may}
            allowDeselect={false}
            data={LEVELS.map((level) => ({ value: level, label: levelWords(level).word }))}
            {...form.getInputProps('level')}
            {...busy}
          />
          <NumberInput
            label="Hours"
            description={
              link
                ? `Leave empty for ${LINK_HOURS} hours`
                : 'Leave empty to share until the cluster is deleted'
            }
            suffix=" h"
            decimalScale={1}
            min={0}
            max={LIMITS.shareHours.maximum}
            {...form.getInputProps('hours')}
            {...busy}
          />
        </div>
        {form.values.level === 'namespaces' && (
          <div className={classes.pair}>
            <TagsInput
              label="Namespaces to change"
              placeholder="Name, then Enter"
              maxTags={LIMITS.shareNamespaces.maxItems}
              {...form.getInputProps('change')}
              {...busy}
            />
            <TagsInput
              label="Namespaces to view"
              placeholder="Name, then Enter"
              maxTags={LIMITS.shareNamespaces.maxItems}
              {...form.getInputProps('see')}
              {...busy}
            />
          </div>
        )}
        {link && (
          <NumberInput
            className={classes.half}
            label="People"
            description="How many can join"
            min={LIMITS.linkUses.minimum}
            max={LIMITS.linkUses.maximum}
            allowDecimal={false}
            {...form.getInputProps('uses')}
            {...busy}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={share.isPending}>
            {link ? 'Create link' : 'Share cluster'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
