// Generated from proto/schemas: npm run generate.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description `data` of `connected`: the first message. */
        Connected: {
            cursor: string;
            /**
             * Format: uint64
             * @description How often the server says `heartbeat`.
             */
            heartbeat_secs: number;
            session_id: string;
            user_id: string;
        };
        /**
         * ToClient
         * @description What the server sends beside events.
         */
        connected: {
            data: components["schemas"]["Connected"];
            type: string;
        };
        /** @description Where a cluster is in its life. Workers report facts; only the gateway moves a status. */
        ClusterStatus: ("PROVISIONING" | "RUNNING" | "STOPPING" | "STOPPED" | "STARTING" | "UPGRADING" | "RESTORING" | "DELETING" | "DELETED" | "ERROR") | "UNKNOWN";
        /**
         * @description Something that happened. `type` is `<noun>.<verb in the past>`; an event with a `cluster_id`
         *     carries that cluster's `status` and `version`, and clients ignore a version lower than theirs.
         */
        Event: {
            cluster_id?: string | null;
            /** @description The object that `type` names, as its GET returns it. */
            data?: unknown;
            id: string;
            organization_id?: string | null;
            /** @description The cluster's. */
            status?: components["schemas"]["ClusterStatus"] | null;
            task_id?: string | null;
            /** Format: date-time */
            time: string;
            type: string;
            /**
             * Format: int64
             * @description The cluster's, or the object's where there is no cluster.
             */
            version: number;
            workspace_id?: string | null;
        };
        /**
         * EventMessage
         * @description An event's message: `workspace:status`, `task:progress` or `event`.
         */
        event_message: {
            /** @description Where to go on after it: `since` of a later subscription. */
            cursor: string;
            data: components["schemas"]["Event"];
            type: string;
        };
        /** @description The parts that a host looks at. */
        Components: {
            /**
             * @description Kubernetes' API, asked from outside and, at its service address, from inside; with it a Ready node.
             * @default UNKNOWN
             */
            api: components["schemas"]["Part"];
            /**
             * @description The container that is the cluster's node.
             * @default UNKNOWN
             */
            node: components["schemas"]["Part"];
            /**
             * @description Its volumes, network and image.
             * @default UNKNOWN
             */
            storage: components["schemas"]["Part"];
        };
        /** @description How a cluster is; a version lower than the one known is old news. */
        Health: {
            cluster_id: string;
            /** @description How its parts are (node, storage, API), as its host last saw them; absent before it has. */
            components?: components["schemas"]["Components"] | null;
            health: unknown;
            status?: components["schemas"]["ClusterStatus"] | null;
            /** Format: int64 */
            version: number;
            workspace_id?: string | null;
        };
        /** @description One part of a cluster. */
        Part: "OK" | "DOWN" | "STOPPED" | "UNKNOWN";
        /**
         * HealthMessage
         * @description `vcluster:health`: beside each event that tells of a cluster's health.
         */
        health_message: {
            cursor: string;
            data: components["schemas"]["Health"];
            type: string;
        };
        /** @description `data` of the server's `heartbeat`; a client's is answered with one. */
        Heartbeat: {
            /** @description Everything subscribed to has been sent up to here. */
            cursor: string;
        };
        /**
         * ToClient
         * @description What the server sends beside events.
         */
        heartbeat: {
            data: components["schemas"]["Heartbeat"];
            type: string;
        };
        /** @description One connection of a person who is here. */
        Here: {
            page?: string | null;
            /** Format: date-time */
            since: string;
            user_id: string;
        };
        /** @description `data` of `presence`: everybody who is here, whenever that changes. */
        Presence: {
            cluster_id?: string | null;
            /** @description Each connection once, who came first comes first. */
            here: components["schemas"]["Here"][];
            organization_id: string;
            workspace_id?: string | null;
        };
        /**
         * ToClient
         * @description What the server sends beside events.
         */
        presence: {
            data: components["schemas"]["Presence"];
            type: string;
        };
        /** @description The catalogue. */
        Code: ("malformed" | "authorization_pending" | "slow_down" | "expired_token" | "access_denied" | "invalid_grant" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "name_taken" | "wrong_status" | "too_large" | "unsupported_media_type" | "invalid" | "rate_limited" | "quota_exceeded" | "internal" | "unavailable" | "queued" | "image_missing" | "host_unreachable" | "no_subnet" | "no_port" | "not_ready" | "step_failed" | "cancelled" | "expired" | "idle" | "down" | "still_running" | "no_host" | "reaper_locked") | "unknown";
        /** @description `data` of `error`. The connection stays. */
        SocketError: {
            /** @description The `type` of the message it answers. */
            about?: string | null;
            code: components["schemas"]["Code"];
            message: string;
        };
        /**
         * ToClient
         * @description What the server sends beside events.
         */
        socket_error: {
            data: components["schemas"]["SocketError"];
            type: string;
        };
        /** @enum {string} */
        ResetReason: "too_old" | "other_incarnation" | "unreadable" | "unknown";
        /** @description `data` of `reset`: no subscription could go on; all go on from the cursor. */
        SocketReset: {
            cursor: string;
            reason: components["schemas"]["ResetReason"];
        };
        /**
         * ToClient
         * @description What the server sends beside events.
         */
        socket_reset: {
            data: components["schemas"]["SocketReset"];
            type: string;
        };
        /**
         * Subscribe
         * @description `data` of `subscribe:<topic>`.
         */
        subscribe: {
            /** @description Of the organization, workspace, cluster or task. */
            id: string;
            /** @description From this cursor on; from now if absent. */
            since?: string | null;
            /** @description Only these types of events, whole (`cluster.changed`) or by noun (`task.*`); all if empty. */
            types?: string[];
        };
        /** @description `data` of `subscribed`: events of the topic after this cursor follow. */
        Subscribed: {
            cursor: string;
            id: string;
            /** @description What came between `since` and the cursor is not to be had: list again. */
            reset?: components["schemas"]["ResetReason"] | null;
            /** @description `organization`, `workspace`, `cluster` or `task` */
            topic: string;
        };
        /**
         * ToClient
         * @description What the server sends beside events.
         */
        subscribed: {
            data: components["schemas"]["Subscribed"];
            type: string;
        };
        /**
         * Unsubscribe
         * @description `data` of `unsubscribe:<topic>`.
         */
        unsubscribe: {
            id: string;
        };
        /** @description `data` of `unsubscribed`. */
        Unsubscribed: {
            id: string;
            topic: string;
        };
        /**
         * ToClient
         * @description What the server sends beside events.
         */
        unsubscribed: {
            data: components["schemas"]["Unsubscribed"];
            type: string;
        };
        /**
         * Whereabouts
         * @description `data` of `presence:enter` and `presence:leave`: exactly one of workspace and cluster.
         */
        whereabouts: {
            cluster_id?: string | null;
            organization_id: string;
            /** @description The page the person is on, up to 200 characters; not used by `presence:leave`. */
            page?: string | null;
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
