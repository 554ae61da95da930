// The address that programs use.
import { installCommand, serverAddress } from './server';

it.each([
  ['http:', 'labyard.localhost', '3000', 'http://localhost:3000'],
  ['http:', 'localhost', '3000', 'http://localhost:3000'],
  ['https:', 'labs.example.org', '', 'https://labs.example.org'],
])('programs reach %s//%s:%s at %s', (protocol, hostname, port, address) =>
  expect(serverAddress({ protocol, hostname, port } as Location)).toBe(address),
);

it('says how to get the command line from the same server', () => {
  expect(installCommand()).toContain(`${serverAddress()}/download/labyard`);
});
