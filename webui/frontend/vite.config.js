/**
 * Builds the pages' scripts and styles into `webui/static/dist`, with the manifest that `webui/pages/assets.py` reads.
 *
 * Two entries: `app` is on every page; the form and diagram islands are chunks that `app` loads when a page holds one.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { promisify } from 'node:util';

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
      return { code: code.replace(browsers, `${browsers} return 'yyyy-MM-dd';`), map: null };
    },
  };
}

/**
 * What only some forms use is not in form-js's chunk: it gets the stand-ins of `src/islands/parts`, which fetch it.
 * A form-js that imports other names, or uses more of luxon than days, fails the build.
 */
function partsApart() {
  const standIns = {
    "import flatpickr from 'flatpickr';": 'dates',
    "import { DateTime } from 'luxon';": 'days',
    "import { parseExpression, parseUnaryTests, evaluate, unaryTest } from '@bpmn-io/feelin';": 'expressions',
    "import { evaluate as evaluate$1, parseToSimpleTree } from 'feelers';": 'templates',
    "import DOMPurify from 'dompurify';": 'html',
    "import { marked } from 'marked';": 'texts',
  };
  const days = new Set(['DateTime.fromJSDate(date).toISODate()', 'DateTime.fromISO(value).toJSDate()']);
  return {
    name: 'matterflow:parts-apart',
    enforce: 'pre',
    transform(code, id) {
      if (!id.replaceAll('\\', '/').endsWith('/form-js-viewer/dist/index.es.js')) return null;
      const changed = (what) => new Error(`form-js has changed: ${what}; see ${import.meta.filename}`);
      for (const used of code.match(/\bDateTime\.\w+\(\w*\)(\.\w+\(\))?/g)) if (!days.has(used)) throw changed(`it uses ${used}`);
      let apart = code;
      for (const [line, name] of Object.entries(standIns)) {
        if (!apart.includes(line)) throw changed(`"${line}" is not there`);
        apart = apart.replace(line, () => line.replace(/'[^']+'/, () => JSON.stringify(here(`src/islands/parts/${name}.js`))));
      }
      return { code: apart, map: null };
    },
  };
}

/**
 * Nobody waits long for the letters of a text, and none is set twice: what has not come when a page is first painted
 * stays away from that page (`optional`); `webui/pages/assets.py` asks for it at once. The fonts' packages say `swap`:
 * a phone sets forty lines twice then. Only titles do so, which are short. Of Commissioner Greek and Cyrillic
 * are left: Latin text has Public Sans, and while that was missing browsers fetched both.
 */
const fontsThatNobodyWaitsFor = {
  postcssPlugin: 'matterflow:fonts-that-nobody-waits-for',
  AtRule: {
    'font-face': (face) => {
      const text = face.toString();
      if (/commissioner-(latin|vietnamese)/.test(text)) face.remove();
      else if (!text.includes('literata')) face.walkDecls('font-display', (display) => void (display.value = 'optional'));
    },
  },
};

/** Scripts and styles also lie there compressed, once and as well as it gets; `webui/pages/assets.py` hands them out. */
function compressed() {
  const folder = here('../static/dist/assets/');
  const smaller = {
    gz: (text) => promisify(gzip)(text, { level: 9 }),
    br: (text) => promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  };
  return {
    name: 'matterflow:compressed',
    async closeBundle() {
      for (const file of (await readdir(folder)).filter((name) => /\.(js|css)$/.test(name))) {
        const text = await readFile(folder + file);
        for (const [ending, compress] of Object.entries(smaller)) await writeFile(`${folder}${file}.${ending}`, await compress(text));
      }
    },
  };
}

export default defineConfig({
  root: here('.'),
  configFile: false,
  base: '/static/dist/',
  publicDir: false,
  plugins: [ unmistakableDates(), partsApart(), compressed() ],
  css: { postcss: { plugins: [ fontsThatNobodyWaitsFor ] } },
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
