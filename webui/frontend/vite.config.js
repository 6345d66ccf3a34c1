/**
 * Builds the pages' scripts and styles into `webui/static/dist`, with the manifest that `webui/pages/assets.py` reads.
 *
 * Two entries: `app` is on every page; the form and diagram islands are chunks that `app` loads when a page holds one.
 */
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Dates in forms are written 2026-12-01, whatever the browser's language: 12/01 is read in two ways, and a firm
 * that mistakes a day misses a time limit. form-js asks the browser and has no setting; a form-js that looks
 * different fails the build.
 */
function unmistakableDates() {
  const browsers = "function getLocaleDateFormat(locale = 'default') {";
  return {
    name: 'matterflow:unmistakable-dates',
    transform(code, id) {
      if (!id.replaceAll('\\', '/').endsWith('/form-js-viewer/dist/index.es.js')) {
        return null;
      }
      if (!code.includes(browsers)) {
        throw new Error(`form-js has changed: "${browsers}" is not there; see ${import.meta.filename}`);
      }
      return { code: code.replace(browsers, "function getLocaleDateFormat(locale = 'sv-SE') {"), map: null };
    },
  };
}

export default defineConfig({
  root: here('.'),
  configFile: false,
  base: '/static/dist/',
  publicDir: false,
  plugins: [ unmistakableDates() ],
  build: {
    target: 'es2022',
    outDir: here('../static/dist'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    license: { fileName: 'licenses.md' },
    rolldownOptions: { input: { app: here('src/app.js'), sw: here('src/sw.js') } },
  },
});
