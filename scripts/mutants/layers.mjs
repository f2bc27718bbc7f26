// The ways to kill a mutant: a command, and the name of the property that its failure has to show.

/** The names of layers, from the quickest. */
export const layerNames = ['test', 'explore', 'simulate', 'conformance'];

/** A test of a package, by its file and its whole name. */
export function tested(folder, file, name) {
  return {
    layer: 'test',
    folder: `packages/${folder}`,
    command: ['vitest', 'run', `test/${file}.test.ts`],
    names: name,
  };
}

/** Every order of the messages of a script. */
export function explored(protocol, script, property, ...options) {
  const command = ['node', 'apps/node/dist/main.js', 'explore', protocol, '--script', script, ...options];
  return { layer: 'explore', command, names: property };
}

/** Many seeds of the simulator. */
export function simulated(protocol, property, ...options) {
  const command = ['node', 'apps/node/dist/main.js', 'simulate', protocol, ...options];
  return { layer: 'simulate', command, names: property };
}
