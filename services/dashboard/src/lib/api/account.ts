// The HTTP API of one's own account: name, password, logins, API tokens.
import { client, data } from './send';
import type {
  ApiToken,
  AskingDevice,
  ChangeAccount,
  ChangePassword,
  CreateApiToken,
  Identity,
  NewApiToken,
  Provider,
  ResetLink,
  Session,
  User,
} from './types';

export const account = {
  change: (body: ChangeAccount): Promise<User> => data(client.PATCH('/api/v1/auth/me', { body })),
  delete: (password: string): Promise<unknown> =>
    data(client.DELETE('/api/v1/auth/me', { body: { password } })),
  changePassword: (body: ChangePassword): Promise<unknown> =>
    data(client.POST('/api/v1/auth/password', { body })),
  createResetLink: (email: string): Promise<ResetLink> =>
    data(client.POST('/api/v1/auth/reset-links', { body: { email } })),
  resetPassword: (token: string, new_password: string): Promise<unknown> =>
    data(client.POST('/api/v1/auth/reset', { body: { token, new_password } })),

  sessions: async (signal?: AbortSignal): Promise<Session[]> =>
    (await data(client.GET('/api/v1/auth/sessions', { signal }))).items,
  endSession: (session_id: string): Promise<unknown> =>
    data(client.DELETE('/api/v1/auth/sessions/{session_id}', { params: { path: { session_id } } })),
  logOutEverywhere: (): Promise<unknown> => data(client.POST('/api/v1/auth/logout-everywhere')),

  /** Providers that one can log in by. */
  providers: async (signal?: AbortSignal): Promise<Provider[]> =>
    (await data(client.GET('/api/v1/auth/providers', { signal }))).items,
  /** Where the browser has to go to log in. */
  beginLogin: async (
    provider: string,
    body: { next?: string; invitation?: string },
  ): Promise<string> => {
    const params = { path: { provider } };
    return (await data(client.POST('/api/v1/auth/oidc/{provider}', { params, body }))).url;
  },
  identities: async (signal?: AbortSignal): Promise<Identity[]> =>
    (await data(client.GET('/api/v1/auth/identities', { signal }))).items,
  /** Where the browser has to go to connect an account. */
  connect: async (provider: string): Promise<string> =>
    (await data(client.POST('/api/v1/auth/identities', { body: { provider } }))).url,
  disconnect: (identity_id: string): Promise<unknown> =>
    data(
      client.DELETE('/api/v1/auth/identities/{identity_id}', { params: { path: { identity_id } } }),
    ),

  inspectDevice: (user_code: string): Promise<AskingDevice> =>
    data(client.POST('/api/v1/auth/device/look', { body: { user_code } })),
  decideDevice: (user_code: string, approve: boolean): Promise<unknown> =>
    data(client.POST('/api/v1/auth/device/decide', { body: { user_code, approve } })),

  tokens: async (signal?: AbortSignal): Promise<ApiToken[]> =>
    (await data(client.GET('/api/v1/auth/tokens', { signal }))).items,
  createToken: (body: CreateApiToken): Promise<NewApiToken> =>
    data(client.POST('/api/v1/auth/tokens', { body })),
  revokeToken: (token_id: string): Promise<unknown> =>
    data(client.DELETE('/api/v1/auth/tokens/{token_id}', { params: { path: { token_id } } })),
};
