// What was sent to a webhook and what became of it, beside the page, newest first.
import { Button, Drawer, Switch, Text } from '@mantine/core';
import { IconCircleCheck, IconSend } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { Loaded } from '@/components/loaded';
import { ToneBadge } from '@/components/tone-badge';
import type { Delivery, Webhook } from '@/lib/api/types';
import { deliveriesQuery, LIVE_PAGES_MAX } from './queries';
import classes from './webhooks.module.css';
import { outcomeOf, took, toTheSecond } from './words';

export function Deliveries(props: { webhook: Webhook | null; onClose: () => void }) {
  const { webhook, onClose } = props;
  return (
    <Drawer
      opened={webhook !== null}
      onClose={onClose}
      position="right"
      size={520}
      title="Deliveries"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {webhook && <DeliveryList key={webhook.id} webhook={webhook} />}
    </Drawer>
  );
}

function DeliveryList({ webhook }: { webhook: Webhook }) {
  const [onlyFailures, setOnlyFailures] = useState(false);
  const asked = useInfiniteQuery(deliveriesQuery(webhook.id, onlyFailures ? 'failed' : undefined));
  const still = (asked.data?.pages.length ?? 0) > LIVE_PAGES_MAX;
  return (
    <div className={classes.stack}>
      <span className={classes.url}>{webhook.url}</span>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          {still ? 'Reopen to see the newest' : 'The last 30 days, live'}
        </Text>
        <Switch
          label="Failures only"
          checked={onlyFailures}
          onChange={(event) => setOnlyFailures(event.currentTarget.checked)}
        />
      </div>
      <Loaded asked={asked} name="Loading the deliveries" height={240}>
        {({ pages }) => {
          const shown = pages.flatMap((page) => page.items);
          return shown.length === 0 ? (
            <Nothing onlyFailures={onlyFailures} />
          ) : (
            <ul className={classes.deliveries} aria-label="Deliveries">
              {shown.map((delivery) => (
                <DeliveryRow key={`${delivery.event_id} ${delivery.at}`} delivery={delivery} />
              ))}
            </ul>
          );
        }}
      </Loaded>
      {asked.hasNextPage && (
        <Button
          variant="default"
          className={classes.more}
          loading={asked.isFetchingNextPage}
          onClick={() => void asked.fetchNextPage()}
        >
          Load older
        </Button>
      )}
    </div>
  );
}

function Nothing({ onlyFailures }: { onlyFailures: boolean }) {
  return onlyFailures ? (
    <EmptyState icon={IconCircleCheck} title="No failures">
      Every delivery of the last 30 days succeeded.
    </EmptyState>
  ) : (
    <EmptyState icon={IconSend} title="No deliveries yet">
      Events of the workspace and test events appear here.
    </EmptyState>
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { at, event_id, type, attempt, status, detail, took_millis } = delivery;
  const { word, look } = outcomeOf(delivery);
  const facts = [attempt > 1 && `attempt ${attempt}`, status, took(took_millis)];
  return (
    <li className={classes.delivery} data-outcome={delivery.outcome}>
      <span className={classes.deliveryHead}>
        <span className={classes.type}>{type}</span>
        <ToneBadge look={look} word={word} />
      </span>
      <span className={classes.detail}>
        <time dateTime={at}>{toTheSecond(at)}</time> · {facts.filter(Boolean).join(' · ')}
      </span>
      {detail && <span className={classes.why}>{detail}</span>}
      <span className={classes.id}>{event_id}</span>
    </li>
  );
}
