// The audit: its words, filters and pages.
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { AuditEntry, Me } from '@/lib/api/types';
import { aMembership, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';
import { exportPath } from './download';
import { actionWords, details, who } from './words';

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  number: 1,
  at: '2026-01-01T12:00:00.000Z',
  user_id: 'usr_2',
  email: 'bob@example.org',
  action: 'delete_cluster',
  object: 'clu_1',
  cluster_id: 'clu_1',
  allowed: true,
  address: '127.0.0.1',
  ...more,
});

function show(path: string, entries: AuditEntry[], who: Me = me) {
  const asked: string[] = [];
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(who)),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/organizations/:id/members', () => page([])),
    http.get('*/api/v1/audit', ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams.toString());
      return HttpResponse.json({
        items: entries,
        next_cursor: searchParams.has('cursor') || entries.length < 2 ? null : '7',
      });
    }),
  );
  return { ...showApp(path), asked };
}

it('shows one’s own acts, what was refused and why, and what was before', async () => {
  const { asked } = show('/audit', [
    entry({ user_id: 'usr_1', email: 'ada@example.org' }),
    entry({ number: 2, allowed: false, code: 'forbidden', detail: { role: 'owner' } }),
  ]);
  const table = await screen.findByRole('table');
  const rows = within(table).getAllByRole('row');
  expect(rows[1]).toHaveTextContent('You');
  expect(rows[1]).toHaveTextContent('Delete cluster');
  expect(rows[2]).toHaveTextContent('Denied');
  expect(rows[2]).toHaveTextContent('forbidden');
  expect(rows[2]).toHaveTextContent('role: owner');
  expect(asked).toEqual(['user_id=usr_1&limit=50']);
  await userEvent.click(screen.getByRole('button', { name: 'Load older' }));
  await waitFor(() => expect(asked.at(-1)).toBe('user_id=usr_1&limit=50&cursor=7'));
});

it('offers an organization’s to its admins, and everything to administrators', async () => {
  const admin = { ...me, user: { ...me.user, is_admin: true } };
  const organizations = [
    ...me.organizations,
    aMembership({ role: 'admin' }),
    aMembership({ organization_id: 'org_3', name: 'Others', role: 'member' }),
  ];
  const { asked } = show('/audit', [], { ...admin, organizations });
  expect(await screen.findByText('No entries yet')).toBeVisible();
  expect(asked).toEqual(['limit=50']);
  await userEvent.click(screen.getByRole('combobox', { name: 'Scope' }));
  const options = await screen.findAllByRole('option');
  expect(options.map(({ textContent }) => textContent)).toEqual([
    'Entire installation',
    'My actions',
    'Ada Lovelace (personal)',
    'Team',
  ]);
  await userEvent.click(screen.getByRole('option', { name: 'Team' }));
  await waitFor(() => expect(asked.at(-1)).toBe('organization_id=org_2&limit=50'));
});

it('filters, says when nothing fits, and shows everything again', async () => {
  const { asked, router } = show('/audit?allowed=no&action=delete_cluster', []);
  expect(await screen.findByText('No matching entries')).toBeVisible();
  expect(asked).toEqual(['user_id=usr_1&action=delete_cluster&allowed=false&limit=50']);
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  await waitFor(() => expect(asked.at(-1)).toBe('user_id=usr_1&limit=50'));
  expect(router.state.location.searchStr).toBe('');
});

it('says what is wrong and how to go on', async () => {
  show('/audit', []);
  server.use(
    http.get('*/api/v1/audit', () => problem(403, 'forbidden', 'Your role is member there.')),
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('Your role is member there. Do this.');
});

it('leaves the file to the server, whatever it is of', async () => {
  show('/audit', [entry()]);
  const link = await screen.findByRole('link', { name: 'Download CSV' });
  expect(link).toHaveAttribute('href', '/api/v1/audit/export?format=csv&user_id=usr_1');
  expect(exportPath({ organization_id: 'org_1', allowed: false })).toBe(
    '/api/v1/audit/export?format=csv&organization_id=org_1&allowed=false',
  );
});

it('has words for every action', () => {
  expect(actionWords('delete_cluster')).toBe('Delete cluster');
  expect(actionWords('exec_cluster.ended')).toBe('Run command, ended');
  expect(who(entry(), 'usr_2')).toBe('You');
  const keyboard = { action: 'operator.adopt', user_id: null, email: null };
  expect(who(entry(keyboard), 'usr_2')).toBe('The operator');
  expect(details({ exit_code: 1 })).toEqual([['exit code', '1']]);
  expect(details(undefined)).toEqual([]);
  const quota = { quota: { clusters: 2, cpu_millis: null }, types: ['a', 'b'] };
  expect(details(quota)).toEqual([
    ['quota', 'clusters 2'],
    ['types', 'a, b'],
  ]);
});
