/** Values that look secret are masked in every view. A child gets them as they are. */

const secretName =
  /(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|AUTH)/i;
/** `postgres://user:secret@host`: the name may be harmless, the value is not. */
const passwordInUrl = /^([a-z][a-z0-9+.-]*:\/\/[^/@:\s]*:)[^/@\s]+@/i;

const mask = '••••••';

export function maskEnvironment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, maskValue(name, value)]));
}

function maskValue(name: string, value: string): string {
  if (value !== '' && secretName.test(name)) return mask;
  return value.replace(passwordInUrl, `$1${mask}@`);
}
