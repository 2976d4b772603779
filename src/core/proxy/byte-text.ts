/**
 * Texts in which each character stands for one byte, as HTTP's heads come and as CGI's variables go.
 *
 * What a file system or a config says is text; what stands on a wire is bytes, and not always those of UTF-8. Between
 * the two only these functions translate.
 */

/** The bytes of a text in UTF-8. */
export function toByteText(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => String.fromCodePoint(byte)).join('');
}

/** The text that bytes mean in UTF-8. What is no UTF-8 becomes a replacement character, and so no name of a file. */
export function fromByteText(bytes: string): string {
  return new TextDecoder().decode(bytesOf(bytes));
}

/** The bytes themselves. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** Bytes as a text of one character each. */
export function byteTextOf(bytes: Uint8Array): string {
  let text = '';
  // In pieces, for a call takes only so many arguments.
  for (let from = 0; from < bytes.length; from += 4096) {
    text += String.fromCharCode(...bytes.subarray(from, from + 4096));
  }
  return text;
}
