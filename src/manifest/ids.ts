/** Every id that `package.json` and the code share, said once; a contract test compares both sides. */

export const viewContainer = 'localRuntimes';
export const servicesView = 'localRuntimes.services';
export const debugType = 'runtimes';
export const languageId = 'runtimes';
/** Tells the language server which recipes other extensions have brought. */
export const recipesNotification = 'localRuntimes/recipes';
/** Ours, which "Create runtimes.yaml" writes or opens. */
export const ownConfigFileNames = ['runtimes.yaml', '.vscode/runtimes.yaml'] as const;
/** Every file that can be a folder's config, in the order of preference. */
export const configFileNames = [...ownConfigFileNames, 'supervisord.conf', 'etc/supervisord.conf'] as const;
/**
 * Files by which a folder is an App Engine project, which needs no config of ours: `*` is any folder right below it.
 * Only where none of the files above is there.
 */
export const projectFileNames = ['app.yaml', 'app.yml', 'dispatch.yaml', '*/app.yaml', '*/app.yml'] as const;
/** The prefix of every setting. */
export const settingsSection = 'localRuntimes';

/** Settings by their name after the prefix. */
export const settings = {
  /** The user's own word that opening a folder may start its services. */
  startOnOpen: 'startOnOpen',
  /** A config file other than the folder's own. */
  file: 'file',
  /** Services that are done are out of sight. */
  hideFinished: 'hideFinished',
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
  /** Some services belong to a group that is shown as one. */
  hasGroups: 'localRuntimes.hasGroups',
  /** Some service ends by itself, so that it can be finished. */
  hasJobs: 'localRuntimes.hasJobs',
  /** Finished services are out of sight. */
  hidesFinished: 'localRuntimes.hidesFinished',
} as const;
