/**
 * What runs outside of the editor's own thread, as one bundle: the worker and the command line are nearly the same code,
 * which is shipped once. Each is evaluated only when it is asked for.
 */

export async function worker(): Promise<void> {
  await import('../host/worker.ts');
}

export async function cli(): Promise<void> {
  await import('./main.ts');
}
