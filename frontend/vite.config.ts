import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const backend = process.env['PETREVIEW_DEV_BACKEND'] ?? 'http://127.0.0.1:8000';

// The build lies under /static/ because Django and WhiteNoise serve it there; its index.html answers
// every path that is not the API's.
export default defineConfig(({ command }) => ({
  base: command === 'build' ? '/static/' : '/',
  plugins: [react()],
  // Our own viewer starts module workers.
  worker: { format: 'es' },
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 6000 },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': backend, '/ws': { target: backend, ws: true } },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
}));
