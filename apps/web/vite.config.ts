import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const ORCHESTRATOR = 'http://localhost:8420';

/** `vite` serves the page beside a running orchestrator; `vite build` makes what the orchestrator serves. */
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  worker: { format: 'es' },
  server: {
    port: 8421,
    proxy: {
      '/api': { target: ORCHESTRATOR, changeOrigin: true },
      '/ws': { target: ORCHESTRATOR, ws: true, changeOrigin: true },
    },
  },
});
