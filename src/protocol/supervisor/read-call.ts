/**
 * Reads XML-RPC calls.
 *
 * A call comes from whoever can reach the socket, so nothing in it may cost more than its own length: there are no
 * entities but the five that XML has (a document that declares some is refused), and no deep nesting.
 */

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Call, Struct, Value } from './values.ts';

/** The call is not well-formed, or not a call. Answered with 400, as Supervisor does. */
export class UnreadableCall extends Error {
  override readonly name = 'UnreadableCall';
}

const deepest = 64;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  trimValues: false,
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: deepest * 4,
});

/** One node as the parser gives it: an element by its name, or text under `#text`. */
type Node = Readonly<Record<string, unknown>>;

export function readCall(text: string): Call {
  // A DTD can define entities in terms of others until a page of text unfolds to gigabytes; no call has a use for one.
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new UnreadableCall('It declares a document type.');
  const call = only(elements(parse(text)), 'methodCall');
  const parts = elements(call);
  const name = parts.find((part) => tagOf(part) === 'methodName');
  const method = name === undefined ? '' : textOf(childrenOf(name));
  if (method === '') throw new UnreadableCall('It names no method.');
  const list = parts.find((part) => tagOf(part) === 'params');
  const parameters = list === undefined ? [] : elements(childrenOf(list));
  return { method, parameters: parameters.map((each) => valueIn(childrenOf(each), 0)) };
}

function parse(text: string): readonly Node[] {
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw new UnreadableCall(verdict.err.msg);
  try {
    return parser.parse(text) as readonly Node[];
  } catch (error) {
    throw new UnreadableCall(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The value that stands in a `param`, `member` or `data`. */
function valueIn(nodes: readonly Node[], depth: number): Value {
  return readValue(only(elements(nodes), 'value'), depth);
}

function readValue(nodes: readonly Node[], depth: number): Value {
  if (depth > deepest) throw new UnreadableCall('It is nested too deeply.');
  const [element] = elements(nodes);
  // Without a type it is a string.
  if (element === undefined) return textOf(nodes);
  const inner = childrenOf(element);
  const type = tagOf(element);
  switch (type) {
    case 'string':
    case 'dateTime.iso8601':
      return textOf(inner);
    case 'int':
    case 'i4':
    case 'i8':
    case 'double':
      return numberOf(textOf(inner));
    case 'boolean':
      return textOf(inner).trim() === '1';
    case 'base64':
      return decoded(textOf(inner));
    case 'array':
      return elements(only(elements(inner), 'data')).map((each) => readValue(childrenOf(each), depth + 1));
    case 'struct':
      return readStruct(inner, depth);
    default:
      throw new UnreadableCall(`There is no type "${type}".`);
  }
}

function readStruct(nodes: readonly Node[], depth: number): Struct {
  const members = elements(nodes).map((member): [string, Value] => {
    const parts = elements(childrenOf(member));
    const name = parts.find((part) => tagOf(part) === 'name');
    const value = parts.find((part) => tagOf(part) === 'value');
    if (name === undefined || value === undefined)
      throw new UnreadableCall('A member lacks its name or value.');
    return [textOf(childrenOf(name)), readValue(childrenOf(value), depth + 1)];
  });
  return Object.fromEntries(members);
}

function numberOf(text: string): number {
  const value = Number(text.trim());
  if (text.trim() === '' || !Number.isFinite(value)) throw new UnreadableCall(`"${text}" is not a number.`);
  return value;
}

function decoded(text: string): string {
  const binary = atob(text.replaceAll(/\s/g, ''));
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.codePointAt(0) ?? 0));
}

// ---------------------------------------------------------------------------------------------- the tree

function tagOf(node: Node): string {
  return Object.keys(node)[0] ?? '';
}

function childrenOf(node: Node): readonly Node[] {
  const children = node[tagOf(node)];
  return Array.isArray(children) ? (children as readonly Node[]) : [];
}

function elements(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node) => !tagOf(node).startsWith('#') && !tagOf(node).startsWith('?'));
}

function only(nodes: readonly Node[], tag: string): readonly Node[] {
  const found = nodes.find((node) => tagOf(node) === tag);
  if (found === undefined) throw new UnreadableCall(`It has no <${tag}>.`);
  return childrenOf(found);
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function textOf(nodes: readonly Node[]): string {
  return nodes
    .map((node) => node['#text'])
    .filter((text) => typeof text === 'string')
    .join('')
    .replaceAll('\r\n', '\n')
    .replaceAll(
      /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
      (whole, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) {
          const character = entities[name];
          if (character === undefined) throw new UnreadableCall(`There is no entity ${whole}.`);
          return character;
        }
        const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
        if (code > 0x10_ff_ff) throw new UnreadableCall(`There is no character ${whole}.`);
        return String.fromCodePoint(code);
      },
    );
}
