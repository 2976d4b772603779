// A background worker: listens on nothing, takes jobs from a queue. Without QUEUE_URL it cannot start.

import { requireSetting } from './settings.js';

function openQueue() {
  const url = requireSetting('QUEUE_URL');
  console.error(`worker takes jobs from ${url}`);
  return url;
}

console.error('worker starts');
openQueue();

let jobs = 0;
const timer = setInterval(() => {
  jobs += 1;
  console.error(`job ${jobs} done`);
}, 2000);

process.on('SIGTERM', () => {
  clearInterval(timer);
  console.error(`worker says goodbye after ${jobs} jobs`);
});
