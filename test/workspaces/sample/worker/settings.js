/** Reads a setting that the worker cannot do without. */
export function requireSetting(name) {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`The setting ${name} is missing`);
  }
  return value;
}
