/** `<form-island>` and `<process-diagram>`: heavy parts, fetched when a page holds one and, for diagrams, when it is near. */

class FormIsland extends HTMLElement {
  #form;

  async connectedCallback() {
    const { mount } = await import('./islands/form.js');
    if (this.isConnected && !this.#form) this.#form = mount(this);
  }

  async disconnectedCallback() {
    const form = await this.#form;
    this.#form = undefined;
    form?.leave();
  }
}

class ProcessDiagram extends HTMLElement {
  #near;
  #diagram;

  connectedCallback() {
    this.#near = new IntersectionObserver(async ([entry]) => {
      if (!entry.isIntersecting) return;
      this.#near.disconnect();
      const { mount } = await import('./islands/diagram.js');
      if (this.isConnected) this.#diagram = mount(this);
    }, { rootMargin: '400px' });
    this.#near.observe(this);
  }

  async disconnectedCallback() {
    this.#near.disconnect();
    (await this.#diagram)?.leave();
  }
}

// The button that asks to be told in this browser stands on one page only.
for (const place of document.querySelectorAll('[data-push]')) import('./islands/push.js').then(({ mount }) => mount(place));

if (document.querySelector('[data-approvals]')) import('./approvals.js');

customElements.define('form-island', FormIsland);
customElements.define('process-diagram', ProcessDiagram);
