/**
 * The diagram of a process instance: where it has been, where it stands, what stands still.
 *
 * `mount(island)` shows it and returns `{ leave() }`.
 */
import './diagram.css';

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { append, attr, clear, create } from 'tiny-svg';

/** Smaller than this nobody can read the names; the diagram is moved to the work instead. */
const READABLE = 0.78;

export async function mount(island) {
  const texts = island.dataset;
  const place = island.querySelector('.canvas');
  place.setAttribute('role', 'group');
  place.setAttribute('aria-label', texts.labelCanvas);
  let viewer = open(place);
  let xml;
  let state;
  try {
    [xml, state] = await Promise.all([read(texts.xml, 'text'), read(texts.activities, 'json')]);
    await show(viewer, island, xml, state);
  } catch {
    place.textContent = texts.labelFailed;
    viewer.destroy();
    return { leave() {} };
  }
  addTools(island, () => viewer);
  addSteps(island, () => viewer, state);
  island.dataset.ready = '';

  // Shapes carry their colours in the SVG: another theme is another drawing.
  const redraw = async () => {
    const seen = viewer.get('canvas').viewbox();
    viewer.destroy();
    place.replaceChildren();
    viewer = open(place);
    await show(viewer, island, xml, state);
    const { x, y, width, height } = seen;
    viewer.get('canvas').viewbox({ x, y, width, height });
  };
  const device = matchMedia('(prefers-color-scheme: dark)');
  document.documentElement.addEventListener('theme', redraw);
  device.addEventListener('change', redraw);
  return {
    leave() {
      document.documentElement.removeEventListener('theme', redraw);
      device.removeEventListener('change', redraw);
      viewer.destroy();
    },
  };
}

async function read(address, kind) {
  const response = await fetch(address, { headers: { Accept: kind === 'json' ? 'application/json' : 'application/xml' } });
  if (!response.ok) throw new Error(address);
  return response[kind]();
}

function open(place) {
  const colour = (name) => toRgb(place, name);
  return new NavigatedViewer({
    container: place,
    bpmnRenderer: {
      defaultFillColor: colour('--raised'),
      defaultStrokeColor: colour('--ink'),
      defaultLabelColor: colour('--ink'),
    },
    textRenderer: {
      defaultStyle: { fontFamily: getComputedStyle(place).fontFamily, fontWeight: '450', fontSize: 12, lineHeight: 1.25 },
      externalStyle: { fontSize: 11 },
    },
    overlays: { defaults: { scale: { min: 0.85, max: 1.15 } } },
    zoomScroll: { enabled: false },
  });
}

