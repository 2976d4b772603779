/** Which folder's tests belong to which ring. Data alone; a contract test sees to it that no test is in none. */

export interface Ring {
  readonly number: 1 | 2 | 3 | 4;
  readonly title: string;
  /** Folders below `test/`. */
  readonly folders: readonly string[];
  /** How many of its files run at once: real processes and browsers get in each other's way. */
  readonly atOnce: number;
  /** A test may take this many minutes, and so may the ring without a word from any test; then it is ended. */
  readonly patience: number;
  /** Who runs the tests: Node here, or Mocha inside an editor. */
  readonly runner: 'node' | 'editor';
  /** What has to be made before its tests can run. */
  readonly needs: 'nothing' | 'bundles' | 'package';
  /** Its tests run programs of the system beside our own. */
  readonly programs: boolean;
}

export const rings: readonly Ring[] = [
  {
    number: 1,
    title: 'tables: pure functions, no process',
    folders: [
      'base',
      'faults',
      'config',
      'core',
      'view',
      'language',
      'debug',
      'protocol',
      'manifest',
      'contract',
    ],
    atOnce: 2,
    patience: 1,
    runner: 'node',
    needs: 'nothing',
    programs: false,
  },
  {
    number: 2,
    title: 'processes: real children, sockets and bundles',
    folders: ['node', 'cli', 'servers', 'package'],
    atOnce: 2,
    patience: 3,
    runner: 'node',
    needs: 'package',
    programs: true,
  },
  {
    number: 3,
    title: 'inside a real VS Code',
    folders: ['host'],
    atOnce: 1,
    patience: 12,
    runner: 'editor',
    needs: 'bundles',
    programs: false,
  },
  {
    number: 4,
    title: 'as a person, in a browser',
    folders: ['e2e'],
    atOnce: 1,
    patience: 6,
    runner: 'node',
    needs: 'package',
    programs: true,
  },
];

/** The pattern of a ring's test files, for each of its folders. */
export function patterns(ring: Ring): string[] {
  return ring.folders.map((folder) => `test/${folder}/**/*.test.ts`);
}
