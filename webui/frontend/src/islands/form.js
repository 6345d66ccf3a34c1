/**
 * A form of a process: form-js in the look of the house, with a draft that is kept on the server as one types.
 *
 * `mount(island)` shows the form and returns `{ leave() }`, to be called when the island goes.
 */
import './form.css';

import { Form } from '@bpmn-io/form-js-viewer';

import { Refused, SignedOut, Unreachable, send } from '../net.js';
import * as offline from '../offline.js';
import { say } from '../words.js';
import { Files } from './files.js';
import { loaded } from './parts/index.js';
import { offerChosen, searchPeople } from './people.js';

export { warm } from './parts/index.js';

const PAUSE_MS = 700;
const RETRY_MS = 8000;
/** Characters of a choice's words from which the choices stand one below the other. */
const LONG_CHOICE = 20;

export async function mount(island) {
  const given = JSON.parse(island.querySelector('script[type="application/json"]').textContent);
  const place = island.querySelector('.fields');
  // Asked at once, read below: by then it is there.
  const kept = keptOf(island);
  if (island.dataset.people) offerChosen(given);
  await loaded(given.parts, given);
  // Without form-js's own pause: while it lasts, drawing the form again takes back what was just typed.
  const form = new Form({
    container: place,
    debounce: false,
    properties: { disabled: 'disabled' in island.dataset },
    additionalModules: [{ translate: ['value', inWords(given.words)] }],
  });
  const done = watchMarkup(place, given.words);
  const files = new Files(given.schema, given.data, island.dataset);
  const saved = await offline.savedAt(island.dataset.draft);
  if (saved && saved.version > Number(island.dataset.version)) {
    given.draft = saved.values;
    island.dataset.version = saved.version;
  }
  await form.importSchema(given.schema, files.shown({ ...given.data, ...given.draft }));
  place.querySelector('.waiting')?.remove();
  if ('disabled' in island.dataset) {
    island.dataset.ready = '';
    return { leave: () => close(form, done) };
  }
  const stopSearch = island.dataset.people ? searchPeople(place, form, island.dataset.people) : () => {};
  const draft = new Draft(island, form, Boolean(given.draft));
  draft.compare(await kept);
  const sending = new Sending(island, form, draft, files);
  // Now what is typed is kept, and can be sent.
  island.dataset.ready = '';
  return {
    leave() {
      draft.leave();
      sending.leave();
      stopSearch();
      close(form, done);
    },
  };
}

const inWords = (words) => (sentence, facts = {}) =>
  (words[sentence] ?? sentence).replace(/{([^}]+)}/g, (braces, name) => facts[name] ?? braces);

/** What was typed here without a connection and has not gone out. */
async function keptOf({ dataset: { draft, submit, disabled } }) {
  if (disabled !== undefined) return undefined;
  return await offline.draftAt(draft || submit) ?? offline.draftAt(submit);
}

function close(form, done) {
  done();
  form.destroy();
}

/** Keeps what is typed; says so quietly. */
class Draft {
  #island; #form; #out; #timer; #known; #version; #inFlight; #gone = new AbortController();

