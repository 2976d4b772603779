/** How a Java program lets a debugger in, and where it says it listens. Pure. */

import type { Debugging } from '../recipe.ts';
import type { JavaTool } from './command.ts';

export const jdwp: Debugging = {
  address(line) {
    const match = /^Listening for transport dt_socket at address: (?:(.+):)?(\d+)$/u.exec(line.trim());
    if (match?.[2] === undefined) return undefined;
    const host =
      match[1] === undefined || match[1] === '*' ? '127.0.0.1' : match[1].replaceAll(/[[\]]/gu, '');
    return { host, port: Number(match[2]) };
  },
};

function agent(port: number): string {
  return `-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:${port}`;
}

export interface Debugged {
  /** The program and its arguments, as they were or with more. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * `java` itself gets the port that we chose. Whatever starts Java in turn tells all that it starts, so that each takes a
 * port of its own choice: two of them cannot share one.
 */
export function underDebugger(
  words: readonly string[],
  tool: JavaTool | undefined,
  port: number,
  env: Readonly<Record<string, string>>,
): Debugged {
  const [program = '', ...rest] = words;
  if (tool === 'java') return { words: [program, agent(port), ...rest], env: {} };
  const forks = rest.some((word) => /(?:^|:)spring-boot:run$|^spring-boot:run$/u.test(word));
  if (tool === 'maven' && forks && !rest.some((word) => word.includes('spring-boot.run.jvmArguments'))) {
    return { words: [program, ...rest, `-Dspring-boot.run.jvmArguments=${agent(port)}`], env: {} };
  }
  return { words, env: { JAVA_TOOL_OPTIONS: `${env['JAVA_TOOL_OPTIONS'] ?? ''} ${agent(0)}`.trim() } };
}
