import { scatter } from './key-space.js';
import { type Action, Mix } from './mix.js';
import { type Random, randomFrom } from './random.js';
import type { Feed, Place, Step } from './workload.js';
import { type Ranks, zipfRanks } from './zipf.js';

/** A load drawn at random: how often each action comes, and which keys are popular. */
export interface Recipe {
  readonly mix: ReadonlyMap<Action, number>;
  readonly keys: number;
  readonly valueBytes: number;
  readonly exponent: number;
  /** `latest`: the keys inserted last are the most popular ones. */
  readonly popular: 'scattered' | 'latest';
}

/** Draws steps for the clients of one member. */
export class SyntheticFeed implements Feed {
  private readonly recipe: Recipe;
  private readonly place: Place;
  private readonly mix: Mix;
  private readonly ranks: Ranks;
  private readonly random: Random;
  private readonly keyOf: (rank: number) => number;
  private inserts = 0;
  /** The newest key that this member knows to exist. */
  private newest: number;

  constructor(recipe: Recipe, place: Place) {
    this.recipe = recipe;
    this.place = place;
    this.mix = new Mix(recipe.mix);
    this.ranks = zipfRanks(recipe.keys, recipe.exponent);
    this.random = randomFrom(place.seed * 1_000 + place.member);
    this.keyOf = scatter(recipe.keys);
    this.newest = recipe.keys - 1;
  }

  next(): Step {
    const action = this.mix.sole ?? this.mix.at(this.random());
    return { action, key: this.keyFor(action), bytes: this.recipe.valueBytes };
  }

  inserted(key: number): void {
    this.newest = Math.max(this.newest, key);
  }

  private keyFor(action: Action): number {
    // Members insert in turn, so that no two insert the same key and nobody has to ask.
    if (action === 'insert') {
      return this.recipe.keys + this.inserts++ * this.place.members + this.place.member;
    }
    const rank = this.ranks.draw(this.random);
    return this.recipe.popular === 'latest' ? Math.max(0, this.newest - rank) : this.keyOf(rank);
  }
}
