/**
 * Stands in for @vscode/spdlog, whose native part needs a compiler.
 *
 * The editor writes its log files and the content of every output channel through it, so without it each channel
 * would stay empty. Only what the editor calls is here; levels are numbered as there, from trace to off.
 */

const { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } = require('node:fs');
const { dirname, extname } = require('node:path');

const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

class Logger {
  #file;
  #maxBytes;
  #maxFiles;
  #descriptor;
  #bytes;
  #level = 2;
  #raw = false;

  constructor(_kind, _name, file, maxBytes, maxFiles) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#maxFiles = maxFiles;
    this.#open();
  }

  trace(message) { this.#write(0, message); }
  debug(message) { this.#write(1, message); }
  info(message) { this.#write(2, message); }
  warn(message) { this.#write(3, message); }
  error(message) { this.#write(4, message); }
  critical(message) { this.#write(5, message); }
  getLevel() { return this.#level; }
  setLevel(level) { this.#level = level; }
  setPattern() { this.#raw = false; }
  clearFormatters() { this.#raw = true; }
  flush() {}

  drop() {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open() {
    mkdirSync(dirname(this.#file), { recursive: true });
    this.#descriptor = openSync(this.#file, 'a');
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  #write(level, message) {
    if (level < this.#level || this.#descriptor === undefined) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const bytes = Buffer.from(this.#raw ? message : `${time} [${names[level]}] ${message}\n`);
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#maxBytes) this.#rotate();
    writeSync(this.#descriptor, bytes);
    this.#bytes += bytes.length;
  }

  /** `a.log` becomes `a.1.log`, that `a.2.log`, and the last one goes. */
  #rotate() {
    closeSync(this.#descriptor);
    const extension = extname(this.#file);
    const stem = this.#file.slice(0, this.#file.length - extension.length);
    const numbered = (index) => (index === 0 ? this.#file : `${stem}.${index}${extension}`);
    for (let index = this.#maxFiles; index > 0; index -= 1) {
      if (existsSync(numbered(index - 1))) renameSync(numbered(index - 1), numbered(index));
    }
    this.#open();
  }
}

exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.createRotatingLogger = async (name, file, maxBytes, maxFiles) => new Logger('rotating', name, file, maxBytes, maxFiles);
exports.createAsyncRotatingLogger = exports.createRotatingLogger;