/** The colour that a token stands for in the theme of now, as SVG understands it. */
function toRgb(place, token) {
  const probe = document.createElement('i');
  probe.hidden = true;
  place.append(probe);
  probe.style.color = `var(${token})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

async function show(viewer, island, xml, state) {
  await viewer.importXML(xml);
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const known = (ids) => (ids ?? []).filter((id) => registry.get(id));
  const stuck = new Set(known(state.incidents));
  const active = known(state.active).filter((id) => !stuck.has(id));

  // In a layer above the shapes: lanes are filled and would hide it.
  const layer = canvas.getLayer('taken', 1);
  layer.classList.add('taken');
  clear(layer);
  for (const id of known(state.flows)) {
    const line = create('polyline');
    attr(line, { points: registry.get(id).waypoints.map(({ x, y }) => `${x},${y}`).join(' ') });
    append(layer, line);
  }
  for (const { id } of registry.filter(({ type }) => type === 'bpmn:Lane' || type === 'bpmn:Participant')) canvas.addMarker(id, 'ground');
  for (const id of known(state.completed)) canvas.addMarker(id, 'was');
  for (const id of active) canvas.addMarker(id, 'is');
  for (const id of stuck) canvas.addMarker(id, 'stuck');

  const badge = (id, kind, label) => {
    const element = registry.get(id);
    const count = state.counts?.[id] ?? 1;
    const mark = document.createElement('span');
    mark.className = `badge ${kind}`;
    mark.textContent = kind === 'stuck' ? '!' : String(count);
    mark.title = `${element.businessObject.name ?? id}: ${label}`;
    viewer.get('overlays').add(id, 'badge', { position: { top: -13, right: 13 }, html: mark });
  };
  for (const id of active) badge(id, 'is', island.dataset.labelActive);
  for (const id of stuck) badge(id, 'stuck', island.dataset.labelIncident);
  focus(viewer, [...stuck, ...active]);
}

/** Show everything when it stays readable, else the first place where work is. */
function focus(viewer, ids) {
  const canvas = viewer.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  if (canvas.zoom() >= READABLE) return;
  canvas.zoom(READABLE);
  const registry = viewer.get('elementRegistry');
  const [first] = ids.map((id) => registry.get(id)).sort((a, b) => a.x - b.x);
  const { inner, width, height } = canvas.viewbox();
  const start = first ?? registry.filter((element) => element.type === 'bpmn:StartEvent')[0];
  const within = (wanted, least, size, shown) => (size <= shown ? least - (shown - size) / 2 : Math.min(Math.max(wanted, least - 20), least + size - shown + 20));
  const x = within(start ? start.x + start.width / 2 - width * 0.4 : inner.x, inner.x, inner.width, width);
  const y = within(start ? start.y + start.height / 2 - height / 2 : inner.y, inner.y, inner.height, height);
  canvas.viewbox({ x, y, width, height });
}

function addTools(island, viewer) {
  const bar = document.createElement('div');
  bar.className = 'tools';
  const button = (sign, label, act) => {
    const tool = document.createElement('button');
    tool.type = 'button';
    tool.className = 'icon-btn';
    tool.textContent = sign;
    tool.title = label;
    tool.setAttribute('aria-label', label);
    tool.addEventListener('click', act);
    bar.append(tool);
  };
  button('−', island.dataset.labelOut, () => viewer().get('zoomScroll').stepZoom(-1));
  button('⤢', island.dataset.labelFit, () => viewer().get('canvas').zoom('fit-viewport', 'auto'));
  button('+', island.dataset.labelIn, () => viewer().get('zoomScroll').stepZoom(1));
  island.querySelector('.stage').append(bar);
}

/** The same as words, in the order of the drawing: for phones, and for those who do not see the drawing. */
function addSteps(island, viewer, state) {
  const registry = viewer().get('elementRegistry');
  const { labelActive, labelIncident, labelDone, labelSteps } = island.dataset;
  const kinds = [[state.incidents, 'late', labelIncident], [state.active, 'soon', labelActive], [state.completed, 'good', labelDone]];
  const listed = new Map();
  for (const [ids, kind, label] of kinds) {
    for (const id of ids ?? []) {
      const element = registry.get(id);
      if (element?.businessObject.name && !element.waypoints && !listed.has(id) && !/Gateway$/.test(element.type)) {
        listed.set(id, { element, kind, label });
      }
    }
  }
  if (!listed.size) return;
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = labelSteps;
  const list = document.createElement('ol');
  list.className = 'steps';
  for (const { element, kind, label } of [...listed.values()].sort((a, b) => a.element.x - b.element.x)) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    const tag = document.createElement('span');
    tag.className = `tag ${kind}`;
    tag.textContent = label;
    button.append(tag, element.businessObject.name);
    button.addEventListener('click', () => {
      const canvas = viewer().get('canvas');
      if (canvas.zoom() < READABLE) canvas.zoom(READABLE);
      canvas.scrollToElement(viewer().get('elementRegistry').get(element.id), { top: 120, bottom: 120, left: 160, right: 160 });
      island.querySelector('.stage').scrollIntoView({ block: 'nearest' });
    });
    item.append(button);
    list.append(item);
  }
  details.append(summary, list);
  details.open = matchMedia('(max-width: 47.99rem)').matches;
  island.append(details);
}
