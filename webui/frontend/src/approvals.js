/** Ticking approvals by keyboard: `j` and `k` move, `x` ticks, `a` ticks all, Enter approves what is ticked. */
const form = () => document.querySelector('[data-approvals]');
const ticks = () => [...form().querySelectorAll('.tick')];

function tickAll() {
  const all = ticks();
  const on = !all.every((tick) => tick.checked);
  all.forEach((tick) => { tick.checked = on; });
}

function move(step) {
  const all = ticks();
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
  next?.focus();
  next?.closest('.row').scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', (event) => {
  if (!form() || event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open], [popover]:popover-open')) return;
  const target = event.target;
  if (target.closest?.('input:not(.tick), textarea, select, [contenteditable]')) return;
  const onTick = target.matches?.('.tick');
  if (event.key === 'j' || (onTick && event.key === 'ArrowDown')) move(1);
  else if (event.key === 'k' || (onTick && event.key === 'ArrowUp')) move(-1);
  else if (event.key === 'x' && onTick) target.checked = !target.checked;
  else if (event.key === 'a') tickAll();
  else if (event.key === 'Enter' && onTick) form().requestSubmit();
  else return;
  event.preventDefault();
});

document.addEventListener('click', (event) => event.target.closest?.('[data-tick-all]') && tickAll());

const button = form()?.querySelector('[data-tick-all]');
if (button) button.hidden = false;
