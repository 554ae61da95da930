// The HTTP API of one's own account: name, password, logins, API tokens.
import { client, data } from './send';
import type {
  ApiToken,
  ChangeAccount,
  ChangePassword,
  CreateApiToken,
  NewApiToken,
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

  tokens: async (signal?: AbortSignal): Promise<ApiToken[]> =>
    (await data(client.GET('/api/v1/auth/tokens', { signal }))).items,
  createToken: (body: CreateApiToken): Promise<NewApiToken> =>
    data(client.POST('/api/v1/auth/tokens', { body })),
  revokeToken: (token_id: string): Promise<unknown> =>
    data(client.DELETE('/api/v1/auth/tokens/{token_id}', { params: { path: { token_id } } })),
};
