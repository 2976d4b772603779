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
  const { kind, folder } = subject;
  return kind === 'folder' ? `folder:${folder}` : `${kind}:${folder}#${nameOf(subject)}`;
}

/** The name that a person reads. */
export function nameOf(subject: Subject): string {
  switch (subject.kind) {
    case 'folder':
      return folderName(subject.folder);
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
