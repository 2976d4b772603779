/** Reads the text of /proc/net/tcp and /proc/net/tcp6. Pure. */

export interface ListenerRow {
  readonly host: string;
  readonly port: number;
  readonly inode: string;
}

const listening = '0A';

/**
 * The listeners in a table, or in its beginning. They come before all other sockets, so the table is `complete`
 * for us at the first row that is none.
 */
export function parseListeners(text: string): {
  readonly rows: readonly ListenerRow[];
  readonly complete: boolean;
} {
  const rows: ListenerRow[] = [];
  // The first line is the heading; what follows the last newline is not whole.
  for (const line of text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(1, -1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/u);
    if (local === undefined || inode === undefined) continue;
    if (state !== listening) return { rows, complete: true };
    const [address = '', port = ''] = local.split(':');
    rows.push({ host: hostOf(address), port: Number.parseInt(port, 16), inode });
  }
  return { rows, complete: false };
}

/** `0100007F` is 127.0.0.1: words of four bytes, each the wrong way round. */
function hostOf(hex: string): string {
  const bytes = (hex.match(/.{8}/gu) ?? []).flatMap((word) => (word.match(/../gu) ?? []).toReversed());
  if (bytes.length === 4) return dotted(bytes);
  const mapped = bytes.slice(0, 12).join('') === '00000000000000000000ffff'.toUpperCase();
  if (mapped) return dotted(bytes.slice(12));
  const groups = Array.from({ length: 8 }, (_, index) => bytes.slice(index * 2, index * 2 + 2).join(''));
  // The URL parser knows how an IPv6 address is shortened.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function dotted(bytes: readonly string[]): string {
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}
