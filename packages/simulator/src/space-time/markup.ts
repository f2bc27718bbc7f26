const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of XML, as opposed to a text that has yet to be escaped. */
export interface Markup {
  readonly xml: string;
}

/** An element on lines of its own. Texts among its children, and attributes, are escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (Markup | string)[]
): Markup {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(figure(value))}"`);
  const open = `<${name}${given.join('')}`;
  if (children.length === 0) return { xml: `${open}/>` };
  if (children.every((child) => typeof child === 'string')) {
    return { xml: `${open}>${children.map(escaped).join('')}</${name}>` };
  }
  const inner = children.map((child) => (typeof child === 'string' ? escaped(child) : child.xml));
  return { xml: [`${open}>`, ...inner, `</${name}>`].join('\n') };
}

/** Coordinates to a tenth: what is beyond cannot be seen, and would differ where rounding does. */
export function figure(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
