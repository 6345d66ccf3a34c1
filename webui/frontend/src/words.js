/**
 * What the scripts say, in the reader's language.
 *
 * `say('Saved at {time}', { time })` and `sayMany('{n} letter', '{n} letters', n)`: the English text is the key, and
 * `scripts/translations.py extract` finds it here. The page loads the other languages' words before its scripts.
 */
const { texts = {}, plurals = {}, language = 'en' } = globalThis.matterflowWords ?? {};
const rules = new Intl.PluralRules(language);

const fill = (text, facts) => text.replace(/{(\w+)}/g, (braces, name) => facts[name] ?? braces);

export const say = (text, facts = {}) => fill(texts[text] ?? text, facts);

export function sayMany(one, many, n, facts = {}) {
  const forms = texts[one];
  const english = n === 1 ? one : many;
  return fill(Array.isArray(forms) ? forms[plurals[rules.select(n)] ?? forms.length - 1] : english, { n, ...facts });
}
