/** Where services stand that a half-typed file does not have any more. Pure. */

/**
 * The names in the order of the file; those that it lacks stay behind the one they stood behind before.
 *
 * @param before All names, as they stood until now, and what is new at the end.
 * @param file The names of the file. Those that are not among `before` are left out.
 */
export function inPlaces(before: readonly string[], file: readonly string[]): readonly string[] {
  const there = new Set(before);
  const written = new Set(file);
  const places = file.filter((name) => there.has(name));
  for (const [index, name] of before.entries()) {
    if (written.has(name)) continue;
    // Whatever stood before it has its place by now.
    const previous = before[index - 1];
    places.splice(previous === undefined ? 0 : places.indexOf(previous) + 1, 0, name);
  }
  return places;
}
