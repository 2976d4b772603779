/** Rust, for which there is no recipe: cargo builds and runs it. */

import type { Folder } from './folder.ts';
import { handshakeBy, type Proposal } from './proposal.ts';

export function rustServices(folder: Folder): readonly Proposal[] {
  if (!folder.has('Cargo.toml')) return [];
  const main = folder.text('src/main.rs');
  if (main === undefined) return [];
  return [
    {
      name: 'rust',
      runtime: 'custom',
      command: 'cargo run',
      ...handshakeBy(main),
      because: 'Cargo.toml is beside a src/main.rs',
      sure: true,
    },
  ];
}
