/** Words that a shell understands by itself: no program of that name has to be there. */

/** Of POSIX, of bash and zsh, and of the one of Windows. */
const own: ReadonlySet<string> = new Set(
  [
    '. : [ [[ ! { } ( ) if then elif else fi for select while until do done case esac in function time coproc',
    'alias bg bind break builtin caller cd command compgen complete continue declare dirs disown echo enable eval',
    'exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile noglob popd printf',
    'pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset',
    'ulimit umask unalias unset wait assoc call cls copy del dir endlocal erase goto md mkdir move nohup rd rem ren',
    'rename rmdir setlocal start title ver verify vol',
  ].flatMap((words) => words.split(' ')),
);

export function isOfShell(word: string): boolean {
  return own.has(word);
}

/** Whether a shell, by its path, reads a plain text as POSIX has it. */
export function isUsualShell(path: string): boolean {
  return /^(?:ba|da|k|mk|a|z)?sh(?:\.exe)?$/.test(path.split(/[\\/]/).at(-1) ?? '');
}