  constructor(island, form, isRestored) {
    this.#island = island;
    this.#form = form;
    this.#out = island.querySelector('.draft');
    this.#version = Number(island.dataset.version);
    this.#known = this.#typed();
    if (!island.dataset.draft) return;
    if (isRestored) this.#note(island.dataset.textRestored);
    form.on('changed', () => this.#later(PAUSE_MS));
    const options = { signal: this.#gone.signal };
    document.addEventListener('visibilitychange', () => document.hidden && this.flush(), options);
    addEventListener('pagehide', () => this.flush(), options);
  }

  /** Save now what has not been saved. */
  flush() {
    clearTimeout(this.#timer);
    if (this.#version >= 0) this.#save(true);
  }

  /** Stop: the form is being sent, or is gone. */
  async stop() {
    clearTimeout(this.#timer);
    this.#version = -1;
    await this.#inFlight;
  }

  /** Save now, and wait until it is. */
  async keep() {
    clearTimeout(this.#timer);
    await this.#save();
  }

  /** Go on after a refusal. */
  resume(version) {
    this.#version = version;
  }

  get version() {
    return this.#version;
  }

  /** What was typed here without a connection comes back; when the server has something newer, one chooses. */
  compare(kept) {
    if (!kept) return;
    const isNewer = kept.version >= this.#version || !Number(this.#island.dataset.version);
    if (isNewer) {
      this.#take(kept);
      return;
    }
    this.#note(`${say('Without a connection you typed something else here.')} `);
    this.#choose(say('Take that'), () => this.#take(kept));
    this.#choose(say('Keep this'), () => this.#forget().then(() => this.#note('')));
  }

  #take({ values }) {
    this.#form.importSchema(this.#form._getState().schema, { ...this.#form._getState().data, ...values });
    this.#note(say('What you typed without a connection is back.'));
    this.#later(PAUSE_MS);
  }

  async #forget() {
    await offline.forgetDraft(this.#island.dataset.draft);
    await offline.forgetDraft(this.#island.dataset.submit);
  }

  #choose(text, chosen) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.addEventListener('click', chosen);
    this.#out.append(button, ' ');
  }

  leave() {
    if (this.#island.dataset.draft) this.flush();
    this.#gone.abort();
  }

  #typed() {
    return JSON.stringify(this.#form._getSubmitData());
  }

  #note(text) {
    this.#out.textContent = text;
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), pause);
  }

  async #save(keepalive = false) {
    const typed = this.#typed();
    if (this.#version < 0 || typed === this.#known || !this.#island.dataset.draft) return;
    if (this.#inFlight) {
      if (!keepalive) this.#later(PAUSE_MS);
      return;
    }
    const { textSaving, textSaved, textUnsaved, textSignedOut } = this.#island.dataset;
    this.#note(textSaving);
    this.#inFlight = send('PUT', this.#island.dataset.draft, { values: JSON.parse(typed), version: this.#version, form_digest: this.#island.dataset.digest ?? null }, { keepalive })
      .then((said) => {
        this.#known = typed;
        if (this.#version >= 0) this.#version = said.version;
        this.#note(textSaved);
        if (said.beside) this.#beside();
        else offline.keepSaved(this.#island.dataset.draft, JSON.parse(typed), said.version).catch(() => {});
        return this.#forget();
      })
      .catch((problem) => {
        if (problem instanceof SignedOut) this.#note(textSignedOut);
        else if (problem instanceof Refused && problem.status < 500) this.#outdated(problem);
        else {
          this.#note(textUnsaved);
          this.#later(RETRY_MS);
          if (problem instanceof Unreachable) return this.#keep(typed);
        }
        return undefined;
      })
      .finally(() => { this.#inFlight = undefined; });
    await this.#inFlight;
  }

  /** The server cannot be reached: what was typed stays on this device until it can. */
  async #keep(typed) {
    await offline.keepDraft(this.#island.dataset.draft, JSON.parse(typed), Math.max(0, this.#version));
    if (await offline.draftAt(this.#island.dataset.draft)) this.#note(say('Kept on this device; saved when the server is back'));
  }

  /** Another window saved meanwhile: both are kept, and the page shows both. */
  #beside() {
    this.#version = -1;
    this.#offerReload(this.#island.dataset.textOutdated);
  }

  #outdated(problem) {
    this.#version = -1;
    if (problem.code !== 'draft_outdated') return this.#note(problem.message);
    this.#offerReload(this.#island.dataset.textOutdated);
  }

  #offerReload(text) {
    this.#note(`${text} `);
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = this.#island.dataset.textReload;
    button.addEventListener('click', () => location.reload());
    this.#out.append(button);
  }
}

/** Sends the form, once, and shows at the fields what the server does not accept. */
class Sending {
  #island; #form; #draft; #files; #button; #busy = false; #last = {}; #gone = new AbortController();

  constructor(island, form, draft, files) {
    this.#island = island;
    this.#form = form;
    this.#draft = draft;
    this.#files = files;
    this.#button = island.querySelector('[data-send]');
    this.#button.addEventListener('click', () => form.submit(), { signal: this.#gone.signal });
    form.on('submit', ({ data, errors, files }) => this.#submitted(data, errors, files));
    this.#await();
  }

  /** It may have been sent without a connection, and wait: then it waits, and says what comes of it. */
  async #await() {
    const address = this.#island.dataset.submit;
    const options = { signal: this.#gone.signal };
    addEventListener('matterflow:sent', (event) => {
      if (event.detail.address !== address) return;
      event.preventDefault();
      location.assign(event.detail.next);
    }, options);
    addEventListener('matterflow:refused', ({ detail }) => {
      if (detail.address !== address) return;
      this.#wait(false);
      this.#failed(detail.problem);
    }, options);
    const waiting = await offline.queuedAt(address);
    if (waiting) this.#queued(waiting.id);
  }

  #queued(key) {
    this.#wait(true);
    const box = this.#box(say('There is no connection. This is kept on this device and is sent when the server is back.'));
    const back = document.createElement('button');
    back.type = 'button';
    back.className = 'btn small';
    back.textContent = say('Do not send it');
    back.addEventListener('click', async () => {
      await offline.takeBack(key);
      box.hidden = true;
      this.#wait(false);
    });
    box.append(back);
    box.focus();
  }

  leave() {
    this.#gone.abort();
  }

  async #submitted(data, errors, chosen) {
    if (this.#busy) return;
    const wrong = Object.entries(errors).map(([id, texts]) => [this.#form.get('formFieldRegistry').get(id), [texts].flat()[0]]);
    if (wrong.length) {
      this.#show(wrong);
      return;
    }
    this.#wait(true);
    const version = this.#draft.version;
    await this.#draft.stop();
    let body;
    try {
      const variables = await this.#files.settled(data, chosen);
      body = { variables, ...(this.#island.dataset.digest && { form_digest: this.#island.dataset.digest }) };
      const said = await send('POST', this.#island.dataset.submit, body, { idempotencyKey: this.#keyFor(body) });
      location.assign(said.next);
    } catch (problem) {
      // Files that could not be taken in cannot wait on this device: then there is nothing to queue.
      const key = body && this.#keyFor(body);
      if (body && problem instanceof Unreachable && await offline.queue(this.#island.dataset.submit, body, key)) return this.#queued(key);
      this.#wait(false);
      this.#draft.resume(version);
      if (problem.code === 'form_changed') await this.#draft.keep();
      this.#failed(problem);
    }
  }

  /** The same answers sent again carry the same key, so that an answer lost on the way does no harm. */
  #keyFor(data) {
    const text = JSON.stringify(data);
    if (this.#last.text !== text) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      this.#last = { text, key: [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
    }
    return this.#last.key;
  }

  #wait(busy) {
    this.#busy = busy;
    this.#button.setAttribute('aria-busy', String(busy));
    this.#button.disabled = busy;
  }

  #failed(problem) {
    const { textOffline, textSignedOut, textFailed } = this.#island.dataset;
    if (problem instanceof Unreachable) return this.#tell(textOffline);
    if (problem instanceof SignedOut) return this.#tell(textSignedOut);
    if (!(problem instanceof Refused)) return this.#tell(textFailed);
    if (problem.code === 'form_changed') return this.#tell(this.#island.dataset.textChanged, location.pathname, this.#island.dataset.textShowForm);
    const fields = this.#form.get('formFieldRegistry').getAll();
    const named = Object.entries(problem.fields).map(([key, text]) => [fields.find((field) => field.key === key), text, key]);
    if (!named.length) return this.#tell(problem.message || textFailed, problem.status === 409 && '/inbox');
    const known = named.filter(([field]) => field);
    this.#form._setState({ errors: Object.fromEntries(known.map(([field, text]) => [field.id, [text]])) });
    this.#show(named);
  }

  #tell(text, leadsTo, says = this.#island.dataset.textToInbox) {
    const box = this.#box(text);
    if (leadsTo) {
      const back = document.createElement('a');
      back.href = leadsTo;
      back.textContent = says;
      box.append(back);
    }
    box.focus();
  }

  /** List what is wrong above the form, each leading to its field. */
  #show(wrong) {
    const { textOne, textMany } = this.#island.dataset;
    const box = this.#box(wrong.length === 1 ? textOne : textMany.replace('{n}', wrong.length));
    const list = document.createElement('ul');
    for (const [field, text, key] of wrong) {
      const item = document.createElement('li');
      const name = field?.label || field?.dateLabel || key || '';
      const control = field && this.#control(field);
      if (control) {
        const link = document.createElement('a');
        link.href = `#${control.id}`;
        link.textContent = name ? `${name}: ${text}` : text;
        link.addEventListener('click', (event) => {
          event.preventDefault();
          control.focus();
          control.scrollIntoView({ block: 'center' });
        });
        item.append(link);
      } else {
        item.textContent = name ? `${name}: ${text}` : text;
      }
      list.append(item);
    }
    box.append(list);
    box.focus();
    box.scrollIntoView({ block: 'nearest' });
  }

  #control(field) {
    const id = `fjs-form-${this.#form._id}-${field.id}`;
    return this.#island.querySelector(`[id="${id}"], :is(input, textarea, select)[id^="${id}-"]`);
  }

  #box(title) {
    const box = this.#island.querySelector('.problems');
    box.hidden = false;
    box.replaceChildren();
    const heading = document.createElement('h2');
    heading.textContent = title;
    box.append(heading);
    return box;
  }
}

/**
 * Give form-js's markup the roles it leaves out: radio groups and their names, names of icon-only parts.
 * Returns a function that stops it.
 */
function watchMarkup(place, words) {
  let counter = 0;
  const mend = () => {
    for (const group of place.querySelectorAll('.fjs-form-field-radio:not([role])')) {
      const name = group.querySelector(':scope > .fjs-form-field-label');
      if (!name) continue;
      name.id ||= `group-name-${++counter}`;
      group.setAttribute('role', 'radiogroup');
      group.setAttribute('aria-labelledby', name.id);
    }
    for (const group of place.querySelectorAll('.fjs-form-field-radio')) {
      const longest = Math.max(0, ...[...group.querySelectorAll('.fjs-inline-label')].map((option) => option.textContent.length));
      group.classList.toggle('wordy', longest > LONG_CHOICE);
    }
    for (const group of place.querySelectorAll('.fjs-form-field-group:not([role])')) {
      const name = group.querySelector(':scope > label, :scope > .fjs-form-field-label');
      if (!name) continue;
      name.id ||= `group-name-${++counter}`;
      group.setAttribute('role', 'group');
      group.setAttribute('aria-labelledby', name.id);
    }
    // The one word that form-js does not translate.
    for (const empty of place.querySelectorAll('.fjs-select-placeholder')) {
      if (empty.firstChild?.data === 'Select') empty.firstChild.data = words.Select;
    }
    for (const described of place.querySelectorAll('[aria-describedby]')) {
      const kept = described.getAttribute('aria-describedby').split(/\s+/).filter((id) => id && document.getElementById(id));
      if (kept.length) described.setAttribute('aria-describedby', kept.join(' '));
    }
  };
  const observer = new MutationObserver(mend);
  observer.observe(place, { childList: true, subtree: true });
  mend();
  return () => observer.disconnect();
}
