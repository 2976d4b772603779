// An application behind App Engine's front layer that speaks HTTP byte by byte, so that it can also speak it badly.
// Prints "asked METHOD TARGET" for each request and "over" for each of their connections that has ended. Answers on PORT:
// /dies by a broken connection and its end, /garbage with no HTTP, /half with a part of what it has announced, /short with more than it has
// announced, /huge with a byte too many, /failed with an error code, /deaf by listening no more, /nothing with nothing,
// and everything else with the request's own bytes.
import { createServer } from 'node:net';

const ok = (headers, body) => `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${headers}\r\n${body}`;

const answers = {
  '/dies': (socket) => {
    socket.resetAndDestroy();
    process.stderr.write('so long\n', () => process.exit(1));
  },
  '/garbage': (socket) => socket.end('what is this\r\n\r\n'),
  '/half': (socket) => socket.end(ok('Content-Length: 1000\r\n', 'as far as it')),
  '/short': (socket) => socket.end(ok('Content-Length: 5\r\n', 'Hello, and more')),
  '/huge': (socket) => {
    socket.write(ok('', ''));
    socket.end(Buffer.alloc(33_554_433, 'x'));
  },
  '/failed': (socket) => socket.end(ok('X-Appengine-Error-Code: 1\r\n', 'my own words')),
  '/deaf': (socket) => {
    server.close();
    // Without anything to wait for it would end.
    setInterval(() => undefined, 60_000);
    socket.end(ok('', 'deaf from now on'));
  },
  '/nothing': (socket) => socket.end(),
};

const server = createServer({ allowHalfOpen: true }, (socket) => {
  let text = '';
  let isAsked = false;
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    if (isAsked) console.log('over');
  });
  socket.on('end', () => socket.end());
  socket.on('data', (piece) => {
    text += piece;
    const end = text.indexOf('\r\n\r\n') + 4;
    const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
    if (end < 4 || text.length < end + length) return;
    if (/^transfer-encoding: *chunked/im.test(text) && !text.endsWith('0\r\n\r\n')) return;
    const [, method, target] = /^(\S+) (\S+)/.exec(text) ?? [];
    isAsked = true;
    console.log(`asked ${method} ${target}`);
    const echo = () =>
      socket.end(Buffer.from(ok('Server: mine\r\nFoo: a\r\nFoo: b\r\nSet-Cookie: a=b\r\n', text), 'latin1'));
    (answers[target] ?? echo)(socket);
  });
});
process.stderr.write('ready to fail\n');
server.listen(Number(process.env.PORT), '127.0.0.1');
