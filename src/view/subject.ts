/** What a node of the tree stands for, and its id. Knows nothing of how it is drawn. */

export type FolderSubject = { readonly kind: 'folder'; readonly folder: string };
export type GroupSubject = { readonly kind: 'group'; readonly folder: string; readonly group: string };
export type ServiceSubject = { readonly kind: 'service'; readonly folder: string; readonly service: string };
export type InstanceSubject = {
  readonly kind: 'instance';
  readonly folder: string;
  readonly service: string;
  readonly instance: string;
};

export type Subject = FolderSubject | GroupSubject | ServiceSubject | InstanceSubject;

/** Equal subjects have equal ids, whichever snapshot they come from. */
export function subjectId(subject: Subject): string {
  if (subject.kind === 'folder') return `folder:${subject.folder}`;
  return `${subject.kind}:${subject.folder}#${nameOf(subject)}`;
}

/** What tells it from others of its kind in its folder. */
function nameOf(subject: Exclude<Subject, FolderSubject>): string {
  switch (subject.kind) {
    case 'group':
      return subject.group;
    case 'service':
      return subject.service;
    case 'instance':
      return subject.instance;
  }
}

/** The last part of a path, of either kind of slash. */
export function folderName(folder: string): string {
  return /([^/\\]+)[/\\]*$/.exec(folder)?.[1] ?? folder;
}
