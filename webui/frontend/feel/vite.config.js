/**
 * Bundles feelin into one script for the server's embedded V8 (`engine/feel/dist/feel.js`).
 *
 * The script has no DOM, no Node and no modules to import; it defines one global, `feel`.
 * Run it alone with `npm run build:feel`.
 */
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * What `interpreter.js` needs of feelin beyond its exports.
 *
 * feelin's own `evaluate` parses, builds and runs in one go. We keep the built tree and run it again,
 * so we need the parts. Each entry is the text that must be there: a feelin that looks different fails the build.
 */
const PARTS = {
  Interpreter: 'class Interpreter {',
  InterpreterContext: 'class InterpreterContext {',
  builtins: 'const builtins = {',
};

/** Where feelin compares, and what it must do there first; see `comparing.js`. */
const CORRECTIONS = [
  {
    text: '    const valueType = getType(value);\n    if (range.valueType !== null &&',
    by: '    const valueType = getType(value);\n    if (!canLieIn(range, value, valueType)) { return null; }\n    if (range.valueType !== null &&'
  },
  {
    text: "case '=': return (b) => (a) => equals(a, b);",
    by: "case '=': return (b) => (a) => { refuseTextAndTemporal(getType(a), getType(b)); return equals(a, b); };"
  },
  {
    text: "case '!=': return (b) => (a) => {\n",
    by: "case '!=': return (b) => (a) => {\n refuseTextAndTemporal(getType(a), getType(b));\n"
  },
];

function adaptFeelin() {
  return {
    name: 'matterflow:feelin',
    transform(code, id) {
      if (!id.replaceAll('\\', '/').endsWith('/feelin/dist/index.js')) {
        return null;
      }
      for (const [ name, text ] of Object.entries(PARTS)) {
        if (!code.includes(text)) {
          throw new Error(`feelin has changed: ${name} is not declared as "${text}"; see ${import.meta.filename}`);
        }
      }
      for (const { text, by } of CORRECTIONS) {
        if (code.split(text).length !== 2) {
          throw new Error(`feelin has changed: it does not compare with "${text}"; see ${import.meta.filename}`);
        }
        code = code.replace(text, () => by);
      }
      code = `import { canLieIn, refuseTextAndTemporal } from ${JSON.stringify(here('./comparing.js'))};\n${code}`;
      return { code: `${code}\nexport { ${Object.keys(PARTS).join(', ')} };\n`, map: null };
    },
  };
}

export default defineConfig({
  root: here('.'),
  configFile: false,
  publicDir: false,
  plugins: [ adaptFeelin() ],
  build: {
    target: 'es2022',
    lib: { entry: here('interpreter.js'), formats: [ 'iife' ], name: 'feel', fileName: () => 'feel.js' },
    outDir: here('../../../engine/feel/dist'),
    emptyOutDir: true,
    license: { fileName: 'feel.licenses.md' },
    reportCompressedSize: false,
  },
});
