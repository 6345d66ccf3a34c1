/**
 * Without a connection: what was typed and what was sent stays on this device, and goes out when the server is back.
 *
 * Drafts are kept by the address that saves them, and completions in the order in which they were sent, each with the
 * key under which the server takes it once. Nothing is kept of anybody but the person of this page, and what has gone
 * out is forgotten.
 */
import { Refused, SignedOut, Unreachable, send } from './net.js';
import { user } from './session.js';
import { toast } from './toasts.js';
import { say } from './words.js';

const AGAIN_MS = 30_000;
let database;
let timer;

const open = () => new Promise((done, fail) => {
  const asked = indexedDB.open('matterflow', 1);
  asked.onupgradeneeded = () => ['drafts', 'outbox'].forEach((name) => asked.result.createObjectStore(name, { keyPath: 'id' }));
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
});

/** Ask one of the stores something; a browser that keeps nothing (a private window) answers nothing. */
async function ask(name, mode, question) {
  try {
    const work = (await (database ??= open())).transaction(name, mode);
    const asked = question(work.objectStore(name));
    return await new Promise((done, fail) => {
      work.oncomplete = () => done(asked.result);
      work.onabort = work.onerror = () => fail(work.error);
    });
  } catch {
    return undefined;
  }
}

const mine = async (name) => ((await ask(name, 'readonly', (store) => store.getAll())) ?? []).filter((item) => item.user === user());
const put = (name, item) => ask(name, 'readwrite', (store) => store.put({ ...item, user: user(), at: Date.now() }));
const drop = (name, id) => ask(name, 'readwrite', (store) => store.delete(id));
const idOf = (address) => `${user()} ${address}`;

export const draftAt = (address) => ask('drafts', 'readonly', (store) => store.get(idOf(address)));
export const forgetDraft = (address) => drop('drafts', idOf(address));

export async function keepDraft(address, values, version) {
  await put('drafts', { id: idOf(address), address, values, version, title: document.title, page: location.pathname });
  later();
}

/**
 * What the server has of a form's draft, beside the copy of its page: that copy is of before it was typed. It goes
 * where the copies of pages go, also when its reader signs out.
 */
export async function keepSaved(address, values, version) {
  const pages = window.caches && await caches.open('pages');
  if (await pages?.match(address.replace(/\/draft$/, ''))) await pages.put(address, Response.json({ values, version }));
}

/** What was saved after this copy of a page was made. */
export async function savedAt(address) {
  if (!address || !document.documentElement.dataset.kept) return undefined;
  const pages = window.caches && await caches.open('pages');
  return (await pages?.match(address))?.json();
}

export const queuedAt = async (address) => (await mine('outbox')).find((item) => item.address === address);
export const takeBack = (key) => drop('outbox', key);

/** Keep a form that could not be sent; false when this browser keeps nothing. */
export async function queue(address, body, key) {
  await put('outbox', { id: key, address, body, title: document.getElementById('task-title')?.textContent ?? document.title, page: location.pathname });
  later();
  return Boolean(await queuedAt(address));
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(sendAll, AGAIN_MS);
}

/** Send what waits, one window at a time. */
export function sendAll() {
  clearTimeout(timer);
  if (!user()) return undefined;
  const work = async () => {
    try {
      for (const item of (await mine('outbox')).sort((one, other) => one.at - other.at)) await sendForm(item);
      for (const draft of await mine('drafts')) await sendDraft(draft);
    } catch (problem) {
      if (!(problem instanceof Unreachable || problem instanceof SignedOut)) throw problem;
      later();
    }
  };
  return navigator.locks ? navigator.locks.request('matterflow-outbox', { ifAvailable: true }, (lock) => lock && work()) : work();
}

/** One window sends; all of them are told, and a form that stands in another one goes on, too. */
const windows = window.BroadcastChannel && new BroadcastChannel('matterflow-outbox');
const here = (name, detail) => dispatchEvent(new CustomEvent(name, { cancelable: true, detail }));
const everywhere = (name, { problem, ...detail }) => {
  // An error travels without what it knows beside its message.
  windows?.postMessage({ name, detail, refused: problem && { ...problem, message: problem.message } });
  return here(name, { ...detail, problem });
};
windows?.addEventListener('message', ({ data: { name, detail, refused } }) => {
  here(name, { ...detail, problem: refused && new Refused(refused.status, refused) });
});

