/** Whether a file that is open in an editor is an `app.yaml` of App Engine's: other programs have files of that name, too. */

import { nameOf } from '../base/path.ts';

export function isAppYaml(path: string, text: string): boolean {
  return (
    /^app\.ya?ml$/i.test(nameOf(path)) && /^(?:runtime|vm|api_version|env_variables|handlers):/m.test(text)
  );
}
