/**
 * The parts of form-js that only some forms use, fetched when a form does: `webui/pages/form_parts.py` says which.
 *
 * form-js imports all of them and calls them as it draws. The build gives it the stand-ins of this folder in their
 * place, which pass the call on; `loaded` has to be awaited before a form is drawn.
 */
import * as dates from './dates.js';
import * as expressions from './expressions.js';
import * as html from './html.js';
import * as texts from './texts.js';

const PARTS = { dates, expressions, html, texts };

/** `given` is what the page says of the form: in it are the words of its calendar. A page that names no parts gets all. */
export const loaded = (names = Object.keys(PARTS), given = undefined) => Promise.all(names.map((name) => PARTS[name].load(given)));

/** Have at hand what forms of the firm use. */
export const warm = () => loaded(['dates', 'expressions', 'texts']);
