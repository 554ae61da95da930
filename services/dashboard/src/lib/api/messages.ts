// Generated from proto/schemas: npm run generate.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description `data` of `connected`, the first message. */
        Connected: {
            /** @description Where the log ends now: `since` of a later subscription. */
            cursor: string;
            /**
             * Format: uint64
             * @description Seconds between two heartbeats of the server.
             */
            heartbeat_secs: number;
            /** @description The login or API token in use. */
            session_id: string;
            /** @description The user who is logged in. */
            user_id: string;
        };
        /**
         * ToClient
         * @description A message from the server that isn't an event.
         */
        connected: {
            /** @description The fields of this `type`. */
            data: components["schemas"]["Connected"];
            /**
             * @description What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
             *     `presence`, `reset` or `error`.
             */
            type: string;
        };
        /** @description Stage of a cluster's life. Hosts report facts; only the api-gateway changes a status. */
        ClusterStatus: "PROVISIONING" | "RUNNING" | "STOPPING" | "STOPPED" | "STARTING" | "UPGRADING" | "RESTORING" | "DELETING" | "DELETED" | "ERROR" | "UNKNOWN";
        /**
         * @description Something that happened. An event with a `cluster_id` carries that cluster's `status` and `version`; ignore one
         *     whose version is lower than what you have.
         */
        Event: {
            /** @description The cluster that it is about; absent if it is about none. */
            cluster_id?: string | null;
            /** @description The object that `type` names, as `GET` returns it; absent if the type has none. */
            data?: unknown;
            /** @description `evt_` and 32 lower-case hex digits of a UUIDv7; the same on every stream and in every delivery. */
            id: string;
            /** @description The organization that it happened in; absent for hosts, the installation and one user's own events. */
            organization_id?: string | null;
            /** @description The cluster's status after it; absent without a cluster. */
            status?: components["schemas"]["ClusterStatus"] | null;
            /** @description The task that it is about; absent if it is about none. */
            task_id?: string | null;
            /**
             * Format: date-time
             * @description When it happened.
             */
            time: string;
            /** @description `<noun>.<verb in the past>`, like `cluster.changed`. */
            type: string;
            /**
             * Format: int64
             * @description The cluster's version after it; without a cluster, the version of the object in `data`.
             */
            version: number;
            /** @description The workspace that it is about; absent if it is about none. */
            workspace_id?: string | null;
        };
        /**
         * EventMessage
         * @description A message with an event.
         */
        event_message: {
            /** @description Place in the log after this event: `since` of a later subscription. */
            cursor: string;
            /** @description The event. */
            data: components["schemas"]["Event"];
            /** @description `workspace:status` for an event of a cluster, `task:progress` for one of a task, `event` for any other. */
            type: string;
        };
        /** @description State of a cluster's parts, as its host last saw them. */
        Components: {
            /**
             * @description The Kubernetes API: it answers from outside and, at its service address, from inside, and the node is Ready.
             * @default UNKNOWN
             */
            api: components["schemas"]["Part"];
            /**
             * @description The container that is the cluster's node.
             * @default UNKNOWN
             */
            node: components["schemas"]["Part"];
            /**
             * @description The cluster's volumes, its network and the node image.
             * @default UNKNOWN
             */
            storage: components["schemas"]["Part"];
        };
        /** @description The health of a cluster. Ignore one whose version is lower than what you have. */
        Health: {
            /** @description The cluster. */
            cluster_id: string;
            /** @description State of its parts, as its host last saw them; absent until it has looked. */
            components?: components["schemas"]["Components"] | null;
            /** @description `OK` or `UNREACHABLE`, as in the cluster's `health`. */
            health: unknown;
            /** @description The cluster's status; null if unknown. */
            status?: components["schemas"]["ClusterStatus"] | null;
            /**
             * Format: int64
             * @description The cluster's version.
             */
            version: number;
            /** @description The workspace that the cluster belongs to; null if it has none. */
            workspace_id?: string | null;
        };
        /** @description State of one part of a cluster. */
        Part: "OK" | "DOWN" | "STOPPED" | "UNKNOWN";
        /**
         * HealthMessage
         * @description The health of a cluster, after each event that tells of it.
         */
        health_message: {
            /** @description Place in the log after that event: `since` of a later subscription. */
            cursor: string;
            /** @description The health. */
            data: components["schemas"]["Health"];
            /** @description Always `vcluster:health`. */
            type: string;
        };
        /** @description `data` of the server's `heartbeat`. A client's `heartbeat` is answered with one. */
        Heartbeat: {
            /** @description Every subscribed event up to this place has been sent. */
            cursor: string;
        };
        /**
         * ToClient
         * @description A message from the server that isn't an event.
         */
        heartbeat: {
            /** @description The fields of this `type`. */
            data: components["schemas"]["Heartbeat"];
            /**
             * @description What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
             *     `presence`, `reset` or `error`.
             */
            type: string;
        };
        /** @description One connection of a person who is there. */
        Here: {
            /** @description The page that the person is on; absent if the client didn't say. */
            page?: string | null;
            /**
             * Format: date-time
             * @description When they entered.
             */
            since: string;
            /** @description The person. */
            user_id: string;
        };
        /** @description `data` of `presence`: everyone who is in a workspace or at a cluster, on every change. */
        Presence: {
            /** @description The cluster; absent if it is about a workspace. */
            cluster_id?: string | null;
            /** @description One entry for each connection, the longest present first. */
            here: components["schemas"]["Here"][];
            /** @description The organization of the workspace or cluster. */
            organization_id: string;
            /** @description The workspace; absent if it is about a cluster. */
            workspace_id?: string | null;
        };
        /**
         * ToClient
         * @description A message from the server that isn't an event.
         */
        presence: {
            /** @description The fields of this `type`. */
            data: components["schemas"]["Presence"];
            /**
             * @description What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
             *     `presence`, `reset` or `error`.
             */
            type: string;
        };
        /** @description The kind of a reason. Each code is a section of `/docs/errors`. */
        Code: "malformed" | "authorization_pending" | "slow_down" | "expired_token" | "access_denied" | "invalid_grant" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "name_taken" | "wrong_status" | "too_large" | "unsupported_media_type" | "invalid" | "rate_limited" | "quota_exceeded" | "internal" | "unavailable" | "queued" | "image_missing" | "host_unreachable" | "no_subnet" | "no_port" | "not_ready" | "step_failed" | "cancelled" | "expired" | "idle" | "down" | "still_running" | "no_host" | "reaper_locked" | "unknown";
        /** @description `data` of `error`. The connection stays open. */
        SocketError: {
            /** @description The `type` of the message that it answers; absent if that couldn't be read. */
            about?: string | null;
            /** @description Why, for programs. */
            code: components["schemas"]["Code"];
            /** @description Why, for people. */
            message: string;
        };
        /**
         * ToClient
         * @description A message from the server that isn't an event.
         */
        socket_error: {
            /** @description The fields of this `type`. */
            data: components["schemas"]["SocketError"];
            /**
             * @description What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
             *     `presence`, `reset` or `error`.
             */
            type: string;
        };
        /** @description Why a stream can't continue from a cursor. */
        ResetReason: "too_old" | "other_incarnation" | "unreadable" | "unknown";
        /** @description `data` of `reset`: events of every subscription may be missing. List again; all continue from `cursor`. */
        SocketReset: {
            /** @description Place in the log from which they continue. */
            cursor: string;
            /** @description Why the subscriptions couldn't continue from where they were. */
            reason: components["schemas"]["ResetReason"];
        };
        /**
         * ToClient
         * @description A message from the server that isn't an event.
         */
        socket_reset: {
            /** @description The fields of this `type`. */
            data: components["schemas"]["SocketReset"];
            /**
             * @description What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
             *     `presence`, `reset` or `error`.
             */
            type: string;
        };
        /**
         * Subscribe
         * @description `data` of `subscribe:<topic>`.
         */
        subscribe: {
            /** @description ID of the organization, workspace, cluster or task. */
            id: string;
            /** @description Cursor to start after; from now on if absent. */
            since?: string | null;
            /** @description Types of events wanted, whole (`cluster.changed`) or by noun (`task.*`); all if empty or absent. */
            types?: string[];
        };
        /** @description `data` of `subscribed`: the events of the topic after `cursor` follow. */
        Subscribed: {
            /** @description Place in the log after which the events follow. */
            cursor: string;
            /** @description ID of the organization, workspace, cluster or task. */
            id: string;
            /** @description Why events between `since` and `cursor` are missing, so that you have to list again. Absent if none are. */
            reset?: components["schemas"]["ResetReason"] | null;
            /** @description `organization`, `workspace`, `cluster` or `task`. */
            topic: string;
        };
        /**
         * ToClient
         * @description A message from the server that isn't an event.
         */
        subscribed: {
            /** @description The fields of this `type`. */
            data: components["schemas"]["Subscribed"];
            /**
             * @description What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
             *     `presence`, `reset` or `error`.
             */
            type: string;
        };
        /**
         * Unsubscribe
         * @description `data` of `unsubscribe:<topic>`.
         */
        unsubscribe: {
            /** @description The same ID as in the subscription. */
            id: string;
        };
        /** @description `data` of `unsubscribed`. */
        Unsubscribed: {
            /** @description The same ID as in the subscription. */
            id: string;
            /** @description `organization`, `workspace`, `cluster` or `task`. */
            topic: string;
        };
        /**
         * ToClient
         * @description A message from the server that isn't an event.
         */
        unsubscribed: {
            /** @description The fields of this `type`. */
            data: components["schemas"]["Unsubscribed"];
            /**
             * @description What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
             *     `presence`, `reset` or `error`.
             */
            type: string;
        };
        /**
         * Whereabouts
         * @description `data` of `presence:enter` and `presence:leave`: either `workspace_id` or `cluster_id`, not both.
         */
        whereabouts: {
            /** @description The cluster that the person is at. */
            cluster_id?: string | null;
            /** @description The organization of the workspace or cluster. */
            organization_id: string;
            /** @description The page that the person is on, at most 200 characters. Not used by `presence:leave`. */
            page?: string | null;
            /** @description The workspace that the person is in. */
            workspace_id?: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
