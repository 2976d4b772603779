/**
 * The guard's own program, in POSIX shell: it waits for its host to be gone and then ends what the host started.
 *
 * It is a text because it must run without us: nothing of the extension is alive, and perhaps not even
 * installed any more, when it does its work.
 */

/**
 * Called as `sh -c SCRIPT NAME MARK GROUP...`, with the groups that are there already. Reads from descriptor 3: `+PID`
 * and `-PID` for groups that come and go, `.` to leave. When that ends without a `.`, the host has died.
 *
 * - It forks once and the first process leaves, so that nobody who ends the host with its whole tree finds it.
 * - A round looks before it strikes, since a dead parent no longer leads to its children.
 * - `grep` reads the environments (5 ms for all), `awk` follows the tree; each round is one look at everything.
 * - Two looks in a row that find nothing end it, since something may be born during one.
 */
export const guardScript = `
guard() {
  mark=$1
  shift
  groups=' '
  for group in "$@"; do groups="$groups$group "; done
  trap '' HUP INT QUIT TERM PIPE
  while IFS= read -r line; do
    case $line in
      +*) groups="$groups""\${line#+} " ;;
      -*)
        gone=\${line#-}
        case $groups in
          *" $gone "*) groups="\${groups%%" $gone "*} \${groups#*" $gone "}" ;;
        esac
        ;;
      .) exit 0 ;;
    esac
  done
  empty=0
  round=0
  while [ $empty -lt 2 ] && [ $round -lt 60 ]; do
    found=$( { marked; everybody; } | relatives)
    if [ -z "$found" ]; then
      empty=$((empty + 1))
    else
      empty=0
      kill -s KILL $found
    fi
    if [ $round -eq 0 ]; then
      for group in $groups; do kill -s KILL -- "-$group"; done
    fi
    round=$((round + 1))
    sleep 0.03 || sleep 1
  done
}

marked() {
  if [ -r /proc/self/environ ]; then
    grep -lF -- "LOCAL_RUNTIMES_HOST=$mark" /proc/[0-9]*/environ
  else
    # The mark is given in two halves, or this line would find itself.
    tail=\${mark#?????}
    ps -A -E -ww -o pid= -o command= | awk -v head="\${mark%"$tail"}" -v tail="$tail" \\
      'index($0, "LOCAL_RUNTIMES_HOST=" head tail) { print "/proc/" $1 "/environ" }'
  fi
}

everybody() {
  if [ -r /proc/self/stat ]; then
    cat /proc/[0-9]*/stat
  else
    ps -A -o pid= -o stat= -o ppid= -o pgid=
  fi
}

relatives() {
  awk -v groups="$groups" '
    /^\\/proc\\// { split($0, path, "/"); hit[path[3]] = 1; next }
    {
      rest = $0
      if (!sub(/^.*\\) /, "", rest)) sub(/^ *[0-9]+ +/, "", rest)
      split(rest, field, " ")
      if (field[1] ~ /^[ZX]/) next
      parent[$1] = field[2]
      if (index(groups, " " field[3] " ")) hit[$1] = 1
    }
    END {
      do {
        more = 0
        for (pid in parent) if (!(pid in hit) && (parent[pid] in hit)) { hit[pid] = 1; more = 1 }
      } while (more)
      for (pid in hit) if ((pid in parent) && pid + 0 > 1) print pid
    }'
}

guard "$@" <&3 3<&- 2>/dev/null &
`;

/** The same for Windows, in JavaScript, where a tree is ended by its root: called as `node -e SCRIPT ROOT...`. */
export const windowsGuardScript = String.raw`
const { spawnSync } = require('node:child_process');
const roots = new Set(process.argv.slice(1));
let leave = false;
require('node:readline')
  .createInterface({ input: require('node:fs').createReadStream(null, { fd: 3 }) })
  .on('line', (line) => {
    if (line === '.') leave = true;
    else if (line.startsWith('+')) roots.add(line.slice(1));
    else if (line.startsWith('-')) roots.delete(line.slice(1));
  })
  .on('close', () => {
    if (leave) return;
    for (const pid of roots) spawnSync('taskkill', ['/PID', pid, '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  });
`;
