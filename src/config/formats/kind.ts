/** Which format a config file is in. A person may choose any file, so its name decides, wherever it stands. */

export function isSupervisord(path: string): boolean {
  return /\.(?:conf|ini)$/i.test(path);
}
