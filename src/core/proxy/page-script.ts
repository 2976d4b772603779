/**
 * What our pages do in the browser: ask the same address again, show what changed, and reload once something else
 * than us answers. Plain ECMAScript in a string, for it runs there; a test keeps its hash in step (see `page.ts`).
 */

export const scriptHash = 'sha256-g5AP0Wnb1uvfCgQj8gDBZMPZm0PBYU75cEznwUEQAhQ=';

export const script = `
(() => {
  const root = document.documentElement;
  const scrollDown = () => { const tail = document.querySelector('#stderr pre'); if (tail) tail.scrollTop = tail.scrollHeight; };
  scrollDown();
  if (root.dataset.watch !== 'by-itself') return;
  const note = document.querySelector('#note');
  const usual = note.textContent;
  const shortest = 500, longest = 5000;
  let wait = 1000, timer, asking = false;

  const show = (fresh) => {
    if (document.title !== fresh.title) document.title = fresh.title;
    for (const name of ['state', 'mood', 'watch']) root.dataset[name] = fresh.documentElement.dataset[name];
    const icon = document.querySelector('link[rel=icon]'), newIcon = fresh.querySelector('link[rel=icon]');
    if (icon && newIcon && icon.href !== newIcon.href) icon.href = newIcon.href;
    let changed = false;
    for (const part of fresh.querySelectorAll('[data-live]')) {
      const old = document.getElementById(part.id);
      if (!old || old.innerHTML === part.innerHTML) continue;
      // A person who is copying text keeps it under the mouse.
      const selection = getSelection();
      if (selection && !selection.isCollapsed && selection.containsNode(old, true)) continue;
      const tail = old.querySelector('pre');
      const atEnd = !tail || tail.scrollTop + tail.clientHeight >= tail.scrollHeight - 4;
      old.innerHTML = part.innerHTML;
      changed = true;
      if (part.id === 'stderr' && atEnd) scrollDown();
    }
    return changed;
  };

  const ask = async () => {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    const control = new AbortController();
    try {
      const response = await fetch(location.href, {
        headers: { 'Accept': 'text/html', 'X-Local-Runtimes-Poll': '1' },
        cache: 'no-store', redirect: 'manual', signal: control.signal,
      });
      if (response.headers.get('X-Local-Runtimes') !== root.dataset.kind) {
        control.abort();
        if (root.dataset.failed !== 'yes') location.reload();
        else note.textContent = 'It is up again. Reload this page to send your request once more.';
        return;
      }
      const changed = show(new DOMParser().parseFromString(await response.text(), 'text/html'));
      note.textContent = usual;
      const moving = root.dataset.mood === 'busy' || root.dataset.mood === 'waiting';
      wait = moving ? shortest : changed ? 1000 : Math.min(longest, wait * 1.3);
    } catch {
      note.textContent = 'The front door does not answer: is the editor still open? Waiting for it.';
      wait = Math.min(longest, wait * 1.3);
    }
    asking = false;
    if (root.dataset.watch === 'by-itself') timer = setTimeout(ask, wait);
  };

  timer = setTimeout(ask, wait);
  addEventListener('focus', ask);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
})();
`;
