/**
 * News from the server: `<live-feed>` hears it, once for all windows of this browser, marks what others did where it
 * stands, and tells whatever on the page is `hx-trigger="live"`; `<task-looks>` says who else has a task open.
 *
 * Nothing is taken away or moved under the reader's hand.
 */
import { send } from './net.js';
import { again, user } from './session.js';
import { settled } from './settled.js';

const BEAT_MS = 15_000;
const SETTLE_MS = 250;
const FRESH_MS = 10_000;
const LATER_MS = 30_000;
const feed = () => document.querySelector('live-feed');
const named = (text, name) => (text ?? '').replace(/{names?}/, name);

/** Have a part of the page read anew; not while the reader's focus is in it, which would be lost. */
const renew = (part) => {
  if (!part.contains(document.activeElement)) return part.dispatchEvent(new Event('live'));
  if (part.dataset.renewing) return;
  part.dataset.renewing = '';
  part.addEventListener('focusout', function left({ relatedTarget }) {
    if (part.contains(relatedTarget) || !document.hasFocus()) return;
    part.removeEventListener('focusout', left);
    delete part.dataset.renewing;
    part.dispatchEvent(new Event('live'));
  });
};

class LiveFeed extends HTMLElement {
  #channel; #source; #timer; #gone = new AbortController();

  async connectedCallback() {
    await settled;
    if (this.#gone.signal.aborted) return undefined;
    if (!navigator.locks || !window.BroadcastChannel) return this.#listen();
    const name = `matterflow-live-${this.dataset.user}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#take(data);
    // One window holds the stream and tells the others: a browser opens six connections to a server, and no more.
    navigator.locks.request(name, { signal: this.#gone.signal }, () => new Promise((done) => {
      this.#listen();
      this.#gone.signal.addEventListener('abort', done);
    })).catch(() => {});
    addEventListener('pagehide', () => this.#source?.close(), { signal: this.#gone.signal });
    return undefined;
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#source?.close();
    this.#channel?.close();
  }

  #listen() {
    if (this.#gone.signal.aborted) return;
    const [mark, at] = (sessionStorage.getItem('live') ?? '').split(' ');
    const after = Date.now() - Number(at) < FRESH_MS ? `?after=${mark}` : '';
    this.#source = new EventSource(`/events${after}`);
    for (const kind of ['hello', 'tasks', 'looking', 'notices', 'reset']) {
      this.#source.addEventListener(kind, ({ data, lastEventId }) => {
        sessionStorage.setItem('live', `${lastEventId} ${Date.now()}`);
        const news = { kind, data: JSON.parse(data) };
        this.#channel?.postMessage(news);
        this.#take(news);
      });
    }
    this.#source.addEventListener('error', () => {
      if (this.#source.readyState !== EventSource.CLOSED) return;  // it comes back by itself
      setTimeout(async () => {
        if (await again({ quiet: true })) this.#listen();
      }, LATER_MS);
    });
  }

  #take({ kind, data }) {
    if (kind === 'tasks') data.forEach((change) => this.#mark(change));
    if (kind === 'hello') dispatchEvent(new Event('matterflow:reached'));
    if (kind !== 'hello') dispatchEvent(new CustomEvent('matterflow:news', { detail: { kind, data } }));
    if (kind === 'looking') return;
    if (kind === 'notices') return document.querySelectorAll('[hx-trigger*="notices"]').forEach((part) => part.dispatchEvent(new Event('notices')));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const part of document.querySelectorAll('[hx-trigger*="live"]')) renew(part);
    }, SETTLE_MS);
  }

  /** Say at a line of the list what became of it; it stays where it is. */
  #mark({ id, kind, state, by, holder, is_mine: isMine }) {
    const { textCompleted, textCancelled, textClaimed, textMoved, textItself } = this.dataset;
    const text = state === 'completed' ? named(textCompleted, by ?? textItself)
      : state === 'cancelled' ? textCancelled
      : isMine || !holder ? ''
      : named(kind === 'claimed' ? textClaimed : textMoved, holder);
    for (const link of document.querySelectorAll(`.task a[href*="/inbox/${id}"]`)) {
      const line = link.closest('.task');
      line.querySelector('.became')?.remove();
      line.toggleAttribute('data-ended', state !== 'created');
      if (!text) continue;
      const said = document.createElement('span');
      said.className = 'became';
      said.textContent = text;
      line.append(said);
    }
  }
}

class TaskLooks extends HTMLElement {
  #timer; #told = 0; #gone = new AbortController();

  connectedCallback() {
    const options = { signal: this.#gone.signal };
    addEventListener('matterflow:news', ({ detail }) => this.#hear(detail), options);
    if (!this.dataset.address || !user()) return;
    settled.then(() => this.isConnected && this.#beat());
    // Who came before the stream was open has been told to nobody here.
    addEventListener('matterflow:reached', () => this.#beat(), options);
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#leave() : this.#beat()), options);
    addEventListener('pagehide', () => this.#leave(), options);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#gone.abort();
    this.#leave();
  }

  async #beat() {
    if (document.hidden) return;
    const before = this.#told;
    const said = await send('PUT', this.dataset.address, {}, { quiet: true }).catch(() => undefined);
    // What the stream said meanwhile is newer than an answer that was long under way.
    if (said && before === this.#told) this.#name(said.others);
  }

  #leave() {
    if (this.dataset.address) send('DELETE', this.dataset.address, {}, { keepalive: true }).catch(() => {});
  }

  #hear({ kind, data }) {
    if (kind === 'looking' && data.task === this.dataset.task) {
      this.#told += 1;
      this.#name(data.others);
    }
    if (kind !== 'tasks') return;
    const change = data.find((one) => one.id === this.dataset.task);
    if (change && !change.is_own) this.#warn(change);
  }

  #name(names) {
    const place = this.querySelector('.looking');
    const list = new Intl.ListFormat(document.documentElement.lang).format(names);
    place.textContent = names.length ? named(names.length === 1 ? this.dataset.textOne : this.dataset.textMany, list) : '';
    place.hidden = !names.length;
  }

  /** The open task went on without its reader: what they typed stays. */
  #warn({ state, kind, by, holder, is_mine: isMine }) {
    const { textEnded, textEndedAlone, textTaken, textRead } = feed().dataset;
    const text = state === 'completed' && by ? named(textEnded, by)
      : state !== 'created' ? textEndedAlone
      : kind !== 'unclaimed' && holder && !isMine ? named(textTaken, holder)
      : '';
    const place = this.querySelector('.note');
    place.hidden = !text;
    place.replaceChildren();
    if (!text) return;
    const said = document.createElement('div');
    const words = document.createElement('b');
    words.textContent = text;
    const link = document.createElement('a');
    link.href = location.href;
    link.textContent = textRead;
    said.append(words, link);
    place.append(said);
    place.scrollIntoView({ block: 'nearest' });
  }
}

customElements.define('live-feed', LiveFeed);
customElements.define('task-looks', TaskLooks);
