/** Options that name users and groups of the machine. Looks nobody up that the machine does not tell of by itself. */

import { decimal } from '../python/numbers.ts';
import type { Paths } from './paths.ts';
import type { SectionReader } from './reader.ts';

export function checkUser(reader: SectionReader, user: string, { machine }: Paths): void {
  const known = machine.hasUser(user);
  if (known === false)
    reader.refuse('user', `Invalid user ${decimal(user) === undefined ? 'name' : 'id'} ${user}`);
  if (known === undefined) unsure(reader, 'user', `there is a user ${user}`, 'a program starts');
}

/** `user` or `user:group`. `name` is what Supervisor calls the option in its refusal. */
export function checkOwner(
  reader: SectionReader,
  option: string,
  owner: string,
  name: string,
  { machine }: Paths,
): void {
  // There is nobody there to ask for, and nothing that could be given away.
  if (machine.windows) return;
  const colon = owner.indexOf(':');
  const known = [
    machine.hasUser(colon === -1 ? owner : owner.slice(0, colon)),
    colon === -1 ? true : machine.hasUserGroup(owner.slice(colon + 1)),
  ];
  if (known.includes(false)) reader.refuse(option, `Invalid ${name} value ${owner}`);
  else if (known.includes(undefined)) unsure(reader, option, `there is ${owner}`, 'the socket is made');
}

function unsure(reader: SectionReader, option: string, what: string, when: string): void {
  const reason = `whether ${what} is asked of this machine's directory service no sooner than when ${when}`;
  reader.differ(option, reason);
}
