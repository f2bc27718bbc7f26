/** An element, its attributes and texts unescaped. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

const tag = /<(\/?)([a-z]+)((?: [A-Za-z:-]+="[^"<]*")*)(\/?)>/y;
const texts: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };

/** Reads the XML that a drawing may consist of, and throws at everything else. */
export function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  let position = 0;
  while (position < xml.length) {
    const next = xml.indexOf('<', position);
    const text = xml.slice(position, next < 0 ? undefined : next);
    if (text.trim() !== '') open.at(-1)?.children.push(unescaped(text));
    if (next < 0) break;
    tag.lastIndex = next;
    const [all = '', closes, name = '', attributes = '', empty] = tag.exec(xml) ?? [];
    if (all === '') throw new Error(`No tag: ${xml.slice(next, next + 80)}`);
    position = next + all.length;
    if (closes === '/') {
      if (open.length === 1 || open.pop()?.name !== name) throw new Error(`Nothing to close: ${name}`);
      continue;
    }
    const element: Element = { name, attributes: attributesOf(attributes), children: [] };
    open.at(-1)?.children.push(element);
    if (empty !== '/') open.push(element);
  }
  const [only, ...others] = root.children;
  if (open.length > 1) throw new Error(`Never closed: ${open.at(-1)?.name}`);
  if (only === undefined || typeof only === 'string' || others.length > 0) throw new Error('Not one element');
  return only;
}

/** The element and everything below it. */
export function* each(element: Element): Generator<Element> {
  yield element;
  for (const child of element.children) if (typeof child !== 'string') yield* each(child);
}

export function textIn(element: Element): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of text.matchAll(/ ([A-Za-z:-]+)="([^"]*)"/g)) {
    if (key in attributes) throw new Error(`Twice: ${key}`);
    attributes[key] = unescaped(value);
  }
  return attributes;
}

function unescaped(text: string): string {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const allowed =
      code === 9 || code === 10 || code === 13 || (code >= 0x20 && code < 0xd800) || code > 0xdfff;
    if (!allowed || code === 0xfffe || code === 0xffff) throw new Error(`Not a character of XML: ${code}`);
  }
  return text.replace(/&([^;]*;)?/g, (all) => {
    const character = texts[all.slice(1, -1)];
    if (character === undefined) throw new Error(`Not an entity: ${all}`);
    return character;
  });
}
