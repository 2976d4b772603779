/** When the last of these is over; undefined: there is nothing to wait for. */
export function whenAll(rooms: readonly (Promise<void> | undefined)[]): Promise<void> | undefined {
  const open = rooms.filter((room) => room !== undefined);
  return open.length === 0 ? undefined : Promise.all(open).then(() => undefined);
}
