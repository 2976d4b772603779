/** Every id that `package.json` and the code share, said once; a contract test compares both sides. */

export const viewContainer = 'localRuntimes';
export const servicesView = 'localRuntimes.services';
export const debugType = 'runtimes';
export const languageId = 'runtimes';
export const configFileNames = ['runtimes.yaml', '.vscode/runtimes.yaml'] as const;