async function sendForm({ id, address, body, title, page }) {
  try {
    const said = await send('POST', address, body, { idempotencyKey: id });
    await drop('outbox', id);
    if (!everywhere('matterflow:sent', { address, next: said.next })) return;
    toast(`${say('Back at the server. Sent:')}\n${title}`);
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status >= 500) throw problem;
    // What was typed is kept: somebody has to look at it again.
    await put('drafts', { id: idOf(address), address: '', values: body.variables, version: 0, title, page });
    await drop('outbox', id);
    everywhere('matterflow:refused', { address, problem });
    toast(`${title}\n${problem.message || say('It could not be sent; what you typed is kept.')}`, 'late');
  }
}

async function sendDraft({ id, address, values, version }) {
  if (!address || document.querySelector(`form-island[data-draft="${CSS.escape(address)}"]`)) return;  // the open form sees to its own
  try {
    await send('PUT', address, { values, version }, { quiet: true });
    await drop('drafts', id);
  } catch (problem) {
    // It waits on this device until its form is opened: there the two are compared.
    if (!(problem instanceof Refused)) throw problem;
  }
}

/** Is this page one that was kept? Then say of when it is. */
function sayKept() {
  const { kept } = document.documentElement.dataset;
  const place = document.querySelector('.content, main');
  if (!kept || !place) return;
  const bar = document.createElement('p');
  bar.className = 'note soon kept';
  bar.setAttribute('role', 'status');
  const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(kept));
  bar.textContent = say('No connection: this is how it was on {when}. What you type is kept and goes out when the server is back.', { when });
  place.prepend(bar);
  addEventListener('matterflow:reached', () => {
    bar.textContent = say('The server is back.');
    const link = document.createElement('a');
    link.href = location.href;
    link.textContent = say('Load this anew');
    bar.append(' ', link);
  }, { once: true });
}

/** The tasks that can be read without a connection. */
class KeptTasks extends HTMLElement {
  async connectedCallback() {
    const pages = window.caches && await caches.open('pages');
    const list = document.createElement('ul');
    for (const request of await pages?.keys() ?? []) {
      const { pathname } = new URL(request.url);
      if (!/^\/inbox(\/[0-9a-f-]{36})?$/.test(pathname)) continue;
      const html = await (await pages.match(request)).text();
      const link = document.createElement('a');
      link.href = pathname;
      link.textContent = new DOMParser().parseFromString(html, 'text/html').title.replace(/ · [^·]*$/, '');
      const item = document.createElement('li');
      item.append(link);
      list.prepend(item);
    }
    if (list.children.length) this.replaceChildren(list);
  }
}

customElements.define('kept-tasks', KeptTasks);

addEventListener('online', sendAll);
addEventListener('matterflow:reached', sendAll);
// A part of a page cannot be had without a connection; a whole page that was kept can.
document.addEventListener('htmx:sendError', ({ detail }) => {
  if (detail.requestConfig?.verb === 'get' && detail.target?.id === 'detail') location.assign(detail.pathInfo.requestPath);
});

/** What was kept for somebody else on this device is nobody's business. */
async function keepToOneself() {
  const before = localStorage.getItem('matterflow-user');
  if (!user() || before === user()) return;
  if (before) await window.caches?.delete('pages');
  localStorage.setItem('matterflow-user', user());
}

/** What this page was made of came before the worker did: have it at hand, too. */
async function keepWhatIsHere() {
  if (!window.caches || !window.PerformanceObserver) return;
  const assets = await caches.open('assets');
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) {
      if (new URL(name).pathname.startsWith('/static/dist/assets/')) assets.match(name).then((here) => here || assets.add(name)).catch(() => {});
    }
  }).observe({ type: 'resource', buffered: true });
  if (navigator.serviceWorker.controller || !/^\/inbox(\/|$)/.test(location.pathname) || !user()) return;
  const page = await fetch(location.pathname, { headers: { Accept: 'text/html' } });
  if (page.ok && !page.redirected) await (await caches.open('pages')).put(location.pathname, page);
}

export async function start() {
  sayKept();
  await keepToOneself();
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register('/sw.js').catch(() => {});
    keepWhatIsHere().catch(() => {});
  }
  if (navigator.onLine) sendAll();
}
