// The health of a cluster in words.
import { screen, within } from '@testing-library/react';
import type { Cluster } from '@/lib/api/types';
import { aCluster } from '@/test/samples';
import { showBare } from '@/test/show';
import { Parts } from './parts';

const show = (more: Partial<Cluster>) => {
  showBare(<Parts cluster={aCluster({ host: 'host-a', ...more })} />);
  const lines = within(screen.getByTestId('health-demo')).getAllByRole('listitem');
  return lines.map((line) => [line.textContent, line.dataset.tone]);
};

it('names each part with how it is', () => {
  const components = { node: 'OK', api: 'DOWN', storage: 'OK' } as const;
  expect(show({ status: 'RUNNING', components })).toEqual([
    ['Host: healthy', 'green'],
    ['Node: healthy', 'green'],
    ['API: not responding', 'red'],
    ['Storage: healthy', 'green'],
  ]);
});

it('takes what is not there yet for no failure', () => {
  const components = { node: 'DOWN', api: 'DOWN', storage: 'OK' } as const;
  expect(show({ status: 'PROVISIONING', components }).map(([, tone]) => tone)).toEqual([
    'green',
    'gray',
    'gray',
    'green',
  ]);
});

it('knows nothing of the parts on a silent host, nor of those nobody has seen', () => {
  const components = { node: 'UNKNOWN', api: 'UNKNOWN', storage: 'UNKNOWN' } as const;
  expect(show({ health: 'UNREACHABLE', components })[1]).toEqual(['Node: unknown', 'gray']);
});

it('says of the host alone before anybody looked', () => {
  expect(show({ host: null })).toEqual([['Host: not assigned', 'gray']]);
});
