/** Runs programs of the system. A file and a bundle of its own, since it is large and many sessions never need it. */

export { execa } from 'execa';
