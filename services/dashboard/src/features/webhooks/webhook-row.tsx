// One webhook: where it sends what, how it is, and what can be done with it.
import { ActionIcon, Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconCircleCheck,
  IconCircleX,
  IconDots,
  IconKey,
  IconListDetails,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge, ToneMark } from '@/components/tone-badge';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Delivery, Webhook } from '@/lib/api/types';
import { webhooks } from '@/lib/api/webhooks';
import { moment } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import { deliveriesOf, readAgain } from './queries';
import classes from './webhooks.module.css';
import { nameOf, stateOf, testWords, typesOf } from './words';

const WENT = { icon: IconCircleCheck, tone: 'green' } as const;
const FAILED = { icon: IconCircleX, tone: 'red' } as const;

/** What is done with a webhook, in a dialog or beside the page. */
export type Doing = 'change' | 'secret' | 'delete' | 'deliveries';

interface RowProps {
  webhook: Webhook;
  onDo: (what: Doing) => void;
}

export function WebhookRow({ webhook, onDo }: RowProps) {
  const { id, url, enabled, workspace_id, created_at } = webhook;
  const name = nameOf(url);
  const { word, look, detail } = stateOf(webhook, useNow());
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => webhooks.test(id),
    onSettled: () => queries.invalidateQueries({ queryKey: deliveriesOf(id) }),
  });
  const turn = useMutation({
    mutationFn: () => webhooks.change(id, { enabled: !enabled }),
    onSuccess: () => readAgain(queries, workspace_id),
    onError: (thrown) => {
      const error = toApiError(thrown);
      notifications.show({ color: 'red', title: error.title, message: inOneLine(error) });
    },
  });
  return (
    <li className={classes.row} data-testid={`webhook-${name}`}>
      <span className={classes.what}>
        <span className={classes.url}>{url}</span>
        <span className={classes.detail}>
          {typesOf(webhook)} · created {moment(created_at)}
        </span>
        {detail && (
          <span className={classes.state} data-tone={look.tone}>
            {detail}
          </span>
        )}
      </span>
      <ToneBadge look={look} word={word} />
      <span className={classes.tools}>
        {!enabled && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlayerPlay size={15} aria-hidden />}
            aria-label={`Turn on ${name}`}
            loading={turn.isPending}
            onClick={() => turn.mutate()}
          >
            Turn on
          </Button>
        )}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconSend size={15} aria-hidden />}
          aria-label={`Send test to ${name}`}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          Send test
        </Button>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconListDetails size={15} aria-hidden />}
          aria-label={`Deliveries to ${name}`}
          onClick={() => onDo('deliveries')}
        >
          Deliveries
        </Button>
        <MoreMenu
          name={name}
          enabled={enabled}
          turning={turn.isPending}
          onTurn={() => turn.mutate()}
          onDo={onDo}
        />
      </span>
      <TestResult tried={test.isPending ? undefined : test.data} />
      {test.error && !test.isPending && (
        <div className={classes.result}>
          <ProblemAlert error={test.error} />
        </div>
      )}
    </li>
  );
}

function MoreMenu(props: {
  name: string;
  enabled: boolean;
  turning: boolean;
  onTurn: () => void;
  onDo: (what: Doing) => void;
}) {
  const { name, enabled, onDo } = props;
  return (
    <Menu position="bottom-end" shadow="md" width={200}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`More actions for ${name}`}
          title="More actions"
          loading={enabled && props.turning}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPencil size={16} aria-hidden />}
          onClick={() => onDo('change')}
        >
          Change…
        </Menu.Item>
        {enabled && (
          <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={props.onTurn}>
            Turn off
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={() => onDo('secret')}>
          New secret…
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          className={classes.grave}
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => onDo('delete')}
        >
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Always rendered: screen readers announce only what changes inside a known status. */
function TestResult({ tried }: { tried: Delivery | undefined }) {
  const look = tried?.outcome === 'delivered' ? WENT : FAILED;
  return (
    <div role="status" className={classes.result} data-tone={look.tone}>
      {tried && (
        <>
          <ToneMark look={look} size={17} />
          <span>{testWords(tried)}</span>
        </>
      )}
    </div>
  );
}
