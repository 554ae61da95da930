// Where programs reach this labyard: the page's own name below localhost is known to browsers alone.

export function serverAddress({ protocol, hostname, port } = window.location): string {
  const host = hostname.endsWith('.localhost') ? 'localhost' : hostname;
  return `${protocol}//${host}${port ? `:${port}` : ''}`;
}

/** Gets the command line, which the server hands out for machines of its own kind. */
export const installCommand = () =>
  `curl -fo labyard ${serverAddress()}/download/labyard && chmod +x labyard`;
