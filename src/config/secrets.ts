/** Values that look secret are masked in every view. A child gets them as they are. */

const secretName =
  /SECRET|TOKEN|PASSW(?:OR)?D|PASSPHRASE|CREDENTIAL|PRIVATE|AUTH|SALT|(?:^|_)(?:PASS|PWD|KEY|DSN)$|API_?KEY/i;
/** `postgres://user:secret@host`: the name may be harmless, the value is not. */
const passwordInUrl = /([a-z][a-z0-9+.-]*:\/\/[^/@:\s]*:)[^/@\s]+@/gi;

const mask = '••••••';

export function maskEnvironment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, maskValue(name, value)]));
}

function maskValue(name: string, value: string): string {
  if (value !== '' && secretName.test(name)) return mask;
  return value.replace(passwordInUrl, `$1${mask}@`);
}

/** A text, such as an argument, in which the values of secret variables are masked too. */
export function maskText(text: string, env: Readonly<Record<string, string>>): string {
  let masked = text.replace(passwordInUrl, `$1${mask}@`);
  for (const [name, value] of Object.entries(env)) {
    // A short value would mask innocent letters.
    if (value.length >= 4 && secretName.test(name)) masked = masked.replaceAll(value, mask);
  }
  return masked;
}
