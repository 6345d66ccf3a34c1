/** What every page loads: moving about, the inbox, and the islands that fetch the rest when a page holds one. */
import './css/app.css';
import htmx from 'htmx.org';

import './theme.js';
import './refused.js';
import './toasts.js';
import './keys.js';
import './palette.js';
import './inbox.js';
import './live.js';
import './islands.js';
import { settled } from './settled.js';

settled.then(() => import('./offline.js')).then(({ start }) => start());

Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
});

document.addEventListener('change', (event) => {
  if (event.target.matches?.('[data-submit-on-change]')) event.target.form.requestSubmit();
});

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print();
});

// A plain form sent twice by an impatient double click is sent once.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || form.method === 'dialog') return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 'yes';
});
addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent));
