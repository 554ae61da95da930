// How the page is built, served while developing and tested.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import pkg from './package.json' with { type: 'json' };
import { themeCss } from './theme-css.ts';

const API = process.env.LABYARD_SERVER ?? 'http://localhost:3000';

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
    proxy: { '/api': API, '/health': API, '/docs': API, '/ws': { target: API, ws: true } },
  },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['src/test/setup.ts'],
    testTimeout: 30_000,
    css: false,
  },
});
