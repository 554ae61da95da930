// Routes of the contract (crates/api) that proto/openapi.json does not have yet, in its form.
import type { Cluster, Event, Page } from './types';

interface Json<T> {
  headers: Record<string, unknown>;
  content: { 'application/json': T };
}

interface OfCluster {
  query?: never;
  header?: never;
  path: { id: string };
  cookie?: never;
}

export interface LaterPaths {
  '/api/v1/clusters/{id}/auto-stop': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: OfCluster;
      requestBody: { content: { 'application/json': { minutes: number | null } } };
      responses: { 200: Json<Cluster> };
    };
  };
  '/api/v1/clusters/{id}/active': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: OfCluster;
      requestBody?: never;
      responses: { 204: { headers: Record<string, unknown>; content?: never } };
    };
  };
  '/api/v1/timeline': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { cluster_id?: string; type?: string; limit?: number; cursor?: string };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: { 200: Json<Page<Event>> };
    };
  };
}
