// The HTTP API of webhooks: where the events of a workspace are sent, and what became of them.
import { client, data, path } from './send';
import type { ChangeWebhook, CreateWebhook, Delivery, NewWebhook, Page, Webhook } from './types';

export const webhooks = {
  /** All of a workspace, the oldest first. */
  list: async (workspace_id: string, signal?: AbortSignal): Promise<Webhook[]> =>
    (await data(client.GET('/api/v1/workspaces/{id}/webhooks', { ...path(workspace_id), signal })))
      .items,
  create: (workspace_id: string, body: CreateWebhook): Promise<NewWebhook> =>
    data(client.POST('/api/v1/workspaces/{id}/webhooks', { ...path(workspace_id), body })),
  change: (id: string, body: ChangeWebhook): Promise<Webhook> =>
    data(client.PATCH('/api/v1/webhooks/{id}', { ...path(id), body })),
  delete: (id: string): Promise<unknown> => data(client.DELETE('/api/v1/webhooks/{id}', path(id))),
  renewSecret: (id: string): Promise<NewWebhook> =>
    data(client.POST('/api/v1/webhooks/{id}/secret', path(id))),
  /** Sends an event now; the answer says how it went. */
  test: (id: string): Promise<Delivery> =>
    data(client.POST('/api/v1/webhooks/{id}/test', path(id))),
  deliveries: (
    id: string,
    wanted: { limit: number; status?: 'failed'; cursor?: string },
    signal?: AbortSignal,
  ): Promise<Page<Delivery>> => {
    const { limit, status, cursor } = wanted;
    const query = { limit, ...(status ? { status } : {}), ...(cursor ? { cursor } : {}) };
    return data(
      client.GET('/api/v1/webhooks/{id}/deliveries', {
        params: { path: { id }, query },
        signal,
      }),
    );
  },
};
