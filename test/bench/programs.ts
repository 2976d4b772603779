/**
 * The children that benchmarks start: as light as can be, so that what is measured is us.
 *
 * Written in C, since Node and Python spend ten times as long starting as everything that
 * is measured here.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const serverInC = `
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* server HOW [PATHS]: listens on PORT or a free port, then tells it on stdout, in a file, or not at all. */
int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "silent";
  const char *port = argc > 2 && strncmp(argv[2], "port=", 5) == 0 ? argv[2] + 5 : getenv("PORT");
  int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  memset(&at, 0, sizeof at);
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port && strcmp(how, "stdout") && strcmp(how, "file") ? atoi(port) : 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 64)) { perror("listen"); return 1; }
  getsockname(fd, (struct sockaddr *)&at, &size);
  if (!strcmp(how, "stdout") || !strcmp(how, "say")) { printf("%d\\n", ntohs(at.sin_port)); fflush(stdout); }
  if (!strcmp(how, "file")) { FILE *f = fopen(argv[argc - 1], "w"); fprintf(f, "%d\\n", ntohs(at.sin_port)); fclose(f); }
  for (;;) {
    char head[8192];
    int c = accept(fd, 0, 0);
    if (c < 0) continue;
    if (read(c, head, sizeof head) > 0) {
      const char *answer = "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok";
      if (write(c, answer, strlen(answer)) < 0) perror("write");
    }
    close(c);
  }
}
`;

const floodInC = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* flood MEGABYTES BYTES_A_WRITE: lines of 100 bytes to stderr, so many bytes in each write. */
int main(int argc, char **argv) {
  long long left = atoll(argv[1]) * 1000000LL;
  size_t size = atol(argv[2]), at = 0;
  char *buffer = malloc(size);
  for (size_t i = 0; i < size; i += 1) buffer[i] = i % 100 == 99 ? '\\n' : 'a' + i % 23;
  while (left > 0) {
    ssize_t n = write(2, buffer + at, size - at);
    if (n <= 0) return 1;
    left -= n;
    at = (at + n) % size;
  }
  return 0;
}
`;

const beaconInC = `
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
/* beacon FIFO: writes its pid to it as a line, and holds it until it is killed. */
int main(int argc, char **argv) {
  char line[32];
  int fd = open(argv[1], O_WRONLY), size = snprintf(line, sizeof line, "%d\\n", getpid());
  if (fd < 0 || write(fd, line, size) != size) return 1;
  for (;;) pause();
}
`;

export interface Programs {
  readonly server: readonly string[];
  readonly flood: readonly string[];
  readonly beacon: readonly string[];
  readonly language: string;
  dispose(): void;
}

/** @throws Error when there is no C compiler. */
export function buildPrograms(): Programs {
  const folder = mkdtempSync(join(tmpdir(), 'runtimes-bench-'));
  const build = (name: string, source: string): string => {
    writeFileSync(join(folder, `${name}.c`), source);
    execFileSync('cc', ['-O2', '-w', '-o', join(folder, name), join(folder, `${name}.c`)]);
    return join(folder, name);
  };
  try {
    return {
      server: [build('server', serverInC)],
      flood: [build('flood', floodInC)],
      beacon: [build('beacon', beaconInC)],
      language: 'C',
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(
      'The benchmarks need a C compiler (cc) for children light enough to be measured against.',
      {
        cause: error,
      },
    );
  }
}
