// How the page is built, served while developing and tested.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import pkg from './package.json' with { type: 'json' };
import { themeCss } from './theme-css.ts';

const API = process.env.LABYARD_SERVER ?? 'http://localhost:3000';
// As `make up` has it, unless the operator chose another.
const PAGE = new URL(
  process.env.LABYARD_PUBLIC_URL ?? API.replace('//localhost', '//labyard.localhost'),
);

export default defineConfig({
  plugins: [react(), themeCss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { __VERSION__: JSON.stringify(pkg.version) },
  worker: { format: 'es' },
  build: {
    // Nothing inlined as data: URLs, which the content security policy would refuse.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: {
    port: 5173,
    // labyard's own address: it gives and takes the session's cookie at no other.
    proxy: Object.fromEntries(
      ['/api', '/health', '/docs', '/ws'].map((path) => [
        path,
        { target: API, ws: path === '/ws', headers: { host: PAGE.host, origin: PAGE.origin } },
      ]),
    ),
  },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['src/test/setup.ts'],
    // More than a few waits one after the other (src/test/setup.ts): who waits in vain says for what.
    testTimeout: 90_000,
    // The files of one worker share a jsdom and what is in node_modules: to make these anew for each
    // takes longer than its tests. src/test/setup.ts gives every file its own modules of src, and every
    // test a clean page.
    isolate: false,
    css: false,
  },
});
