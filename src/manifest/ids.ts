/** Every id that `package.json` and the code share, said once; a contract test compares both sides. */

export const viewContainer = 'localRuntimes';
export const servicesView = 'localRuntimes.services';
export const debugType = 'runtimes';
export const languageId = 'runtimes';
export const configFileNames = ['runtimes.yaml', '.vscode/runtimes.yaml'] as const;
/** The prefix of every setting. */
export const settingsSection = 'localRuntimes';

/** Settings by their name after the prefix. */
export const settings = {
  /** The user's own word that opening a folder may start its services. */
  startOnOpen: 'startOnOpen',
  /** A config file other than the folder's own. */
  file: 'file',
} as const;

/** What menus and welcome texts look at. */
export const contextKeys = {
  /** Every folder has been looked at. */
  loaded: 'localRuntimes.loaded',
  /** Some folder has a config file. */
  hasConfig: 'localRuntimes.hasConfig',
  /** Some service is there. */
  hasServices: 'localRuntimes.hasServices',
  /** Some front door is open. */
  hasFrontDoor: 'localRuntimes.hasFrontDoor',
} as const;
