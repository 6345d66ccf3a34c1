/** Keys that work on every page: `/` searches, `?` helps, `g` and a letter goes somewhere. */
/** Where `g` and a letter go: what the help sheet of the page says. */
const placeOf = (letter) => document.querySelector(`#help [data-key="${CSS.escape(letter)}"]`)?.dataset.place;
let awaitingPlace = 0;

/** Is somebody typing, or a dialog open? Then letters are letters. */
export const isTyping = (event) =>
  event.altKey || event.ctrlKey || event.metaKey || event.isComposing ||
  Boolean(event.target.closest?.('input, textarea, select, [contenteditable], dialog[open], [role=listbox], .fjs-container, [popover]:popover-open'));

export function help() {
  document.querySelector('[popover]:popover-open')?.hidePopover();
  document.getElementById('help')?.showModal();
}

document.addEventListener('click', (event) => event.target.closest('[data-help]') && help());

document.addEventListener('keydown', (event) => {
  if (isTyping(event)) return;
  if (event.timeStamp < awaitingPlace && placeOf(event.key)) {
    awaitingPlace = 0;
    location.assign(placeOf(event.key));
  } else if (event.key === 'g') {
    awaitingPlace = event.timeStamp + 1500;
  } else if (event.key === '?') {
    event.preventDefault();
    help();
  } else if (event.key === '/') {
    const search = document.querySelector('[data-search]');
    if (search?.offsetParent) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});
