// A log-in that the browser does not keep.
import { HttpResponse, http } from 'msw';
import { expect, it } from 'vitest';
import { problem, server } from '@/test/server';
import { api } from './client';

const login = { email: 'ana@example.org', password: 'correct horse' };

it('says when the browser did not keep a login', async () => {
  server.use(
    http.post('*/api/v1/auth/session', () => HttpResponse.json({ id: 'usr_1' })),
    http.get('*/api/v1/auth/me', () =>
      problem(401, 'unauthenticated', 'Your session has expired.'),
    ),
  );
  await expect(api.logIn(login)).rejects.toMatchObject({
    code: 'not_kept',
    message: expect.stringContaining('blocked the login cookie'),
  });
});

it('is logged in once the server knows who it is', async () => {
  server.use(
    http.post('*/api/v1/auth/session', () => HttpResponse.json({ id: 'usr_1' })),
    http.get('*/api/v1/auth/me', () => HttpResponse.json({ user: { id: 'usr_1' } })),
  );
  await expect(api.logIn(login)).resolves.toEqual({ id: 'usr_1' });
});
