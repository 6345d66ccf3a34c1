/**
 * Refuses `var(--name)` without a fallback when no style sheet of ours defines `--name`.
 *
 * Libraries drop variables between versions and what used them turns invisible without a word; see `npm run lint`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('src/', import.meta.url));
const sheets = readdirSync(src, { recursive: true }).filter((name) => name.endsWith('.css')).map((name) => join(src, name));

const strip = (css) => css.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
const texts = new Map(sheets.map((sheet) => [sheet, strip(readFileSync(sheet, 'utf8'))]));

const defined = new Set();
for (const css of texts.values()) {
  for (const [, name] of css.matchAll(/(--[\w-]+)\s*:/g)) defined.add(name);
}

const missing = [];
for (const [sheet, css] of texts) {
  css.split('\n').forEach((line, index) => {
    for (const [, name, end] of line.matchAll(/var\(\s*(--[\w-]+)\s*([,)])/g)) {
      if (end === ')' && !defined.has(name)) missing.push(`${relative(src, sheet)}:${index + 1}: ${name} is defined nowhere`);
    }
  });
}

if (missing.length) {
  console.error(missing.join('\n'));
  process.exit(1);
}
