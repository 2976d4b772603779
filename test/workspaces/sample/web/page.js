/** The page that a browser gets: who answered, and a stream of events from whoever holds it. */
export function page({ service, pid, port, requests, greeting }) {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${escape(service)}</title>
  <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.5rem; }
    dt { opacity: 0.7; }
    dd { margin: 0; font-variant-numeric: tabular-nums; }
  </style>
  <h1>${escape(greeting)}</h1>
  <dl>
    <dt>Service</dt><dd id="service">${escape(service)}</dd>
    <dt>Process</dt><dd id="pid">${pid}</dd>
    <dt>Port</dt><dd id="port">${port}</dd>
    <dt>Requests here</dt><dd id="requests">${requests}</dd>
    <dt>Last event</dt><dd id="event">waiting</dd>
  </dl>
  <p>Reload to see the other instance answer. <a href="/crash">Crash this one</a> to see it restart.</p>
  <script>
    new EventSource('/events').onmessage = ({ data }) => {
      const { pid, count } = JSON.parse(data);
      document.getElementById('event').textContent = count + ' from process ' + pid;
    };
  </script>
</html>
`;
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => entities[character]);
}
