// What becomes of an answer that is no success.
import { HttpResponse, http } from 'msw';
import { problem, server } from '@/test/server';
import { api } from './client';
import { ApiError, aboveFields, byField, fromAnswer } from './problem';

describe('errors of the API', () => {
  it('become one error with facts, fix and fields', async () => {
    server.use(
      http.post('*/api/v1/clusters', () =>
        problem(422, 'invalid', 'Two fields.', {
          errors: [
            { pointer: '/name', detail: 'too long' },
            { pointer: '/a~1b', detail: 'odd' },
          ],
        }),
      ),
    );
    const error = await api.createCluster({ name: 'x' }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 422,
      code: 'invalid',
      message: 'Two fields.',
      fix: 'Do this.',
    });
    expect(byField(error, ['name', 'ttl_hours'])).toEqual({
      known: { name: 'Too long' },
      other: ['a/b: odd.'],
    });
  });

  it('stand above a form unless every message stands at a field', () => {
    const invalid = (...pointers: string[]) =>
      fromAnswer(422, { errors: pointers.map((pointer) => ({ pointer, detail: 'odd' })) });
    expect(aboveFields(null, ['name'])).toBeNull();
    expect(aboveFields(invalid('/name'), ['name'])).toBeNull();
    expect(aboveFields(invalid('/name', '/other'), ['name'])?.status).toBe(422);
    expect(aboveFields(invalid(), ['name'])?.status).toBe(422);
    expect(aboveFields(new Error('broken'), ['name'])?.message).toBe('broken');
  });

  it('say so when no answer comes', async () => {
    server.use(http.get('*/api/v1/auth/me', () => HttpResponse.error()));
    await expect(api.me()).rejects.toMatchObject({ status: 0, code: 'unreachable' });
  });

  it('can be read when a proxy has answered instead', async () => {
    server.use(
      http.get('*/api/v1/auth/me', () =>
        HttpResponse.html('<h1>Bad gateway</h1>', { status: 502 }),
      ),
    );
    await expect(api.me()).rejects.toMatchObject({ status: 502, code: 'unknown' });
    expect(fromAnswer(500, null).fix).toContain('Try again');
  });

  it('keep the number of the request', () => {
    expect(fromAnswer(500, { request_id: 'req_1' }).requestId).toBe('req_1');
  });
});

describe('lists', () => {
  it('are read page by page, and keep the place where the first was read', async () => {
    server.use(
      http.get('*/api/v1/clusters', ({ request }) => {
        const second = new URL(request.url).searchParams.get('cursor') === 'two';
        return HttpResponse.json(
          { items: [], next_cursor: second ? null : 'two' },
          { headers: { 'Labyard-Position': second ? '0000000a-9' : '0000000a-7' } },
        );
      }),
    );
    await expect(api.clusters()).resolves.toEqual({ value: [], cursor: '0000000a-7' });
  });
});
