/**
 * What can wait until the page can be used: the page is there, its form (if any) is drawn, and the processor is idle.
 * A telephone has one processor for all of it, and whoever opened the page waits for the first two.
 */
const LONGEST_MS = 4000;

const isDrawn = () => !document.querySelector('form-island:not([data-ready])');

const drawn = () => new Promise((done) => {
  if (isDrawn()) return done();
  const observer = new MutationObserver(() => isDrawn() && finish());
  const finish = () => {
    observer.disconnect();
    done();
  };
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-ready'] });
  setTimeout(finish, LONGEST_MS);
});

const idle = () => new Promise((done) => {
  if (window.requestIdleCallback) requestIdleCallback(done, { timeout: 1000 });
  else setTimeout(done);
});

const loaded = () => new Promise((done) => {
  if (document.readyState === 'complete') done();
  else addEventListener('load', done, { once: true });
});

export const settled = loaded().then(drawn).then(idle);
