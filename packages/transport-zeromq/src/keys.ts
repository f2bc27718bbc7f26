import { curveKeyPair } from 'zeromq';

/** A member's keys, in Z85: 40 characters each. The public one goes to every member, the secret one to nobody. */
export interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

export function generateKeys(): KeyPair {
  return curveKeyPair();
}
