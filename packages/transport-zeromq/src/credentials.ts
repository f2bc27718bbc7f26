import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { DsmError, type Security } from '@dsm/core';
import { decodeZ85 } from './z85.js';

const keyBytes = 32;

// What a secret key of X25519, and so of CURVE, begins with in PKCS #8; the key itself follows.
const pkcs8Head = '302e020100300506032b656e04220420';

// Routing ids whose proof has been checked. A group's members use far fewer; beyond it they are checked again.
const verdictsMax = 1_024;

/**
 * Binds connections to names. ZeroMQ proves that whoever connects has the secret key of *some* member, but tells
 * neither the receiver of a frame which member, nor whoever checks the key which name the connection goes by. So the
 * name carries a proof: a code over it, under the secret that the keys of its owner and of the member connected to
 * share, and which nobody else can compute. It travels encrypted to that member, so that nobody else can repeat it.
 */
export class Credentials {
  readonly secretKey: string;
  readonly publicKey: string;
  private readonly members: ReadonlyMap<string, string>;
  private readonly ownKey: KeyObject;
  /** What this member's key shares with that of each other. */
  private readonly secrets = new Map<string, Buffer>();
  private readonly verdicts = new Map<string, string | false>();

  /** Throws `DSM_INVALID_OPTION` for keys that are malformed, missing or not a pair. */
  constructor(self: string, { secretKey, members }: Security) {
    this.secretKey = secretKey;
    this.members = new Map(Object.entries(members));
    for (const [name, key] of this.members) keyFrom(key, `public key of ${name}`);
    this.publicKey = this.publicKeyOf(self);
    this.ownKey = secretKeyFrom(secretKey);
    const derived = createPublicKey(this.ownKey).export({ format: 'jwk' }).x;
    if (derived !== keyFrom(this.publicKey, 'public key').toString('base64url')) {
      throw new DsmError('DSM_INVALID_OPTION', `The secret key is not that of the public key of ${self}`);
    }
  }

  publicKeyOf(name: string): string {
    const key = this.members.get(name);
    if (key === undefined) throw new DsmError('DSM_INVALID_OPTION', `security.members has no key of ${name}`);
    return key;
  }

  /** Whether a key, in its 32 bytes, is that of any member. */
  isMember(key: Buffer): boolean {
    return [...this.members.values()].some((member) => decodeZ85(member)?.equals(key));
  }

  /** What a connection of this member goes by, whose name and `/` it begins with: with its proof for who it is to. */
  routingId(claim: string, to: string): string {
    return `${claim}/${this.prove(claim, to)}`;
  }

  /** The member that a connection to this one is of, if it is of the one it names itself after. */
  memberBehind(routingId: Buffer): string | undefined {
    const text = routingId.toString();
    let verdict = this.verdicts.get(text);
    if (verdict === undefined) {
      verdict = this.judge(text);
      if (this.verdicts.size >= verdictsMax) this.verdicts.clear();
      this.verdicts.set(text, verdict);
    }
    return verdict === false ? undefined : verdict;
  }

  private judge(routingId: string): string | false {
    const [, claim, name, proof] = /^((.*)\/[^/]+)\/([\w-]+)$/s.exec(routingId) ?? [];
    if (claim === undefined || name === undefined || proof === undefined) return false;
    if (!this.members.has(name)) return false;
    const expected = Buffer.from(this.prove(claim, name));
    const given = Buffer.from(proof);
    return expected.byteLength === given.byteLength && timingSafeEqual(expected, given) && name;
  }

  /** Proves to another member a claim of this one, or the other way round. */
  private prove(claim: string, other: string): string {
    const secret = this.sharedWith(other);
    // The claim says from which of the two it is.
    return createHmac('sha256', secret).update(`@dsm/transport-zeromq ${claim}`).digest('base64url');
  }

  private sharedWith(name: string): Buffer {
    let secret = this.secrets.get(name);
    if (secret === undefined) {
      const publicKey = publicKeyFrom(this.publicKeyOf(name));
      secret = diffieHellman({ privateKey: this.ownKey, publicKey });
      this.secrets.set(name, secret);
    }
    return secret;
  }
}

function secretKeyFrom(text: string): KeyObject {
  const key = Buffer.concat([Buffer.from(pkcs8Head, 'hex'), keyFrom(text, 'secret key')]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function publicKeyFrom(text: string): KeyObject {
  const x = keyFrom(text, 'public key').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}

function keyFrom(text: string, what: string): Buffer {
  const key = decodeZ85(text);
  if (key?.byteLength === keyBytes) return key;
  throw new DsmError('DSM_INVALID_OPTION', `The ${what} is not a key of 40 characters in Z85`);
}
