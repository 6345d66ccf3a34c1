/** `<task-list>`: the inbox by keyboard, and list and task side by side without loading the page again. */
import htmx from 'htmx.org';

import { isTyping } from './keys.js';
import { settled } from './settled.js';

const panes = () => document.querySelector('.panes');
const isNarrow = () => matchMedia('(max-width: 47.99rem)').matches;

class TaskList extends HTMLElement {
  #gone = new AbortController();

  connectedCallback() {
    const options = { signal: this.#gone.signal };
    document.addEventListener('keydown', (event) => this.#key(event), options);
    document.addEventListener('htmx:afterSwap', (event) => this.#swapped(event), options);
    document.addEventListener('click', (event) => this.#back(event), options);
    this.addEventListener('click', (event) => this.#open(event), options);
    this.querySelector('a[aria-current]')?.scrollIntoView({ block: 'nearest' });
    // Most tasks have a form: have what draws it at hand before somebody opens one.
    if (!navigator.connection?.saveData) settled.then(() => import('./islands/form.js')).then(({ warm }) => warm());
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  get #links() {
    return [...this.querySelectorAll('.task a')];
  }

  #key(event) {
    if (isTyping(event)) return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const inList = this.contains(document.activeElement) || document.activeElement === document.body;
    if (step && (inList || event.key.length === 1)) {
      event.preventDefault();
      this.#move(step);
    } else if (['c', 's', 'w'].includes(event.key)) {
      document.querySelector(`#detail [data-key=${event.key}]`)?.click();
    } else if (event.key === 'f') {
      document.querySelector('.list [data-key=f]')?.click();
    } else if (event.key === 'Escape' && panes()?.hasAttribute('data-open')) {
      this.#show();
    }
  }

  #move(step) {
    const links = this.#links;
    const focused = links.indexOf(document.activeElement);
    const from = focused >= 0 ? focused : links.findIndex((link) => link.hasAttribute('aria-current'));
    const next = from < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, from + step));
    links[next]?.focus({ preventScroll: true });
    links[next]?.closest('.task').scrollIntoView({ block: 'nearest' });
  }

  /** A task opens beside the list. One listener for all lines: made ready one by one, a list is usable later. */
  #open(event) {
    const link = event.target.closest('.task a');
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const opened = { source: link, target: '#detail', swap: 'outerHTML', push: 'true' };
    htmx.ajax('GET', link.getAttribute('href'), opened).catch(() => {}); // its events say what failed
  }

  /** A task has taken the other pane: mark its line, and read it from the top. */
  #swapped(event) {
    if (event.detail.target?.id !== 'detail') return;
    const address = new URL(event.detail.pathInfo.requestPath, location).pathname;
    for (const link of this.#links) {
      link.toggleAttribute('aria-current', false);
      if (new URL(link.href).pathname === address) link.setAttribute('aria-current', 'true');
    }
    panes().setAttribute('data-open', '');
    document.getElementById('detail').scrollTop = 0;
    document.getElementById('task-title')?.focus({ preventScroll: true });
  }

  #back(event) {
    if (!event.target.closest('[data-back]') || !isNarrow()) return;
    event.preventDefault();
    this.#show();
    history.pushState({}, '', event.target.closest('[data-back]').href);
  }

  /** Back to the list, at the line one came from. */
  #show() {
    if (isNarrow()) panes().removeAttribute('data-open');
    (this.querySelector('a[aria-current]') ?? this.#links[0])?.focus();
  }
}

customElements.define('task-list', TaskList);
