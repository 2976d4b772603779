/** Asks a program of the system a question and takes what it prints. */

import type * as Programs from './programs.ts';

/** Loaded when it is needed: it is large, and where /proc tells everything, most sessions never do. */
export async function loadExeca(): Promise<typeof Programs> {
  return import('./programs.ts');
}

export interface Answer {
  /** Undefined when the program could not be run, or took too long. */
  readonly code: number | undefined;
  readonly text: string;
}

/** Never rejects. */
export async function ask(program: string, args: readonly string[], timeoutMs = 5_000): Promise<Answer> {
  const { execa } = await loadExeca();
  const options = { reject: false, timeout: timeoutMs, windowsHide: true } as const;
  const { exitCode, stdout } = await execa(program, args, options);
  return { code: exitCode, text: stdout ?? '' };
}

/** The same of PowerShell. */
export async function askPowerShell(query: string): Promise<string> {
  return (await ask('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query])).text;
}
