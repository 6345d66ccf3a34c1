/** The command palette: Ctrl or Cmd and K, then type what to go to, do or find. */
const PAUSE_MS = 120;

const palette = document.getElementById('palette');
let asked;
let timer;
let shown = [];
let at = 0;
/** Something else was typed than the list is for, and somebody has pressed Enter meanwhile. */
let stale = false;
let hurried = false;

export function open() {
  if (!palette || palette.open) return;
  document.querySelector('[popover]:popover-open')?.hidePopover();
  palette.showModal();
  const input = palette.querySelector('input');
  input.value = '';
  [stale, hurried] = [false, false];
  input.focus();
  ask('');
}

async function ask(text) {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(`${palette.dataset.from}?q=${encodeURIComponent(text)}`, {
      headers: { Accept: 'application/json' }, signal: asked.signal, redirect: 'manual',
    });
    if (!answer.ok) throw new Error(String(answer.status));
    show((await answer.json()).groups);
    stale = false;
    if (hurried) follow(shown[0]);
    hurried = false;
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    [stale, hurried] = [false, false];
    tell(palette.dataset.failed);
  }
}

function tell(text) {
  const said = document.createElement('div');
  said.setAttribute('role', 'presentation');
  said.textContent = text;
  list().replaceChildren(said);
  shown = [];
  mark(0);
}

const list = () => palette.querySelector('[role=listbox]');

function show(groups) {
  if (!groups.length) return tell(palette.dataset.none);
  shown = [];
  list().replaceChildren(...groups.map(({ title, items }, number) => {
    const group = document.createElement('div');
    group.setAttribute('role', 'group');
    const name = document.createElement('div');
    name.id = `palette-group-${number}`;
    name.setAttribute('role', 'presentation');
    name.textContent = title;
    group.setAttribute('aria-labelledby', name.id);
    group.append(name, ...items.map(option));
    return group;
  }));
  mark(0);
}

function option({ label, detail, address }) {
  const made = document.createElement('div');
  made.id = `palette-option-${shown.length}`;
  made.setAttribute('role', 'option');
  made.dataset.address = address;
  for (const [text, style] of [[label, ''], [detail, 'small']]) {
    const part = document.createElement('bdi');
    part.className = style;
    part.textContent = text;
    made.append(part);
  }
  shown.push(made);
  return made;
}

function mark(wanted) {
  at = shown.length ? (wanted + shown.length) % shown.length : 0;
  shown.forEach((one, number) => one.setAttribute('aria-selected', String(number === at)));
  const input = palette.querySelector('input');
  if (shown[at]) input.setAttribute('aria-activedescendant', shown[at].id);
  else input.removeAttribute('aria-activedescendant');
  shown[at]?.scrollIntoView({ block: 'nearest' });
}

function follow(chosen) {
  if (chosen) location.assign(chosen.dataset.address);
}

palette?.addEventListener('input', (event) => {
  clearTimeout(timer);
  [stale, hurried] = [true, false];
  timer = setTimeout(() => ask(event.target.value.trim()), PAUSE_MS);
});
palette?.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    mark(at + step);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    if (stale) hurried = true;
    else follow(shown[at]);
  }
});
palette?.addEventListener('click', (event) => {
  const chosen = event.target.closest('[role=option]');
  if (chosen) follow(chosen);
  else if (event.target === palette) palette.close();
});
palette?.addEventListener('close', () => {
  clearTimeout(timer);
  asked?.abort();
});

document.addEventListener('click', (event) => event.target.closest('[data-palette]') && open());
document.addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  if (palette?.open) palette.close();
  else if (!document.querySelector('dialog[open]')) open();
});
