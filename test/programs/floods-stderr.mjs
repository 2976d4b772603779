// Writes so many megabytes of numbered lines to stderr as fast as they are taken, then ends.
import { writeSync } from 'node:fs';
const megabytes = Number(process.argv[2]);
const line = (n) => `${String(n).padStart(99, '.')}\n`;
let number = 0;
for (let block = 0; block < megabytes * 10; block += 1) {
  let text = '';
  for (let count = 0; count < 1000; count += 1) text += line((number += 1));
  for (let left = Buffer.from(text); left.length > 0;) {
    try {
      left = left.subarray(writeSync(2, left));
    } catch (error) {
      // The pipe is full; the next attempt finds room.
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
